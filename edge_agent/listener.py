"""The agent's own HTTP listener, for counters that push their reports: `POST /devices/ID`.

It answers 200 only once everything the report amounts to is committed to the outbox, so that a device which repeats
what was not answered loses nothing (a repeat counts nobody twice). It listens on nothing until a device needs it, on
loopback unless told otherwise. Every device has a secret of its own, as Basic or Bearer authorisation or `?token=` for
devices that can only be given an address; without it nothing is said, not even whether the device exists. Head and body
are bounded, slow ones are cut off, and connections beyond a few are refused, sooner those of one address.
"""

import base64
import binascii
import hmac
import logging
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from http import HTTPStatus
from http.client import LineTooLong
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from contracts.reasons import name_of
from edge_agent.devices.base import DeviceError, PushHandler, Received

MAX_BODY = 1_048_576
"""Some counters send a picture along."""
MAX_HEAD = 16_384
"""The library alone would hold 6 MB of header lines for each connection, before anybody proved who they are."""
_CONNECTIONS = 16
_FROM_ONE = 8
"""One address can hold no more than these: the other counters still get through."""
_REFUSED_SECONDS = 0.2
_POLL_SECONDS = 0.2
_PATH = re.compile(r"/devices/([a-z0-9-]{1,40})/?")
_log = logging.getLogger(__name__)


class ListenerConfig(BaseModel):
    """Where pushes are taken. `whole_seconds`: a request must be over by then; `durable_seconds`: and committed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8091
    whole_seconds: Annotated[float, Field(ge=0.1, le=120)] = 15.0
    durable_seconds: Annotated[float, Field(ge=0.1, le=60)] = 10.0


class RefusedError(Exception):
    """A request that is answered with `status` and the reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Listener:
    """Thread-safe. `receive` starts it when the first device needs it."""

    def __init__(self, config: ListenerConfig) -> None:
        self.config = config
        self._devices: dict[str, tuple[Path, PushHandler]] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on; 0 while it does not."""
        return 0 if self._server is None else int(self._server.server_address[1])

    def receive(self, device: str, secret_file: Path, handler: PushHandler) -> Callable[[], None]:
        """Hand `handler` what is pushed to this device, until what is returned is called. Raises DeviceError."""
        secret_of(secret_file)
        with self._lock:
            if self._server is None:
                self._server = self._listen()
            self._devices[device] = (secret_file, handler)
        return lambda: self._forget(device, handler)

    def stop(self) -> None:
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def handler_of(self, device: str, offered: str | None) -> PushHandler:
        """Raises RefusedError unless this is the device's secret."""
        known = self._devices.get(device)
        try:
            expected = secret_of(known[0]) if known else ""
        except DeviceError as error:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "the device's secret cannot be read") from error
        if known is None or not expected or not hmac.compare_digest((offered or "").encode(), expected.encode()):
            time.sleep(_REFUSED_SECONDS)
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "the device and its secret do not fit")
        return known[1]

    def _forget(self, device: str, handler: PushHandler) -> None:
        with self._lock:
            if device in self._devices and self._devices[device][1] is handler:
                del self._devices[device]

    def _listen(self) -> "_Server":
        try:
            server = _Server(self)
        except OSError as error:
            address = f"{self.config.host}:{self.config.port}"
            raise DeviceError("listener_port", address=address, error=name_of(error)) from error
        threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="listener", daemon=True).start()
        _log.info("listening for reports", extra={"host": self.config.host, "port": server.server_address[1]})
        return server


