"""ESPHome counters: totals on topics of their own, and whether the device is there."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.base import Heard
from edge_agent.devices.esphome_counter import EXACT, EsphomeConfig, EsphomeCounter, guess, total
from edge_agent.devices.lenient import PayloadError
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.support.processes import until

PREFIX = "office/door"


@pytest.mark.parametrize("case", cases("esphome_counter"), ids=lambda case: case["name"])
def test_totals_are_read(case: dict[str, Any]) -> None:
    assert total(case["payload"].encode()) == case["total"]


@pytest.mark.parametrize("payload", fixture("esphome_counter")["unusable"])
def test_what_is_no_total_is_refused(payload: str) -> None:
    with pytest.raises(PayloadError):
        total(payload.encode())


@given(st.binary(max_size=40) | st.text(alphabet="0123456789.-e+na", max_size=20).map(str.encode))
def test_no_bytes_make_an_impossible_total(payload: bytes) -> None:
    try:
        assert 0 <= total(payload) <= EXACT
    except PayloadError:
        return


class Counter:
    """The driver at work, and the device that speaks to it."""

    def __init__(self, **settings: Any) -> None:
        self.host = RememberingHost()
        self.done = 0
        config = {"id": "door", "driver": "esphome_counter", "prefix": PREFIX, **settings}
        device = EsphomeCounter(EsphomeConfig.model_validate(config))
        threading.Thread(target=device.run, args=(self.host,), daemon=True).start()
        until(lambda: f"{PREFIX}/status" in self.host.handlers, seconds=5, what="the subscriptions")

    def says(self, topic: str, payload: str) -> None:
        self.host.handlers[f"{PREFIX}/{topic}"](payload.encode(), self._count)

    def _count(self) -> None:
        self.done += 1


def test_totals_sent_as_text_are_read_to_32_bits_and_no_further() -> None:
    counter = Counter(totals="text")
    counter.says("sensor/people_out/state", "16777217")
    counter.says("sensor/people_in/state", str(2**32 - 1))
    assert counter.host.totals == [(1, 2**32 - 1, 16_777_217)]
    counter.says("sensor/people_in/state", str(2**32))
    assert counter.host.states[-1][0] == "degraded"


def test_totals_are_counted_once_both_are_known_and_at_each_change() -> None:
    counter = Counter(line=2)
    counter.says("sensor/people_in/state", "10")
    assert counter.host.totals == []
    counter.says("sensor/people_out/state", "7")
    counter.says("sensor/people_in/state", "11")
    counter.host.stopping.set()
    assert counter.host.totals == [(2, 10, 7), (2, 11, 7)] and counter.done == 3


def test_a_counter_of_one_direction_needs_no_other() -> None:
    counter = Counter(sensor_out=None, sensor_in="visitors")
    counter.says("sensor/visitors/state", "4")
    counter.host.stopping.set()
    assert counter.host.totals == [(1, 4, 0)]


def test_its_last_will_its_silence_and_rubbish_are_told() -> None:
    counter = Counter(silent_seconds=1)
    counter.says("status", "online")
    counter.says("status", "OFFLINE")
    assert counter.host.states[-1] == ("offline", "the counter left the network")
    counter.says("sensor/people_in/state", "nan")
    assert counter.host.states[-1][0] == "degraded" and counter.host.discarded == 1
    counter.says("sensor/people_in/state", "3")
    assert counter.host.states[-1] == ("ok", "")
    until(lambda: counter.host.states[-1] == ("offline", "no total for 1 s"), seconds=5, what="the silence")
    counter.says("status", "what")
    counter.host.stopping.set()
    assert counter.host.discarded == 2 and counter.done == 5


def test_probe_knows_totals_by_their_names() -> None:
    section = guess(Heard("office/door/sensor/people_in/state", b"12"))
    assert section == {
        "driver": "esphome_counter",
        "prefix": "office/door",
        "sensor_in": "people_in",
        "sensor_out": "people_out",
    }
    assert guess(Heard("office/door/sensor/people_in/state", b"nan")) is None
    assert guess(Heard("office/door/sensor/cabin_temperature/state", b"21")) is None
