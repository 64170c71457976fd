"""What a site sensor measures: read as documented, told in doses, judged against limits that do not flutter."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import SensorReading
from contracts.quantities import MEASURES
from edge_agent.devices.base import Heard
from edge_agent.devices.lenient import PayloadError
from edge_agent.devices.site_sensor import Dosage, Measured, SiteSensor, SiteSensorConfig, guess, number
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.support.processes import until

TEMPERATURE = {"quantity": "temperature", "at": "t", "low": 18.0, "high": 28.0, "hysteresis": 0.5}


def running(topic: str = "hall/air", *readings: dict[str, Any], **more: Any) -> tuple[RememberingHost, SiteSensor]:
    config = SiteSensorConfig.model_validate(
        {"id": "air", "driver": "site_sensor", "topic": topic, "readings": readings or [TEMPERATURE], **more}
    )
    host, device = RememberingHost(), SiteSensor(config)
    threading.Thread(target=device.run, args=(host,), daemon=True).start()
    wanted = {reading.topic or config.topic for reading in config.readings}
    until(lambda: wanted <= host.handlers.keys(), seconds=5, what="the subscriptions")
    return host, device


def hear(host: RememberingHost, topic: str, payload: bytes) -> int:
    """Hand over one message; returns how often it was acknowledged."""
    acknowledged: list[int] = []
    host.handlers[topic](payload, lambda: acknowledged.append(1))
    return len(acknowledged)


@pytest.mark.parametrize("case", cases("site_sensor"), ids=lambda case: case["name"])
def test_documented_payloads_are_read(case: dict[str, Any]) -> None:
    host, _ = running(case["topic"], *case["readings"])
    assert hear(host, case["topic"], json.dumps(case["payload"]).encode()) == 1
    told = {r.quantity: pytest.approx(r.value, abs=0.01) for r in host.reported if isinstance(r, SensorReading)}
    assert told == case["values"]
    assert host.states[-1] == ("ok", "")


@pytest.mark.parametrize("payload", fixture("site_sensor")["unusable"])
def test_what_cannot_be_used_is_counted_and_told(payload: str) -> None:
    host, _ = running()
    assert hear(host, "hall/air", payload.encode()) == 1
    assert (host.reported, host.discarded, host.states[-1][0]) == ([], 1, "degraded")


def test_a_member_that_is_not_in_this_message_is_no_mistake() -> None:
    host, _ = running()
    hear(host, "hall/air", b'{"battery": 90}')
    assert (host.reported, host.discarded, host.states) == ([], 0, [])


def test_a_topic_of_its_own_for_each_number() -> None:
    host, _ = running("esp/none", {"quantity": "co2", "topic": "esp/sensor/co2/state"}, TEMPERATURE)
    hear(host, "esp/sensor/co2/state", b"640")
    assert [(r.quantity, r.value) for r in host.reported if isinstance(r, SensorReading)] == [("co2", 640)]


def test_silence_is_told() -> None:
    host, _ = running(silent_seconds=1)
    until(lambda: ("offline", "no reading for 1 s") in host.states, seconds=5, what="the silence to be told")


def doses(every: float = 60, **limits: Any) -> Callable[[float, float], SensorReading | None]:
    dosage = Dosage(Measured(quantity="temperature", at="t", **limits), every)
    return dosage.take


def test_a_steady_number_is_told_at_its_interval() -> None:
    take = doses(60)
    assert [take(21, float(second)) is not None for second in range(0, 181, 20)] == [
        second % 60 == 0 for second in range(0, 181, 20)
    ]


def test_a_level_that_changes_is_told_at_once_and_ends_inside_the_limit() -> None:
    take = doses(60, high=28.0, hysteresis=0.5)
    told = [take(value, second) for second, value in enumerate((27.9, 28.1, 27.9, 28.1, 27.6, 27.4))]
    assert [reading and reading.level for reading in told] == ["ok", "high", None, None, None, "ok"]
    assert told[1] and told[1].high == 28.0


@given(
    st.lists(st.floats(min_value=-40, max_value=85), min_size=1, max_size=40),
    st.floats(min_value=0, max_value=5),
)
def test_no_level_is_ever_wrong_by_more_than_its_hysteresis(values: list[float], hysteresis: float) -> None:
    dosage = Dosage(Measured(quantity="temperature", low=10, high=30, hysteresis=hysteresis), 3600)
    for second, value in enumerate(values):
        dosage.take(value, second)
        if value < 10 or value > 30:
            assert dosage.level == ("low" if value < 10 else "high")
        if 10 + hysteresis <= value <= 30 - hysteresis:
            assert dosage.level == "ok"


@given(st.binary(max_size=100), st.sampled_from(["", "t", "a.b"]))
def test_no_bytes_break_the_parser(payload: bytes, at: str) -> None:
    try:
        number(payload, at)
    except PayloadError:
        return


@given(st.sampled_from(sorted(MEASURES)), st.floats())
def test_nothing_outside_what_is_real_is_ever_told(quantity: Any, raw: float) -> None:
    try:
        reading = Dosage(Measured(quantity=quantity), 1).take(number(json.dumps(raw).encode(), "") or 0.0, 0)
    except PayloadError:
        return
    assert reading is not None
    assert MEASURES[quantity].least <= reading.value <= MEASURES[quantity].most


@pytest.mark.parametrize(
    "readings",
    [[{**TEMPERATURE, "low": 28.0}], [{**TEMPERATURE, "low": 27.5}], [TEMPERATURE, TEMPERATURE], []],
)
def test_a_section_that_makes_no_sense_is_refused(readings: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        SiteSensorConfig.model_validate({"id": "a", "driver": "site_sensor", "topic": "t", "readings": readings})


def test_a_sensor_is_guessed_by_the_names_of_its_numbers() -> None:
    tasmota = cases("site_sensor")[1]
    found = guess(Heard(tasmota["topic"], json.dumps(tasmota["payload"]).encode()))
    assert found == {"driver": "site_sensor", "topic": tasmota["topic"], "readings": tasmota["readings"]}
    assert guess(Heard("zigbee2mqtt/door", b'{"contact": true, "battery": 90}')) is None


@pytest.mark.parametrize(
    ("topic", "members"),
    [
        ("hall", {"temperature": 10**400}),
        ("hall", {"temperature": -(10**400)}),
        ("hall", {"x" * 120: {"temperature": 21}}),
        ("hall", {"": {"temperature": 21}}),
        ("h" * 300, {"temperature": 21}),
    ],
    ids=["too large", "too small", "a long name", "no name", "a long topic"],
)
def test_what_no_configuration_could_hold_is_not_guessed(topic: str, members: dict[str, Any]) -> None:
    assert guess(Heard(topic, json.dumps(members).encode())) is None
