"""No report breaks a driver: it counts what can be, says what is wrong with the rest, and goes on."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.devices.base import Heard, Received
from edge_agent.devices.factory import DRIVERS
from edge_agent.devices.hikvision_counter import HikvisionConfig, HikvisionCounter
from edge_agent.devices.lenient import COUNT_MAX, PayloadError
from edge_agent.devices.milesight_vs13x import MilesightVs13x, Vs13xConfig
from edge_agent.devices.milesight_vs121 import MilesightConfig, MilesightVs121
from edge_agent.devices.reports import ReportsDevice
from edge_agent.devices.xovis_counter import XovisConfig, XovisCounter
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.devices.mutations import mutated

EUI = "24e124792d000001"


def vs13x(**settings: Any) -> ReportsDevice:
    config = {"id": "d", "driver": "milesight_vs13x", "topic": "t", "dev_eui": EUI, **settings}
    return MilesightVs13x(Vs13xConfig.model_validate(config))


DEVICES: dict[str, Callable[[], ReportsDevice]] = {
    "milesight_vs121": lambda: MilesightVs121(MilesightConfig(id="d", driver="milesight_vs121", topic="t")),
    "milesight_vs121 by periods": lambda: MilesightVs121(
        MilesightConfig(id="d", driver="milesight_vs121", topic="t", counts="periods")
    ),
    "milesight_vs13x": vs13x,
    "milesight_vs13x by periods": lambda: vs13x(counts="periods"),
    "hikvision_counter": lambda: HikvisionCounter(HikvisionConfig(id="d", driver="hikvision_counter", topic="t")),
    "xovis_counter": lambda: XovisCounter(XovisConfig(id="d", driver="xovis_counter", topic="t")),
}


def originals(name: str) -> list[bytes]:
    told = [case["payload"] for case in cases(name.split()[0])]
    return [(payload if isinstance(payload, str) else json.dumps(payload)).encode() for payload in told]


@pytest.mark.parametrize("name", DEVICES)
@settings(max_examples=60)
@given(st.data())
def test_no_mutation_of_a_report_escapes_or_makes_an_impossible_number(name: str, data: st.DataObject) -> None:
    host, device = RememberingHost(), DEVICES[name]()
    for body in data.draw(st.lists(mutated(originals(name)), min_size=1, max_size=4)):
        try:
            device.take(host, Received(data.draw(st.sampled_from(["", "multipart/mixed; boundary=x"])), body))
        except PayloadError as error:
            assert str(error).isprintable() and len(str(error)) < 100
    for line, *both in [*host.totals, *((line, i.count_in, i.count_out) for line, i in host.intervals)]:
        assert 1 <= line <= 16 and all(0 <= count <= COUNT_MAX for count in both)
    assert all(interval.end > interval.start for _, interval in host.intervals)


@given(st.binary(max_size=60))
def test_no_frame_of_a_lorawan_counter_escapes(frame: bytes) -> None:
    host = RememberingHost()
    body = json.dumps({"devEUI": EUI, "fPort": 85, "fCnt": 1, "data": base64.b64encode(frame).decode()}).encode()
    try:
        vs13x().take(host, Received("", body))
    except PayloadError:
        assert host.totals == []


@given(
    mutated(sorted({o for name in ("milesight_vs13x", "hikvision_counter", "xovis_counter") for o in originals(name)}))
)
def test_probe_guesses_at_nothing_it_cannot_read(payload: bytes) -> None:
    for driver in DRIVERS:
        section = driver.guess(Heard("some/topic", payload)) if driver.guess else None
        if section is not None and driver.name in {name.split()[0] for name in DEVICES}:
            driver.config.model_validate({"id": "found", **section})
