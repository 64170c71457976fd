"""Hikvision people counting: the vendor's example with its mistake, totals, multipart bodies."""

from typing import Any

import pytest

from contracts.events import ZoneOccupancy
from edge_agent.devices.base import Heard, Received
from edge_agent.devices.hikvision_counter import HikvisionConfig, HikvisionCounter, guess, json_of, parse
from edge_agent.devices.lenient import PayloadError, seconds
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost

EXAMPLE, REGION, LATER = (case["payload"].encode() for case in cases("hikvision_counter")[:3])


@pytest.mark.parametrize("case", cases("hikvision_counter"), ids=lambda case: case["name"])
def test_messages_are_read(case: dict[str, Any]) -> None:
    report = parse(case["payload"].encode())
    assert report.totals == (case["totals"] and tuple(case["totals"])) and report.people == case["people"]
    assert (report.channel, report.day) == (case["channel"], case["day"])
    assert report.reported_at == seconds(case["reported_at"])


@pytest.mark.parametrize("payload", fixture("hikvision_counter")["unusable"])
def test_what_cannot_be_used_says_why(payload: str) -> None:
    with pytest.raises(PayloadError, match=r"not|no |without"):
        parse(payload.encode())


def device(**settings: Any) -> HikvisionCounter:
    return HikvisionCounter(
        HikvisionConfig.model_validate({"id": "door", "driver": "hikvision_counter", "topic": "hik", **settings})
    )


def test_totals_and_regions_are_passed_on_for_the_channel_that_is_asked_for() -> None:
    host, driver = RememberingHost(), device(line=3, channel=1)
    for body in (EXAMPLE, LATER, REGION):
        driver.take(host, Received("", body))
    assert host.totals == [(3, 0, 0)] and host.days == [""] and host.reported == [ZoneOccupancy(total=0)]


def test_the_cameras_own_day_goes_with_totals_that_begin_anew_each_night() -> None:
    host, driver = RememberingHost(), device(resets_daily=True)
    driver.take(host, Received("", LATER))
    assert host.totals == [(1, 318, 12)] and host.days == ["2026-11-22"]
    with pytest.raises(PayloadError, match="no time"):
        driver.take(host, Received("", EXAMPLE.replace(b'"time"', b'"tame"')))


def multipart(part: bytes, kind: bytes = b"application/json") -> Received:
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\r\n--MIME\r\n"
    parts = [(b"image/jpeg", picture), (kind, part)]
    body = b"".join(b"--MIME_boundary\r\nContent-Type: %s\r\n\r\n%s\r\n" % each for each in parts)
    return Received("multipart/form-data; boundary=MIME_boundary", body + b"--MIME_boundary--\r\n")


def test_the_json_of_a_multipart_body_is_read_and_its_picture_is_not() -> None:
    assert json_of(multipart(LATER)) == LATER
    host = RememberingHost()
    device().take(host, multipart(LATER))
    assert host.totals == [(1, 318, 12)]


@pytest.mark.parametrize("report", [multipart(b"<a/>", b"application/xml"), Received("multipart/mixed", b"\0" * 9)])
def test_a_multipart_body_without_json_says_what_to_set(report: Received) -> None:
    with pytest.raises(PayloadError, match="JSON, not XML"):
        json_of(report)


def test_probe_knows_the_camera_by_its_metadata() -> None:
    assert guess(Heard("hik", EXAMPLE)) == {"driver": "hikvision_counter", "topic": "hik", "channel": 1}
    assert guess(Heard("hik", b"{}")) is None
