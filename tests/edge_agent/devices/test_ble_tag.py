"""Bluetooth tags at a door: who came near, once, and that nobody else is looked at."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import BadgeRead
from edge_agent.devices.base import Heard
from edge_agent.devices.ble_tag import DRIVER, Approach, guess, parse
from edge_agent.devices.factory import build
from edge_agent.devices.lenient import PayloadError
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.devices.speaking import config
from tests.support.processes import until

TOPIC = "espresense/devices/+/door"


@pytest.mark.parametrize("case", cases("ble_tag"), ids=lambda case: case["name"])
def test_documented_objects_are_read(case: dict[str, Any]) -> None:
    assert parse(json.dumps(case["payload"]).encode()) == tuple(case["read"])


@given(
    st.sampled_from([case["payload"] for case in cases("ble_tag")]),
    st.dictionaries(
        st.sampled_from(["id", "distance", "ID", "rssi"]),
        st.none() | st.text("a1:é", max_size=9) | st.floats() | st.booleans(),
    ),
    st.sets(st.sampled_from(["id", "distance"])),
)
def test_a_mutated_object_is_refused_or_has_an_id_and_a_distance_that_can_be(
    payload: dict[str, Any], changed: dict[str, Any], removed: set[str]
) -> None:
    mutated = {name: value for name, value in (payload | changed).items() if name not in removed}
    try:
        tag, metres = parse(json.dumps(mutated).encode())
    except PayloadError:
        return
    assert (tag, metres) == (mutated["id"], mutated["distance"]) and 0 <= metres <= 1000


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        parse(b"\xff" + payload)


def test_a_tag_has_come_when_it_is_near_and_again_only_after_it_was_away() -> None:
    approach = Approach(near_metres=2.5, away_seconds=60)
    seen = [(4.0, 0), (2.0, 10), (1.0, 50), (2.4, 100), (3.0, 120), (2.0, 161), (2.0, 230)]
    assert [approach.has_come("a", metres, at) for metres, at in seen] == [
        False,
        True,
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.fixture
def at_the_door(tmp_path: Path) -> Iterator[RememberingHost]:
    host = RememberingHost()
    settings = {"staff": ["0A:0B:0C:0D:0E:0F"], "non_customers": {"iBeacon:lent-1": "cleaner"}}
    device = build(config("ble_tag", topic=TOPIC, key_file=str(tmp_path / "badges.key"), **settings))
    thread = threading.Thread(target=device.run, args=(host,), daemon=True)
    thread.start()
    until(lambda: host.handlers, seconds=5, what="the subscription")
    yield host
    host.stopping.set()
    thread.join(5)


def hear(host: RememberingHost, **payload: Any) -> int:
    """How often the message was called done."""
    calls: list[int] = []
    host.handlers[TOPIC](json.dumps(payload).encode(), lambda: calls.append(1))
    return len(calls)


def test_staff_and_lent_tags_are_told_and_a_customers_telephone_is_not(at_the_door: RememberingHost) -> None:
    assert hear(at_the_door, id="0a:0b:0c:0d:0e:0f", distance=1.0) == 1
    assert hear(at_the_door, id="iBeacon:lent-1", distance=1.0) == 1
    assert hear(at_the_door, id="apple:1005:9-12", distance=0.5) == 1
    told = [(read.kind, read.reason) for read in at_the_door.reported if isinstance(read, BadgeRead)]
    assert told == [("staff", "other"), ("non_customer", "cleaner")]
    assert at_the_door.discarded == 0, "who passes with a telephone is not even counted"


def test_an_unreadable_report_is_done_counted_and_shown(at_the_door: RememberingHost) -> None:
    assert hear(at_the_door, id="0A:0B:0C:0D:0E:0F", distance="near") == 1
    assert at_the_door.discarded == 1 and at_the_door.states[-1] == ("degraded", "unreadable report: no distance")


def test_every_telephone_may_not_be_staff(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="name the tags"):
        config("ble_tag", topic=TOPIC, key_file=str(tmp_path / "key"), staff="any")


def test_it_is_guessed_from_its_own_topic() -> None:
    payload = json.dumps({"id": "tag-1", "distance": 1.0}).encode()
    found = guess(Heard("espresense/devices/tag-1/door", payload))
    assert found is not None and found["topic"] == TOPIC and "tag-1" not in str(found["staff"])
    assert DRIVER.config.model_validate({"id": "tags", **found})
    assert guess(Heard("home/presence/x", payload)) is None
