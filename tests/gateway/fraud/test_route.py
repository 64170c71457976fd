"""Signals through a running gateway: whom they are shown to, what of the office's data they rest on, pages."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from contracts.ids import uuid7
from gateway.attribution.tables import AgentScanRow, RegistrationRow
from tests.gateway.attribution.test_claims import PHONE, keep, registration
from tests.gateway.house import House
from tests.gateway.people import uid

PATH = "/v1/fraud-signals"


def path(house: House, *, days: float = 2, **more: Any) -> str:
    now = house.clock.now
    ends = {"from": (now - timedelta(days=days)).isoformat(), "to": (now + timedelta(minutes=1)).isoformat()}
    return f"{PATH}?" + "&".join(f"{key}={quote(str(value))}" for key, value in (ends | more).items())


def late(house: House, channel: str = "C", minutes: float = 10, **more: Any) -> RegistrationRow:
    """Accepted so many minutes before now."""
    row = registration(house, channel, **more)
    row.accepted_at = house.clock.now - timedelta(minutes=minutes)
    return row


async def test_the_manager_reads_ids_and_numbers(house: House) -> None:
    row = late(house)
    claim_id = row.registration_id
    await keep(house, row)
    visit = await house.check_in(PHONE)
    answer = await house.get("m", path(house))
    (signal,) = answer["items"]
    assert (signal["code"], signal["visit_id"]) == ("registered_near_arrival", visit["visit_id"])
    assert (signal["registration_ids"], signal["agent_id"]) == ([claim_id], uid("c"))
    assert signal["figures"]["minutes_before"] == pytest.approx(10, abs=0.01)
    assert (answer["visits"], answer["registrations"], answer["next_cursor"]) == (1, 1, None)
    text = json.dumps(answer)
    assert PHONE not in text and "****" not in text


@pytest.mark.parametrize(
    ("who", "status"), [("m", 200), ("a", 403), ("reception", 403), ("kiosk", 403), ("board", 403)]
)
async def test_who_may_read_them(house: House, who: str, status: int) -> None:
    assert (await house.call(who, "GET", path(house))).status_code == status


async def test_a_walk_in_registered_after_it_came(house: House) -> None:
    await house.check_in(PHONE)
    house.clock.forward(hours=2)
    await keep(house, late(house))
    (signal,) = (await house.get("m", path(house)))["items"]
    assert signal["code"] == "walk_in_registered_after"


@pytest.mark.parametrize("gone", ["registration", "visit"])
async def test_what_was_withdrawn_is_no_signal(house: House, gone: str) -> None:
    row = late(house)
    row.withdrawn_at = house.clock.now if gone == "registration" else None
    await keep(house, row)
    visit = await house.check_in(PHONE)
    if gone == "visit":
        await house.post("reception", f"/v1/visits/{visit['visit_id']}/non-customer", {"reason": "scout"}, uuid7())
    assert (await house.get("m", path(house)))["items"] == []


async def test_a_code_read_at_the_door_says_that_they_brought_them(house: House) -> None:
    phones = ("13800001111", "13800002222", "13800003333")
    for phone in phones:
        await keep(house, late(house, "C", 300, phone=phone), late(house, "D", 200, masked=True, phone=phone))
    visit = await house.check_in(phones[0])
    assert [s["code"] for s in (await house.get("m", path(house)))["items"]] == ["masked_behind_rivals"]
    scan = {"visit_id": visit["visit_id"], "channel_id": uid("D"), "agent_id": uid("d"), "at": house.clock.now}
    await keep(house, AgentScanRow(scan_id=uuid7(), **scan))
    assert (await house.get("m", path(house)))["items"] == []


async def test_pages_follow_each_other(house: House) -> None:
    await keep(house, *(late(house, channel, n + 1) for n, channel in enumerate("CDEFG")))
    await house.check_in(PHONE)
    whole = (await house.get("m", path(house)))["items"]
    assert len(whole) == 6
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        page = await house.get("m", path(house, limit=2, **more))
        found, cursor = found + page["items"], page["next_cursor"]
    assert found == whole


@pytest.mark.parametrize("days", [31, 0])
async def test_a_period_ends_after_it_begins_and_has_at_most_31_days(house: House, days: float) -> None:
    until = house.clock.now if days else house.clock.now - timedelta(minutes=2)
    answer = await house.call("m", "GET", path(house, days=days, to=until.isoformat()))
    assert answer.status_code == (200 if days else 422)
    long = await house.call("m", "GET", path(house, days=31, to=(until + timedelta(seconds=1)).isoformat()))
    assert (long.status_code, long.json()["code"]) == (422, "period") if days else True
