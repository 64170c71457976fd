"""What a Milesight counter says, in all the ways it says it."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import ZoneOccupancy
from edge_agent.devices.base import Heard
from edge_agent.devices.lenient import PayloadError, seconds
from edge_agent.devices.milesight_vs121 import MilesightConfig, MilesightVs121, guess, parse
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.support.processes import until

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = ["current_total", "numbering_regions", "current_counted", "line_total_data", "time_info", "line_1_total_in"]


@pytest.mark.parametrize("case", cases("milesight_vs121"), ids=lambda case: case["name"])
def test_reports_are_read(case: dict[str, Any]) -> None:
    report = parse(json.dumps(case["payload"]).encode())
    expected = None if case["total"] is None else ZoneOccupancy(total=case["total"], regions=case["regions"])
    assert report.occupancy == expected
    assert {str(line): list(totals) for line, totals in report.lines.items()} == case["lines"]
    assert {str(line): list(both) for line, both in report.periods.items()} == case.get("periods", {})
    assert report.reported_at == seconds(case["reported_at"])
    if "start" in case:
        assert report.start == seconds(case["start"])


@pytest.mark.parametrize("payload", fixture("milesight_vs121")["unusable"])
def test_what_cannot_be_used_says_why(payload: str) -> None:
    with pytest.raises(PayloadError, match=r"not|neither"):
        parse(payload.encode())


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), JSON, max_size=6))
def test_no_json_breaks_the_parser(payload: dict[str, Any]) -> None:
    try:
        parse(json.dumps(payload).encode())
    except PayloadError:
        return


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(payload: bytes) -> None:
    try:
        parse(payload)
    except PayloadError:
        return


def running(silent_seconds: float = 900, counts: str = "totals") -> RememberingHost:
    host = RememberingHost()
    config = {"id": "hall", "driver": "milesight_vs121", "topic": "milesight/1", "counts": counts}
    device = MilesightVs121(MilesightConfig.model_validate({**config, "silent_seconds": silent_seconds}))
    threading.Thread(target=device.run, args=(host,), daemon=True).start()
    until(lambda: "milesight/1" in host.handlers, seconds=5, what="the subscription")
    return host


@pytest.mark.parametrize("depth", [200, 490, 900, 5000])
def test_no_depth_breaks_the_parser(depth: int) -> None:
    with pytest.raises(PayloadError, match=r"not|neither"):
        parse(b'{"a":' * depth + b"1" + b"}" * depth)


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000"])
def test_a_region_whose_name_cannot_be_sent_is_left_out(name: str) -> None:
    report = parse(b'{"numbering_regions": ["%s", 2], "current_counted": [1, 5]}' % name.encode())
    assert report.occupancy == ZoneOccupancy(total=5, regions={"2": 5})


def test_more_people_than_a_count_can_say_are_refused() -> None:
    with pytest.raises(PayloadError, match="number of people"):
        parse(b'{"numbering_regions": [1, 2], "current_counted": [4294967296, 4294967296]}')


def test_one_report_may_hold_occupancy_and_lines_and_is_done_once() -> None:
    host, calls = running(), []
    payload = {"current_total": 3, "line_total_data": [{"line": 2, "total": {"in_counted": 5, "out_counted": 4}}]}
    host.handlers["milesight/1"](json.dumps(payload).encode(), lambda: calls.append(1))
    host.stopping.set()
    assert host.reported == [ZoneOccupancy(total=3)] and host.totals == [(2, 5, 4)] and calls == [1]
    assert host.states[-1] == ("ok", "")


def test_an_unreadable_report_is_done_and_shows() -> None:
    host, calls = running(), []
    host.handlers["milesight/1"](b"{", lambda: calls.append(1))
    host.stopping.set()
    assert calls == [1] and host.states[-1] == ("degraded", "unreadable report: not JSON")


def test_a_silent_counter_is_offline() -> None:
    host = running(silent_seconds=1)
    until(lambda: host.states, seconds=5, what="the silence to be noticed")
    host.stopping.set()
    assert host.states[-1] == ("offline", "no report for 1 s")


PERIODS = next(case["payload"] for case in cases("milesight_vs121") if "periods" in case)


def test_periods_are_counted_by_their_interval_where_the_office_says_so() -> None:
    host = running(counts="periods")
    host.handlers["milesight/1"](json.dumps(PERIODS).encode(), lambda: None)
    host.stopping.set()
    start, end = seconds("2026-07-01T08:00:00+00:00"), seconds("2026-07-01T08:01:00+00:00")
    assert [(line, i.count_in, i.count_out, i.start, i.end) for line, i in host.intervals] == [
        (1, 2, 1, start, end),
        (2, 0, 4, start, end),
    ]
    assert host.totals == [], "what is counted by periods is not counted by totals too"


def test_a_counter_that_tells_periods_alone_says_what_to_set() -> None:
    host = running()
    alone = {name: member for name, member in PERIODS.items() if name != "line_total_data"}
    host.handlers["milesight/1"](json.dumps(alone).encode(), lambda: None)
    host.stopping.set()
    assert host.states[-1][0] == "degraded" and 'counts = "periods"' in host.states[-1][1]
    section = guess(Heard("milesight/1", json.dumps(alone).encode()))
    assert section == {"driver": "milesight_vs121", "topic": "milesight/1", "counts": "periods"}


def test_periods_without_their_times_are_refused() -> None:
    host, calls = running(counts="periods"), []
    host.handlers["milesight/1"](json.dumps({**PERIODS, "time_info": {}}).encode(), lambda: calls.append(1))
    host.stopping.set()
    assert calls == [1] and host.intervals == [] and host.discarded == 1


def test_reports_need_somewhere_to_come_from() -> None:
    with pytest.raises(ValueError, match="topic"):
        MilesightConfig(id="hall", driver="milesight_vs121")
