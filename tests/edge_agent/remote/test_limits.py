"""A snapshot gains nothing of the machine or its network that the node's own file did not allow."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import PlacedReason
from edge_agent.remote.limits import RemoteConfig, violations

OWN: list[dict[str, Any]] = [
    {"id": "cam", "driver": "camera", "source": {"kind": "rtsp", "url": "rtsp://10.0.0.9/1", "password_file": "/etc/c"}}
]
ALLOWED = RemoteConfig(hosts=frozenset({"10.0.0.20", "10.0.0.21:8080"}), files=(Path("/etc/anchang/devices"),))


def found(**device: Any) -> list[PlacedReason]:
    return violations([{"id": "x", "driver": "d"} | device], OWN, ALLOWED)


@pytest.mark.parametrize(
    "device",
    [
        {"url": "/dev/ttyUSB0"},
        {"url": "/dev/anchang/usb-1"},
        {"url": "/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0"},
        {"url": "usb:A50285BI"},
        {"url": "http://10.0.0.20/local/tvpc"},
        {"host": "10.0.0.20"},
        {"connection": {"host": "10.0.0.20", "port": 9100}},
        {"connection": {"host": "10.0.0.21", "port": 8080}},
        {"url": "http://10.0.0.21:8080/x"},
        {"url": "https://10.0.0.20/x"},
        {"url": "rtsp://10.0.0.9/1"},
        {"url": "rtsp://10.0.0.9/2"},
        {"password_file": "/etc/anchang/devices/door"},
        {"password_file": "/etc/c"},
        {"topic": "milesight/369362028335"},
        {"note": "north door, 北门"},
    ],
)
def test_what_an_office_needs_is_allowed(device: dict[str, Any]) -> None:
    assert found(**device) == []


@pytest.mark.parametrize(
    "device",
    [
        {"url": "/dev/mem"},
        {"url": "/dev/ttyUSB0/../mem"},
        {"url": "/dev/anchang/../sda"},
        {"url": "spy:///dev/ttyUSB0?file=/etc/cron.d/x"},
        {"url": "loop://"},
        {"url": "file:///etc/shadow"},
        {"url": "http://169.254.169.254/latest"},
        {"url": "http://10.0.0.20@evil.example/"},
        {"url": "http://[::1"},
        {"url": "rtsp://anna:word@10.0.0.9/1"},
        {"host": "evil.example"},
        {"url": "http://10.0.0.20:22/"},
        {"url": "socket://10.0.0.9:6379"},
        {"url": "http://10.0.0.20:99999/"},
        {"connection": {"host": "10.0.0.20", "port": 22}},
        {"connection": {"host": "10.0.0.20", "port": "22"}},
        {"connection": {"host": "10.0.0.20", "port": 22.0}},
        {"url": "http://10.0.0.21/"},
        {"password_file": "/etc/shadow"},
        {"password_file": "/etc/anchang/devices/../broker.password"},
        {"password_file": "/etc/anchang/devices"},
        {"key_file": "relative"},
        {"password": "hello"},
        {"secret": 1234},
        {"inner": [{"api_key": "x"}]},
        {"topic": "#"},
        {"topic": "anchang/v1/yunqi/lobby/command"},
        {"state_topic": "a/+/b"},
        {"topic": "$SYS/broker"},
        {"gateway_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    ],
)
def test_what_reaches_further_is_named_with_its_place(device: dict[str, Any]) -> None:
    (line,) = found(**device)
    assert line.at.startswith("x.") and line.code


def test_a_refusal_never_repeats_the_secret() -> None:
    assert "hello" not in str(found(password="hello"))
    assert "word" not in str(found(url="rtsp://anna:word@10.0.0.9/1")[0].facts)


@settings(max_examples=25)
@given(
    st.recursive(
        st.text(max_size=20) | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    )
)
def test_no_shape_breaks_the_check(value: Any) -> None:
    violations([{"id": "x", "value": value}], OWN, ALLOWED)
