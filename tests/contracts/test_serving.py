"""Strangers hold no more of a service than a little, for a little while."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts import serving
from tests.support.processes import until


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(serving, "_TICKS", 1)
    server = serving.Server(serving.config(echo, "127.0.0.1", 0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=5, what="the server")
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(5)


def test_who_asks_lets_go_of_an_idle_connection_before_who_answers() -> None:
    """Consultants' tablets confirm what a ping brings every 5 s, and each tenth time met a connection being closed."""
    kept = serving.config(echo, "127.0.0.1", 0).timeout_keep_alive
    assert (httpx.Limits().keepalive_expiry or 0) * 2 <= kept < serving.HEAD_SECONDS


WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HTTP/1.1\r\nHost", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"],
    ids=["nothing", "a head", "a body"],
)
@pytest.mark.parametrize("answered", [b"", WHOLE], ids=["first", "second"])
def test_what_is_begun_and_not_finished_is_cut_off(port: int, begun: bytes, answered: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        if answered:
            line.sendall(answered)
            assert b"200" in line.recv(4096)
        line.sendall(begun)
        assert _end(line) == b""


def test_a_head_is_bounded(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        try:
            line.sendall(b"GET / HTTP/1.1\r\n" + b"a: " + b"x" * 100_000)
            assert b"400" in line.recv(4096)
        except ConnectionResetError:
            pass


def _end(line: socket.socket) -> bytes:
    """What still came before the connection ended."""
    try:
        return line.recv(4096)
    except ConnectionResetError:
        return b""