def secret_of(path: Path) -> str:
    """Raises DeviceError, which does not say what is in the file."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError("secret_unreadable", file=str(path), error=name_of(error)) from error
    if not secret:
        raise DeviceError("secret_empty", file=str(path))
    return secret


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = _CONNECTIONS

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self._places: Counter[str] = Counter()
        self._lock = threading.Lock()
        super().__init__((listener.config.host, listener.config.port), _Request)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._seat(client_address[0]):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def _seat(self, address: str) -> bool:
        with self._lock:
            free = self._places.total() < _CONNECTIONS and self._places[address] < _FROM_ONE
            self._places[address] += free
        return free

    def _leave(self, address: str) -> None:
        with self._lock:
            self._places[address] -= 1
            self._places += Counter()  # forgets addresses that hold no place

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        cut = threading.Timer(self.listener.config.whole_seconds, _cut, (request,))
        cut.daemon = True
        cut.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut.cancel()
            self._leave(client_address[0])

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.info("a pushed report was cut off")


def _cut(request: socket.socket) -> None:
    """A client that sends a byte now and then would hold its place for ever."""
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Head:
    """The lines before a body, together at most MAX_HEAD bytes. Raises LineTooLong, which the library answers."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file, self._left = file, MAX_HEAD

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise LineTooLong("header line")
        return line


class _Request(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "anchang"
    sys_version = ""

    def parse_request(self) -> bool:
        whole, self.rfile = self.rfile, _Head(self.rfile)  # type: ignore[assignment]
        try:
            return super().parse_request()
        finally:
            self.rfile = whole

    def do_POST(self) -> None:
        try:
            self._take()
        except RefusedError as refused:
            self._answer(refused.status, str(refused))

    def do_PUT(self) -> None:
        self.do_POST()

    def do_GET(self) -> None:
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED, "reports are sent with POST or PUT")

    def _take(self) -> None:
        if self.headers.get("Origin") is not None:
            raise RefusedError(HTTPStatus.FORBIDDEN, "no device is a page of a browser")
        try:
            address = urlsplit(self.path)
        except ValueError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "no address") from error
        found = _PATH.fullmatch(address.path)
        if found is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "reports go to /devices/ID")
        handler = self.server.listener.handler_of(found[1], self._offered(address.query))
        body = self._body()
        try:
            accepted = handler(Received(self.headers.get("Content-Type", ""), body))
        except ValueError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
        except Exception as error:
            _log.exception("a pushed report could not be handled")
            raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "the report could not be handled") from error
        if not _durable(accepted, self.server.listener.config.durable_seconds):
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "not stored yet: send it again")
        self._answer(HTTPStatus.OK, "stored")

    def _offered(self, query: str) -> str | None:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return value.strip()
        if kind.lower() == "basic":
            try:
                return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
            except (binascii.Error, ValueError):
                return None
        return next(iter(parse_qs(query).get("token", [])), None)

    def _body(self) -> bytes:
        coding, length = self.headers.get("Transfer-Encoding", ""), self.headers.get("Content-Length")
        if self.headers.get("Content-Encoding", "identity") != "identity":
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the report as it is, not compressed")
        if coding:
            if coding.lower() != "chunked" or length is not None:
                raise RefusedError(HTTPStatus.BAD_REQUEST, "how long the report is cannot be told")
            return b"".join(self._chunks())
        if length is None or not length.isascii() or not length.isdigit():
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "a Content-Length is needed")
        return self._exactly(_bounded(int(length)))

    def _chunks(self) -> list[bytes]:
        parts: list[bytes] = []
        while True:
            size = self.rfile.readline(64).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
                raise RefusedError(HTTPStatus.BAD_REQUEST, "not a chunked report")
            _bounded(int(size, 16) + sum(len(part) for part in parts))
            part = self._exactly(int(size, 16))
            if not part:
                return parts  # trailers are of no use, and the connection ends with the answer
            parts.append(part)
            self._exactly(2)

    def _exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) != length:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "the report ended early")
        return body

    def _answer(self, status: HTTPStatus, reason: str) -> None:
        self.close_connection = True
        text = f"{reason}\n".encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
            if status is HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", 'Basic realm="anchang"')
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            _log.debug("nobody waited for the answer")

    def log_message(self, *_: Any) -> None:
        """The address may hold a secret."""


def _bounded(length: int) -> int:
    if length > MAX_BODY:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a report has at most {MAX_BODY} bytes")
    return length


def _durable(accepted: Sequence["Future[Any]"], seconds: float) -> bool:
    """Whether all of it is committed by then."""
    waited = wait(accepted, timeout=seconds)
    return not waited.not_done and all(future.exception() is None for future in waited.done)
