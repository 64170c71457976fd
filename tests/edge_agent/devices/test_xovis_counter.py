"""Xovis pushes: records of line counts, each an interval of its own."""

import json
from typing import Any

import pytest

from edge_agent.devices.base import Heard, Received
from edge_agent.devices.lenient import PayloadError, seconds
from edge_agent.devices.xovis_counter import Record, XovisConfig, XovisCounter, guess, parse
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost

PUSH = cases("xovis_counter")[0]["payload"]


@pytest.mark.parametrize("case", cases("xovis_counter"), ids=lambda case: case["name"])
def test_pushes_are_read(case: dict[str, Any]) -> None:
    expected = [
        Record(**{**record, "start": seconds(record["start"]), "end": seconds(record["end"])})
        for record in case["records"]
    ]
    assert parse(json.dumps(case["payload"]).encode()) == expected


@pytest.mark.parametrize("payload", fixture("xovis_counter")["unusable"])
def test_what_cannot_be_used_says_why(payload: str) -> None:
    with pytest.raises(PayloadError, match=r"not|no |without"):
        parse(payload.encode())


def heard(payload: Any, **settings: Any) -> RememberingHost:
    host = RememberingHost()
    config = {"id": "door", "driver": "xovis_counter", "push": {"secret_file": "/run/secret"}, **settings}
    XovisCounter(XovisConfig.model_validate(config)).take(host, Received("", json.dumps(payload).encode()))
    return host


def two_doors() -> dict[str, Any]:
    logics = PUSH["logics_data"]["logics"]
    return {"logics_data": {**PUSH["logics_data"], "logics": [*logics, {**logics[0], "id": 1002, "name": "Side"}]}}


def test_the_one_line_of_a_sensor_is_line_1() -> None:
    intervals = [(line, i.count_in, i.count_out) for line, i in heard(PUSH).intervals]
    assert intervals == [(1, 3, 1), (1, 0, 2)]


def test_a_sensor_mounted_the_other_way_round_counts_in_as_out() -> None:
    assert [i.count_in for _, i in heard(PUSH, in_is="bw").intervals] == [1, 2]


def test_several_lines_are_told_apart_by_name_or_number_and_others_are_left_out() -> None:
    lines = [line for line, _ in heard(two_doors(), logics={"Entrance": 2, "1002": 5}).intervals]
    assert sorted(lines) == [2, 2, 5, 5]
    assert {line for line, _ in heard(two_doors(), logics={"Side": 1}).intervals} == {1}
    with pytest.raises(PayloadError, match="name them in logics"):
        heard(two_doors())


def test_probe_names_the_lines_it_heard() -> None:
    assert guess(Heard("xovis", json.dumps(two_doors()).encode())) == {
        "driver": "xovis_counter",
        "topic": "xovis",
        "logics": {"Entrance": 1, "Side": 2},
    }
