"""What the enrolling camera sees, for the browser of this machine alone.

`GET /preview/{token}` multipart MJPEG, opened once a token; `GET /preview/{token}/state` JSON `FacePreviewState`, until
shortly after the end. Anything else is 404: a wrong token and a foreign `Host` (a name that was rebound to 127.0.0.1)
learn nothing. Who holds the token may read, from a page of any origin: there are no cookies and no other rights.
"""

import hmac
import io
import logging
import secrets
import socket
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Protocol

from contracts.messages import FacePreviewState
from edge_agent.vision.enrol.session import View

_log = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
_NAMES = (LOOPBACK, "localhost")
_TOKEN_BYTES = 32
_SOCKET_SECONDS = 5.0
_HEAD_SECONDS = 3.0
_VIEW_SECONDS = 0.5
_MOST_CONNECTIONS = 16
_JOIN_SECONDS = 5.0
_BOUNDARY = "anchang-frame"


class Previewed(Protocol):
    """What a preview shows: an `EnrolSession`."""

    def ended(self) -> bool: ...

    def state(self) -> FacePreviewState: ...

    def next_view(self, after: int, timeout: float) -> View | None: ...


class Encode(Protocol):
    def __call__(self, view: View) -> bytes:
        """The view as JPEG."""
        ...


@dataclass(slots=True)
class _Entry:
    token: bytes
    session: Previewed
    opened: bool = False
    ended_at: float | None = None


class PreviewServer:
    """Serves on 127.0.0.1 while `start`ed. `linger`: seconds after its end for which a session's state can be read."""

    def __init__(self, port: int, encode: Encode, *, fps: float, linger: float) -> None:
        self._wanted, self._encode, self._period, self._linger = port, encode, 1 / fps, linger
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def port(self) -> int:
        """The port it listens on; 0 when it does not."""
        return self._server.server_port if self._server is not None else 0

    def start(self) -> None:
        """Listen, unless it does already. Raises OSError when the port is taken."""
        if self._server is not None:
            return
        self._server = _Server((LOOPBACK, self._wanted), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="preview", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            self._entries.clear()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def admit(self, session: Previewed) -> str:
        """A new token for `session`: 256 random bits in URL-safe base64."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._forget_ended()
            self._entries.append(_Entry(token.encode(), session))
        return token

    # ---- for the handler ----------------------------------------------------------------------------------------
    def find(self, token: str) -> Previewed | None:
        with self._lock:
            entry = self._entry(token)
            return None if entry is None else entry.session

    def open_once(self, token: str) -> Previewed | None:
        """The session of a token whose stream nobody has opened yet."""
        with self._lock:
            entry = self._entry(token)
            if entry is None or entry.opened or entry.session.ended():
                return None
            entry.opened = True
            return entry.session

    def stream(self, session: Previewed, out: Any) -> None:
        """Parts until the session ends; never a frame after its end."""
        number = 0
        while not (session.ended() or self._stopping.is_set()):
            began = time.monotonic()
            view = session.next_view(number, _VIEW_SECONDS)
            if view is None:
                continue
            number = view.number
            jpeg = self._encode(view)
            if session.ended():
                return
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            out.write(head.encode() + jpeg + b"\r\n")
            self._stopping.wait(max(self._period - (time.monotonic() - began), 0.0))

    def _entry(self, token: str) -> _Entry | None:
        """Compares with every token in constant time. With the lock held."""
        self._forget_ended()
        given, found = token.encode(), None
        for entry in self._entries:
            if hmac.compare_digest(entry.token, given):
                found = entry
        return found

    def _forget_ended(self) -> None:
        now = time.monotonic()
        for entry in self._entries:
            if entry.ended_at is None and entry.session.ended():
                entry.ended_at = now
        self._entries = [e for e in self._entries if e.ended_at is None or now - e.ended_at < self._linger]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], previews: PreviewServer) -> None:
        self.previews = previews
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without the base class's look-up of a host name, which may hang where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The base class prints to stderr; a browser that left is nothing to report, and a path holds a token."""
        _log.debug("a preview connection broke")


class _Head(io.RawIOBase):
    """A request's head, all of it within `seconds`: who sends it byte by byte keeps no connection for longer."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection, self._deadline = connection, time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request's head did not come in time")
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(_SOCKET_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SOCKET_SECONDS
    server_version = "anchang"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Head(self.connection, _HEAD_SECONDS))

    def do_GET(self) -> None:
        token, rest = self._token()
        if rest == "state":
            self._state(token)
        elif rest == "":
            self._stream(token)
        else:
            self._nothing()

    def do_OPTIONS(self) -> None:
        """Browsers ask before a page from the network may read from loopback (Private Network Access)."""
        token, rest = self._token()
        if rest is None or self.server.previews.find(token) is None:
            self._nothing()
            return
        self.send_response(HTTPStatus.NO_CONTENT)
        self._common()
        self.send_header("Access-Control-Allow-Methods", "GET")
        self.send_header("Access-Control-Allow-Private-Network", "true")
        self.end_headers()

    def _token(self) -> tuple[str, str | None]:
        """The token of the path and what follows it; None for a path or a host that is not ours."""
        parts = self.path.split("/")
        ours = self.headers.get("Host", "") in {f"{name}:{self.server.server_port}" for name in _NAMES}
        if not ours or len(parts) not in (3, 4) or parts[:2] != ["", "preview"] or not self.path.isascii():
            return "", None
        return parts[2], (parts[3] or None) if len(parts) == 4 else ""

    def _state(self, token: str) -> None:
        session = self.server.previews.find(token)
        if session is None:
            self._nothing()
            return
        body = session.state().model_dump_json().encode()
        self.send_response(HTTPStatus.OK)
        self._common()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, token: str) -> None:
        session = self.server.previews.open_once(token)
        if session is None:
            self._nothing()
            return
        self.send_response(HTTPStatus.OK)
        self._common()
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.end_headers()
        self.server.previews.stream(session, self.wfile)

    def _nothing(self) -> None:
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _common(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the path holds the token."""
