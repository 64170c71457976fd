"""Readings of site sensors, through the real ingest to the floor board."""

from datetime import datetime, timedelta
from typing import Any

from contracts.events import SensorReading
from tests.gateway.facing import Faces


async def measure(faces: Faces, value: float, level: str = "ok", minutes_ago: float = 0, **more: Any) -> datetime:
    """When it was measured."""
    data = {"quantity": "temperature", "value": value, "level": level, "low": 18.0, "high": 28.0} | more
    at = faces.clock.now - timedelta(minutes=minutes_ago)
    await faces.event(SensorReading.model_validate(data), at=at)
    return at


async def floor(faces: Faces) -> Any:
    return await faces.house.get("manager", "/v1/floor")


async def test_the_board_shows_the_newest_reading_and_since_when_it_is_beyond_its_limit(faces: Faces) -> None:
    await measure(faces, 27.0)
    faces.clock.forward(minutes=5)
    began = await measure(faces, 28.4, "high")
    faces.clock.forward(minutes=5)
    await measure(faces, 29.1, "high")
    shown = await floor(faces)
    (reading,) = shown["readings"]
    assert (reading["value"], reading["level"], reading["stale"]) == (29.1, "high", False)
    (alarm,) = [note for note in shown["alarms"] if note["rule"] == "reading"]
    assert alarm["reason"] == "high"
    assert (alarm["facts"]["value"], alarm["facts"]["limit"]) == (29.1, 28.0)
    assert alarm["facts"]["since"] == began.isoformat()


async def test_back_within_its_limits_the_alarm_ends(faces: Faces) -> None:
    await measure(faces, 29.0, "high")
    faces.clock.forward(minutes=1)
    await measure(faces, 27.0)
    assert [note for note in (await floor(faces))["alarms"] if note["rule"] == "reading"] == []


async def test_what_is_told_late_does_not_replace_what_is_known(faces: Faces) -> None:
    await measure(faces, 22.0)
    await measure(faces, 40.0, "high", minutes_ago=3)
    assert [reading["value"] for reading in (await floor(faces))["readings"]] == [22.0]


async def test_an_old_reading_is_shown_as_old_and_raises_no_alarm(faces: Faces) -> None:
    await measure(faces, 29.0, "high")
    faces.clock.forward(minutes=31)
    shown = await floor(faces)
    assert [reading["stale"] for reading in shown["readings"]] == [True]
    assert [note for note in shown["alarms"] if note["rule"] == "reading"] == []


async def test_each_quantity_stands_for_itself(faces: Faces) -> None:
    await measure(faces, 22.0)
    await measure(faces, 900, quantity="co2", low=None, high=1000)
    assert {reading["quantity"] for reading in (await floor(faces))["readings"]} == {"temperature", "co2"}
