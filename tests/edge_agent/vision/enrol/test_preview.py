"""The preview: one browser, one session, this machine."""

import contextlib
import http.client
import json
import logging
import select
import socket
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from edge_agent.vision.enrol import preview
from edge_agent.vision.enrol.picture import mirror_jpeg
from edge_agent.vision.enrol.preview import PreviewServer
from edge_agent.vision.enrol.session import EnrolSession, View
from tests.edge_agent.vision.enrol.stage import Stage, face
from tests.support.processes import until


def encode(view: View) -> bytes:
    return mirror_jpeg(view.frame.image, view.face, good=view.good, side=640)


@pytest.fixture
def server() -> Iterator[PreviewServer]:
    made = PreviewServer(0, encode, fps=12, linger=0.5)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def session(stage: Stage) -> Iterator[EnrolSession]:
    made = stage.session()
    made.start()
    stage.show(made, face())
    yield made
    made.cancel()
    made.join()


def get(
    server: PreviewServer, path: str, *, host: str | None = None, method: str = "GET"
) -> tuple[int, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{server.port}"})
    response = connection.getresponse()
    return response.status, response


def next_jpeg(response: http.client.HTTPResponse) -> "np.ndarray":
    length = 0
    while (line := response.readline().strip()) != b"" or length == 0:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    picture = cv2.imdecode(np.frombuffer(response.read(length), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def test_the_stream_shows_new_pictures_until_the_end_and_none_after(
    server: PreviewServer, stage: Stage, session: EnrolSession
) -> None:
    status, response = get(server, f"/preview/{server.admit(session)}")
    assert status == 200
    assert response.getheader("Content-Type", "").startswith("multipart/x-mixed-replace")
    assert response.getheader("Cache-Control") == "no-store"
    assert next_jpeg(response).shape == (360, 640, 3)
    stage.show(session, face())
    assert next_jpeg(response).shape == (360, 640, 3)
    session.cancel()
    stage.show(session, face())
    assert response.read().strip() == b""


def test_a_token_opens_one_stream_once(server: PreviewServer, session: EnrolSession) -> None:
    token = server.admit(session)
    assert get(server, f"/preview/{token}")[0] == 200
    assert get(server, f"/preview/{token}")[0] == 404
    assert get(server, f"/preview/{token}/state")[0] == 200


def test_the_state_may_be_read_by_any_page_that_holds_the_token(
    server: PreviewServer, stage: Stage, session: EnrolSession
) -> None:
    token = server.admit(session)
    status, response = get(server, f"/preview/{token}/state")
    assert (status, response.getheader("Access-Control-Allow-Origin")) == (200, "*")
    assert response.getheader("Set-Cookie") is None
    assert json.loads(response.read()) == {"state": "looking", "shots": 0, "of": 3, "hint": "still"}
    status, response = get(server, f"/preview/{token}/state", method="OPTIONS")
    assert (status, response.getheader("Access-Control-Allow-Private-Network")) == (204, "true")


def test_the_last_state_stays_for_a_moment_then_nothing(server: PreviewServer, session: EnrolSession) -> None:
    token = server.admit(session)
    session.cancel()
    status, response = get(server, f"/preview/{token}/state")
    assert status == 200 and json.loads(response.read())["state"] == "cancelled"
    assert get(server, f"/preview/{token}")[0] == 404
    until(lambda: get(server, f"/preview/{token}/state")[0] == 404, seconds=5, what="the token to be forgotten")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/preview", "/preview/", "/preview//state", "//state", "/{token}/state", "/preview/%C3%A9"),
        *("/preview/{wrong}", "/preview/{wrong}/state", "/preview/{token}/", "/preview/{token}/other"),
        "/preview/{token}/state/more",
    ],
)
def test_everything_else_is_not_found(server: PreviewServer, session: EnrolSession, path: str) -> None:
    token = server.admit(session)
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    status, response = get(server, path.format(token=token, wrong=wrong))
    assert (status, response.read()) == (404, b"")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost:1", "[::1]:{port}", ""]
)
def test_a_name_that_was_bound_to_this_machine_is_not_found(
    server: PreviewServer, session: EnrolSession, host: str
) -> None:
    token = server.admit(session)
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    line = f"Host: {host.format(port=server.port)}\r\n" if host else ""
    raw.sendall(f"GET /preview/{token}/state HTTP/1.1\r\n{line}\r\n".encode())
    assert b" 404 " in raw.recv(1000).split(b"\r\n")[0]
    raw.close()
    assert get(server, f"/preview/{token}/state", host=f"localhost:{server.port}")[0] == 200


def test_it_listens_on_loopback_only(server: PreviewServer) -> None:
    with socket.socket() as outside, pytest.raises(OSError):
        outside.settimeout(1)
        outside.connect(("127.0.0.2", server.port))  # another address of this very machine


def test_tokens_are_long_distinct_and_never_logged(
    server: PreviewServer, session: EnrolSession, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = [server.admit(session) for _ in range(5)]
    assert len(set(tokens)) == 5 and all(len(token) == 43 for token in tokens)  # 256 bits in base64
    for token in tokens:
        get(server, f"/preview/{token}")[1].close()
        get(server, f"/preview/{token}/unknown")
    printed = caplog.text + "".join(capfd.readouterr())
    assert not any(token in printed for token in tokens)


def test_a_taken_port_is_told(server: PreviewServer) -> None:
    with pytest.raises(OSError):
        PreviewServer(server.port, encode, fps=12, linger=1).start()


def test_the_picture_is_a_mirror_with_an_oval_around_the_face() -> None:
    image = np.zeros((720, 1280, 3), dtype=np.uint8)
    image[:, :100] = 255
    plain = cv2.imdecode(np.frombuffer(mirror_jpeg(image, None, good=False, side=640), np.uint8), cv2.IMREAD_COLOR)
    assert plain is not None and plain.shape == (360, 640, 3)
    assert plain[:, -40:].mean() > 250 and plain[:, :40].mean() < 5
    marked = cv2.imdecode(np.frombuffer(mirror_jpeg(image, face(), good=True, side=640), np.uint8), cv2.IMREAD_COLOR)
    assert marked is not None
    changed = np.argwhere(np.abs(marked.astype(int) - plain.astype(int)).max(axis=2) > 60)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    centre_x, centre_y = 640 - (500 + 125) / 2, (200 + 125) / 2
    assert abs((left + right) / 2 - centre_x) < 4 and abs((top + bottom) / 2 - centre_y) < 4
    assert 125 < right - left < 180


def test_a_head_that_trickles_in_is_cut_off_in_time(
    server: PreviewServer, session: EnrolSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "_HEAD_SECONDS", 0.5)
    token = server.admit(session)
    head = f"GET /preview/{token}/state HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n" + "X: y\r\n" * 1000
    began, answer = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
        for byte in head.encode():
            try:
                slow.sendall(bytes([byte]))
            except OSError:
                break
            if select.select([slow], [], [], 0.05)[0]:
                with contextlib.suppress(ConnectionResetError):
                    answer = slow.recv(100)
                break
    assert answer == b""
    assert time.monotonic() - began < 3, "each byte came long before the time a single read may take"
    assert get(server, f"/preview/{token}/state")[0] == 200
