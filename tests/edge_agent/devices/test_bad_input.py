"""Whatever reaches a driver over MQTT: no exception escapes, every message is done with once, rubbish is counted.

For every driver that knows its own messages (`guess`), with the payloads of its fixture changed in every way.
"""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.devices.base import Driver, Heard
from edge_agent.devices.factory import DRIVERS
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.hosts import RememberingHost
from tests.support.processes import until

LISTENING = [d for d in DRIVERS if d.about.transport == "mqtt" and d.guess is not None]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("9" * 400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


class Running:
    """One driver at work on its own fixture."""

    def __init__(self, driver: Driver, folder: Path) -> None:
        self.said = [heard for case in cases(driver.name) if (heard := heard_in(case)) and _section(driver, heard)]
        assert self.said, "none of its own cases is recognised by the driver's guess"
        section = _section(driver, self.said[0]) or {}
        if driver.about.kind == "badge":  # whose badge it is, an installer says
            staff = [case["read"][0] for case in cases(driver.name)]
            section |= {"key_file": str(folder / "key"), "staff": staff}
        self.host = RememberingHost()
        device = driver.device(driver.config.model_validate({"id": "x", **section}))
        threading.Thread(target=device.run, args=(self.host,), daemon=True).start()
        until(lambda: self.host.handlers, seconds=5, what="the subscription")

    def hear(self, payload: bytes) -> int:
        """Every handler gets it, as from the broker; returns how often it was done with at worst."""
        done: list[list[int]] = []
        for handler in list(self.host.handlers.values()):
            done.append([])
            handler(payload, lambda counted=done[-1]: counted.append(1))  # type: ignore[misc]
        return max(abs(len(times) - 1) for times in done) + 1

    @property
    def outcome(self) -> tuple[int, int, int]:
        told = len(self.host.totals) + len(self.host.intervals)
        return len(self.host.reported), told, self.host.discarded


def heard_in(case: dict[str, Any]) -> Heard | None:
    if "payload" not in case:
        return None
    payload = case["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return Heard(case.get("topic", "some/topic"), text.encode())


def _is_json(heard: Heard) -> bool:
    """A vendor's own example may not be."""
    try:
        json.loads(heard.payload)
    except ValueError:
        return False
    return True


def _section(driver: Driver, heard: Heard) -> dict[str, Any] | None:
    return driver.guess(heard) if driver.guess is not None else None


@pytest.fixture(params=LISTENING, ids=lambda driver: driver.name)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    device = Running(request.param, tmp_path)
    yield device
    device.host.stopping.set()


SLOWLY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def changed(value: Any, data: st.DataObject) -> Any:
    """One member, however deep, left out, renamed or made something else."""
    if isinstance(value, dict) and value:
        name = data.draw(st.sampled_from(sorted(value)))
        how = data.draw(st.sampled_from(["deeper", "leave out", "case", "other"]))
        rest = {key: inner for key, inner in value.items() if key != name}
        if how == "leave out":
            return rest
        if how == "case":
            return {**rest, name.swapcase(): value[name]}
        return {**value, name: changed(value[name], data) if how == "deeper" else data.draw(ANYTHING)}
    if isinstance(value, list) and value:
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], changed(value[place], data), *value[place + 1 :]]
    return data.draw(ANYTHING)


@SLOWLY
@given(st.data())
def test_a_report_with_a_member_missing_renamed_or_of_another_kind(running: Running, data: st.DataObject) -> None:
    said = data.draw(st.sampled_from([heard for heard in running.said if _is_json(heard)]))
    assert running.hear(json.dumps(changed(json.loads(said.payload), data)).encode()) == 1


@SLOWLY
@given(st.data())
def test_a_report_with_bytes_flipped_lost_or_added(running: Running, data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from(running.said)).payload)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(payload) - 1))
        how = data.draw(st.sampled_from(["flip", "lose", "add"]))
        if how == "flip":
            payload[place] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "lose":
            del payload[place:]
            payload = payload or bytearray(b"{")
        else:
            payload[place:place] = data.draw(st.binary(max_size=6))
    assert running.hear(bytes(payload)) == 1


@SLOWLY
@given(st.binary(min_size=1, max_size=200).map(lambda noise: b"\xff" + noise))
def test_noise_is_counted_and_tells_nothing(running: Running, noise: bytes) -> None:
    reports, totals, discarded = running.outcome
    assert running.hear(noise) == 1
    assert running.outcome[:2] == (reports, totals)
    assert running.outcome[2] > discarded


def test_the_next_good_report_after_rubbish_is_read(running: Running) -> None:
    for rubbish in (b"", b"\xff" * 50, b"{" * 5000, b"null", b"[]"):
        assert running.hear(rubbish) == 1
    before = running.outcome[:2]
    assert running.hear(running.said[0].payload) == 1
    assert running.outcome[:2] > before
