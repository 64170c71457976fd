"""VS133 and VS135 frames, inside what three network servers make of them."""

import base64
import json
from typing import Any

import pytest

from contracts.reasons import reason
from edge_agent.allowance import Limits, Moment
from edge_agent.devices import lorawan
from edge_agent.devices.base import Heard, Received
from edge_agent.devices.lenient import PayloadError, seconds
from edge_agent.devices.milesight_vs13x import MilesightVs13x, Vs13xConfig, decode, guess
from edge_agent.increments import Taken, take
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.test_increments import with_it

EUI = "24e124792d000001"
TOTALS, PERIODS, REGIONS = (bytes.fromhex(each["frame"]) for each in fixture("milesight_vs13x")["frames"][:3])


def keyed(lines: dict[int, tuple[int, int]]) -> dict[str, list[int]]:
    return {str(line): list(both) for line, both in lines.items()}


@pytest.mark.parametrize("case", fixture("milesight_vs13x")["frames"], ids=lambda case: case["name"])
def test_the_documented_frames_mean_what_the_vendor_says(case: dict[str, Any]) -> None:
    found = decode(bytes.fromhex(case["frame"]))
    assert keyed(found.totals) == case["totals"] and keyed(found.periods) == case["periods"]
    assert list(found.regions) == case["regions"] and found.whole


@pytest.mark.parametrize("case", fixture("milesight_vs13x")["partly"], ids=lambda case: case["name"])
def test_what_is_not_known_is_not_guessed(case: dict[str, Any]) -> None:
    found = decode(bytes.fromhex(case["frame"]))
    assert keyed(found.totals) == case["totals"] and not found.whole


@pytest.mark.parametrize("frame", fixture("milesight_vs13x")["cut_off"])
def test_a_frame_that_was_cut_off_is_refused(frame: str) -> None:
    with pytest.raises(PayloadError, match="cut off"):
        decode(bytes.fromhex(frame))


@pytest.mark.parametrize("case", cases("milesight_vs13x"), ids=lambda case: case["name"])
def test_uplinks_of_every_server_are_read(case: dict[str, Any]) -> None:
    found = lorawan.uplink(json.dumps(case["payload"]).encode())
    read = {name: getattr(found, name) for name in ("dev_eui", "frame", "port", "session")}
    assert read == {name: case[name] for name in read} and found.received_at == seconds(case["received_at"])
    assert keyed(decode(found.data).totals) == case["totals"]


@pytest.mark.parametrize("payload", fixture("milesight_vs13x")["unusable"])
def test_what_is_no_uplink_says_why(payload: str) -> None:
    with pytest.raises(PayloadError, match=r"not|no |without|whose|impossible"):
        lorawan.uplink(payload.encode())


def chirpstack(number: int, data: bytes, *, eui: str = EUI, port: int = 85, session: str = "00189440") -> Received:
    body = {
        "time": f"2026-11-22T09:{number % 60:02d}:00Z",
        "deviceInfo": {"devEui": eui},
        "devAddr": session,
        "fCnt": number,
        "fPort": port,
        "data": base64.b64encode(data).decode(),
    }
    return Received("", json.dumps(body).encode())


def device(**settings: Any) -> MilesightVs13x:
    config = {"id": "door", "driver": "milesight_vs13x", "topic": "up", "dev_eui": EUI.upper(), **settings}
    return MilesightVs13x(Vs13xConfig.model_validate(config))


def test_totals_of_lines_and_people_in_regions_are_passed_on() -> None:
    host, driver = RememberingHost(), device()
    driver.take(host, chirpstack(1, TOTALS))
    driver.take(host, chirpstack(2, REGIONS))
    assert host.totals == [(1, 72, 200), (2, 0, 0), (3, 0, 0), (4, 5300, 6797)]
    assert [event.model_dump() for event in host.reported] == [
        {"total": 34, "regions": {"1": 2, "2": 16, "3": 7, "4": 9}}
    ]


def test_another_device_on_the_topic_and_another_port_are_left_alone() -> None:
    host, driver = RememberingHost(), device()
    assert driver.take(host, chirpstack(1, TOTALS, eui="24e124792d000002")) is None
    driver.take(host, chirpstack(1, TOTALS, port=84))
    assert host.totals == [] and host.discarded == 0


def test_a_counter_that_never_tells_totals_says_what_to_set() -> None:
    host, driver = RememberingHost(), device()
    complaints = [driver.take(host, chirpstack(n, PERIODS)).complaint for n in range(4)]  # type: ignore[union-attr]
    assert complaints[:2] == [None, None] and complaints[2] == reason("report_switch_on_totals")
    assert driver.take(host, chirpstack(9, TOTALS)).complaint is None  # type: ignore[union-attr]


def period(count_in: int) -> bytes:
    return bytes((0x05, 0xCC, count_in, 0, 0, 0))


def counted(*reports: Received) -> tuple[int, set[str]]:
    """Line 1 of a series of frames, as the outbox counts it."""
    host, driver = RememberingHost(), device(counts="periods")
    for report in reports:
        driver.take(host, report)
    known: tuple[Taken, ...] = ()
    people, flags = 0, set[str]()
    for place, interval in enumerate(interval for line, interval in host.intervals if line == 1):
        verdict = take(known, interval, Moment(place * 60.0), Limits())
        known = with_it(known, verdict)
        people, flags = people + verdict.step.count_in, flags | set(verdict.step.flags)
    return people, flags


def test_repeated_and_overtaken_frames_a_wrap_and_a_new_session_are_exact() -> None:
    frames = [chirpstack(n % 2**16, period(1)) for n in range(2**16 - 5, 2**16 + 5)]
    assert counted(*frames, *frames[:3]) == (10, set())
    swapped = [frames[0], frames[2], frames[1], frames[3]]
    assert counted(*swapped) == (4, {"gap", "late"})
    joined = [chirpstack(n, period(2), session="01aabbcc") for n in range(3)]
    assert counted(*frames, *joined) == (16, {"gap"})


def test_a_lost_frame_is_a_gap() -> None:
    assert counted(chirpstack(1, period(1)), chirpstack(3, period(1))) == (2, {"gap"})


def test_frames_are_counted_once_whatever_else_lies_between_them() -> None:
    host, driver = RememberingHost(), device(counts="periods")
    for report in (chirpstack(5, period(3)), chirpstack(6, b"", port=2), chirpstack(7, period(2))):
        driver.take(host, report)
    line = [interval for number, interval in host.intervals if number == 1]
    assert [(i.start, i.count_in) for i in line] == [(5, 3), (6, 0), (7, 2)]
    assert host.totals == [] and {number for number, _ in host.intervals} == {1, 2, 3, 4}


def test_periods_without_frame_numbers_are_refused() -> None:
    milesight = {"devEUI": EUI, "data": base64.b64encode(period(1)).decode()}
    with pytest.raises(PayloadError, match="fCnt"):
        device(counts="periods").take(RememberingHost(), Received("", json.dumps(milesight).encode()))


def test_probe_knows_the_counter_by_its_uplink() -> None:
    assert guess(Heard("application/1/up", chirpstack(1, TOTALS).body)) == {
        "driver": "milesight_vs13x",
        "topic": "application/1/up",
        "dev_eui": EUI,
    }
    assert (guess(Heard("up", chirpstack(1, PERIODS).body)) or {})["counts"] == "periods"
    assert guess(Heard("up", chirpstack(1, b"\x01\x75\x64").body)) is None
