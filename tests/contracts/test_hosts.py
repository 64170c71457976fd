"""A service answers under its own names only, and to pages of its own origin only."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts import serving
from contracts.hosts import HostName, answers_to, is_own
from tests.support.processes import until

NAMES = ("office.example.com",)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8300",
        "192.168.1.20:8300",
        "[::1]:8300",
        "localhost",
        "LocalHost.:1",
        "office.example.com:443",
    ],
)
def test_addresses_localhost_and_the_names_given_are_answered(host: str) -> None:
    assert answers_to(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example.net",
        "office.example.com.evil.net",
        "127.0.0.1.evil.net",
        "127.1",
        "evil@127.0.0.1",
        "127.0.0.1,evil.net",
        "127.0.0.1/x",
        "localhost:x",
        "",
        "[::1",
    ],
)
def test_any_other_name_is_not(host: str) -> None:
    assert not answers_to(host, NAMES)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8300", "127.0.0.1:8300"),
        ("https://10.0.0.9", "10.0.0.9"),
        ("https://10.0.0.9", "10.0.0.9:443"),
        ("https://OFFICE.example.com", "127.0.0.1:8300"),
        ("http://[::1]:8300", "[::1]:8300"),
    ],
)
def test_a_page_of_the_server_itself_may_ask(origin: str, host: str) -> None:
    assert is_own(origin, host, NAMES)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.net",
        "http://127.0.0.1:9999",
        "http://localhost:8300",
        "http://office.example.com.evil.net",
        "http://office.example.com:9999",
        "file://",
        "chrome-extension://office.example.com",
        "http://127.0.0.1:8300/path",
        "127.0.0.1:8300",
    ],
)
def test_a_page_of_any_other_origin_may_not(origin: str) -> None:
    assert not is_own(origin, "127.0.0.1:8300", NAMES)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_whatever_it_says_stops_the_service(host: str, origin: str) -> None:
    assert answers_to(host, NAMES) in (True, False)
    assert is_own(origin, host, NAMES) in (True, False)


@pytest.mark.parametrize("name", ["https://office.example.com", "office.example.com:443", "*", "", "a b"])
def test_a_host_name_is_a_name_and_nothing_more(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(HostName).validate_python(name)


async def welcoming(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    server = serving.Server(serving.config(welcoming, "127.0.0.1", 0, NAMES, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=5, what="the server")
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Host": "office.example.com"}, 204),
        ({"Host": "rebound.example.net"}, 421),
        ({"Host": "rebound.example.net", "X-Forwarded-Host": "127.0.0.1"}, 421),
        ({"Origin": "http://evil.net"}, 403),
        ({"Origin": "http://evil.net", "X-Forwarded-Host": "evil.net"}, 403),
        ({"Origin": "https://office.example.com"}, 204),
    ],
)
def test_a_request_is_refused_before_the_service_reads_it(place: str, headers: dict[str, str], status: int) -> None:
    answer = httpx.post(f"http://{place}/v1/sessions", headers=headers)
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["code"] in ("unknown_host", "foreign_origin")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("origin", "opens"), [(None, True), ("http://evil.net", False), ("null", False)])
def test_a_socket_opens_for_programs_and_own_pages_only(place: str, origin: str | None, opens: bool) -> None:
    async def connect() -> bool:
        try:
            async with websockets.connect(f"ws://{place}/v1/stream", origin=origin):  # type: ignore[arg-type]
                return True
        except websockets.InvalidStatus as refused:
            return refused.response.status_code != 403

    assert asyncio.run(connect()) is opens
