"""What pushes to the agent: taken when it proves who it is and is stored, refused with a reason otherwise."""

import base64
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

from edge_agent.devices.base import DeviceError, Received
from edge_agent.devices.lenient import PayloadError
from edge_agent.listener import MAX_BODY, Listener, ListenerConfig
from tests.edge_agent.devices import cases
from tests.edge_agent.devices.hosts import done
from tests.edge_agent.support import AgentProcess, FakeGateway
from tests.support.processes import free_port, until

SECRET = "s3cret-of-the-door"


class Door:
    """The far side of the listener: keeps what it is handed."""

    def __init__(self) -> None:
        self.reports: list[Received] = []
        self.stored: Future[Any] = done(1)

    def take(self, report: Received) -> list["Future[Any]"]:
        if report.body == b"rubbish":
            raise PayloadError("report_not_json")
        self.reports.append(report)
        return [self.stored]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "door.secret"
    file.write_text(f"{SECRET}\n")
    return file


@pytest.fixture
def listener(door: Door, secret: Path) -> Iterator[Listener]:
    listening = Listener(ListenerConfig(port=0, whole_seconds=0.4, durable_seconds=0.2))
    listening.receive("door", secret, door.take)
    yield listening
    listening.stop()


def send(port: int, body: bytes = b"{}", *, path: str = "/devices/door", method: str = "POST", **headers: str) -> Any:
    """The status, and what is said with it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    offered = headers or {"Authorization": f"Bearer {SECRET}"}
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in offered.items()})
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said.strip()


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"counter:{password}".encode()).decode()


def test_nothing_listens_until_a_device_needs_it(secret: Path, door: Door) -> None:
    listener = Listener(ListenerConfig(port=free_port()))
    assert listener.port == 0
    with pytest.raises(ConnectionRefusedError):
        send(listener.config.port)
    listener.receive("door", secret, door.take)
    assert send(listener.port) == (200, "stored")
    listener.stop()


@pytest.mark.parametrize(
    "offer",
    [
        {"Authorization": f"Bearer {SECRET}"},
        {"Authorization": basic(SECRET)},
        {"path": f"/devices/door?token={SECRET}", "Accept": "*/*"},
    ],
    ids=["bearer", "basic", "token"],
)
def test_a_device_proves_itself_in_three_ways(listener: Listener, door: Door, offer: dict[str, str]) -> None:
    assert send(listener.port, b'{"in": 1}', **offer) == (200, "stored")
    assert door.reports[0].body == b'{"in": 1}'


@pytest.mark.parametrize(
    "offer",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": basic("")},
        {"Authorization": "Basic !!"},
        {"Accept": "*/*"},
        {"path": f"/devices/other?token={SECRET}", "Accept": "*/*"},
        {"path": "/devices/door?token=", "Accept": "*/*"},
    ],
    ids=["another secret", "an empty one", "nonsense", "none", "another device", "an empty token"],
)
def test_without_the_secret_nothing_is_taken_and_nothing_said(
    listener: Listener, door: Door, offer: dict[str, str]
) -> None:
    assert send(listener.port, **offer) == (401, "the device and its secret do not fit")
    assert door.reports == []


def test_a_device_that_is_gone_is_pushed_to_no_longer(listener: Listener, door: Door, secret: Path) -> None:
    end = listener.receive("hall", secret, door.take)
    assert send(listener.port, path="/devices/hall") == (200, "stored")
    end()
    assert send(listener.port, path="/devices/hall")[0] == 401


def test_rubbish_is_refused_with_its_reason(listener: Listener) -> None:
    assert send(listener.port, b"rubbish") == (400, "unreadable report: not JSON")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"path": "/"}, 404),
        ({"path": "/devices/../door"}, 404),
        ({"method": "GET"}, 405),
        ({"Authorization": f"Bearer {SECRET}", "Content_Encoding": "gzip"}, 415),
        ({"Authorization": f"Bearer {SECRET}", "Origin": "http://evil.net"}, 403),
        ({"Authorization": f"Bearer {SECRET}", "Content_Length": str(MAX_BODY + 1)}, 413),
        ({"Authorization": f"Bearer {SECRET}", "Content_Length": "-5"}, 411),
        ({"Authorization": f"Bearer {SECRET}", "Transfer_Encoding": "gzip"}, 400),
    ],
)
def test_what_is_no_report_is_refused(listener: Listener, door: Door, request_: dict[str, str], status: int) -> None:
    assert send(listener.port, **request_)[0] == status and door.reports == []


def test_a_chunked_report_is_put_together_and_bounded(listener: Listener, door: Door) -> None:
    head = f"POST /devices/door HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n"
    for chunks, status in [
        ("3\r\n{}\n\r\n2;x=1\r\n\r\n\r\n0\r\n\r\n", b"200"),
        ("fffffff\r\n", b"413"),
        ("zz\r\n", b"400"),
    ]:
        with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as line:
            line.sendall(head.encode() + chunks.encode())
            assert line.recv(4096).split()[1] == status
    assert [report.body for report in door.reports] == [b"{}\n\r\n"]


def test_a_slow_body_is_cut_off_and_others_are_served_meanwhile(listener: Listener, door: Door) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as line:
        line.sendall(
            f"POST /devices/door HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: 99\r\n\r\n{{".encode()
        )
        assert send(listener.port) == (200, "stored")
        line.recv(4096)
        assert time.monotonic() - began < 4
    assert len(door.reports) == 1


def test_connections_beyond_a_few_are_closed_at_once(listener: Listener) -> None:
    idle = [socket.create_connection(("127.0.0.1", listener.port), timeout=5) for _ in range(40)]
    try:
        assert any(line.recv(1) == b"" for line in idle[16:])
        until(lambda: _answers(listener.port), seconds=5, what="the idle ones to be cut off")
    finally:
        for line in idle:
            line.close()


def _answers(port: int) -> bool:
    try:
        return bool(send(port)[0] == 200)
    except (OSError, http.client.HTTPException):
        return False


def test_an_address_that_is_none_is_answered(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as line:
        line.sendall(b"POST http://[/devices/door HTTP/1.1\r\n\r\n")
        assert line.recv(4096).split()[1] == b"400"


@pytest.mark.parametrize("lines", [["A: " + "x" * 60_000], [f"A{n}: {'x' * 900}" for n in range(60)]])
def test_a_head_is_bounded_before_anybody_proves_who_they_are(listener: Listener, door: Door, lines: list[str]) -> None:
    head = "\r\n".join([f"POST /devices/door?token={SECRET} HTTP/1.1", *lines, "Content-Length: 2", "", "{}"])
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as line:
        try:
            line.sendall(head.encode())
            assert line.recv(4096).split()[1] == b"431"
        except ConnectionResetError:
            pass
    assert door.reports == []


def test_one_address_cannot_hold_every_place(door: Door, secret: Path) -> None:
    listener = Listener(ListenerConfig(port=0))
    listener.receive("door", secret, door.take)
    at = ("127.0.0.1", listener.port)
    idle = [socket.create_connection(at, timeout=5, source_address=("127.0.0.2", 0)) for _ in range(16)]
    try:
        assert send(listener.port) == (200, "stored")
    finally:
        for line in idle:
            line.close()
        listener.stop()


def test_what_is_not_stored_is_not_confirmed(listener: Listener, door: Door) -> None:
    door.stored = Future()
    assert send(listener.port) == (503, "not stored yet: send it again")
    door.stored.set_exception(OSError("disk full"))
    assert send(listener.port)[0] == 503


def test_a_secret_that_cannot_be_read_and_a_port_in_use_are_told(
    listener: Listener, door: Door, secret: Path, tmp_path: Path
) -> None:
    with pytest.raises(DeviceError, match=r"gone\.secret cannot be read"):
        listener.receive("hall", tmp_path / "gone.secret", door.take)
    with pytest.raises(DeviceError, match="cannot use"):
        Listener(ListenerConfig(port=listener.port)).receive("door", secret, door.take)
    secret.write_text("\n")
    assert send(listener.port)[0] == 503


def push(port: int, secret: str, body: Any) -> int:
    return int(send(port, json.dumps(body).encode(), path="/devices/xovis", Authorization=f"Bearer {secret}")[0])


def minute(package: int, people: int) -> dict[str, Any]:
    push = json.loads(json.dumps(cases("xovis_counter")[0]["payload"]))
    logic = push["logics_data"]["logics"][0]
    logic["records"] = [{**logic["records"][0], "from": 60 * package, "to": 60 * package + 60}]
    logic["records"][0]["counts"][0]["value"] = people
    push["logics_data"] |= {"package_info": {"id": package}, "logics": [logic]}
    return push  # type: ignore[no-any-return]


def test_pushes_are_counted_once_also_when_the_agent_is_killed_before_it_answers(
    tmp_path: Path, broker: Broker, gateway: FakeGateway, secret: Path
) -> None:
    port = free_port()
    table = f'[listener]\nport = {port}\n[[devices]]\nid = "xovis"\ndriver = "xovis_counter"\n'
    table += f'[devices.push]\nsecret_file = "{secret}"\n'
    with AgentProcess(tmp_path, broker.port, table) as agent:
        until(lambda: _listening(port), seconds=10, what="the listener")
        for package in range(100, 112):
            told = minute(package, 2)
            if package == 105:
                # Killed with a report on its way: nobody knows whether it was stored, so the counter sends it again.
                threading.Thread(target=_try, args=(port, told), daemon=True).start()
                agent.program.kill()
                agent.program.start()
                until(lambda: _listening(port), seconds=10, what="the listener")
            assert push(port, SECRET, told) == 200
            if package % 7 == 0:
                assert push(port, SECRET, told) == 200
        until(lambda: gateway.counted_in >= 24, seconds=10, what="everybody")
        gateway.wait_state("xovis", "ok")
    assert gateway.counted_in == 24
    assert all(event.data["flags"] == [] for event in gateway.of_type("door.crossing.v1"))


def _listening(port: int) -> bool:
    try:
        return bool(push(port, "wrong", {}) == 401)
    except OSError:
        return False


def _try(port: int, told: Any) -> None:
    try:
        push(port, SECRET, told)
    except (OSError, http.client.HTTPException):
        return
