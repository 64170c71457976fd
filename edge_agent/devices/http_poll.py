"""Asking a device by HTTP: digest or basic authorisation, no redirect, no proxy, a bounded answer in a bounded time."""

import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Any

from contracts.reasons import name_of
from edge_agent.devices.base import DeviceError

LONGEST = 65_536
OVERHEARD: list[Callable[[bytes], None]] = []
"""Who hears every answer beside the driver that asked: `record`."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A device that sends us elsewhere would be handed our password there."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        raise urllib.error.HTTPError(req.full_url, code, "it redirects", headers, fp)


class _PlainLine(HTTPConnection):
    """Puts its socket where it can be cut."""

    def __init__(self, host: str, *, sockets: list[socket.socket], **settings: Any) -> None:
        super().__init__(host, **settings)
        self._sockets = sockets

    def connect(self) -> None:
        super().connect()
        self._sockets.append(self.sock)


class _SecureLine(HTTPSConnection):
    def __init__(self, host: str, *, sockets: list[socket.socket], **settings: Any) -> None:
        super().__init__(host, **settings)
        self._sockets = sockets

    def connect(self) -> None:
        super().connect()
        self._sockets.append(self.sock)


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._line = partial(_PlainLine, sockets=sockets)

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._line, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, sockets: list[socket.socket], context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._line = partial(_SecureLine, sockets=sockets, context=context)

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._line, req)


def _cut(sockets: list[socket.socket], too_late: threading.Event) -> None:
    """A device that sends a byte now and then would hold us for ever: each wait is within the time-out."""
    too_late.set()
    for each in list(sockets):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


class HttpPoll:
    """`url` is asked with GET. `ca_file`: what an https address is checked with, else the system's certificates."""

    def __init__(
        self, url: str, *, username: str, password_file: Path | None, basic: bool, ca_file: Path | None, timeout: float
    ) -> None:
        self._url, self._username, self._password_file = url, username, password_file
        self._basic, self._ca_file, self._timeout = basic, ca_file, timeout

    def ask(self) -> bytes:
        """The body of a 200. Raises DeviceError, whose reason says what to look at."""
        sockets: list[socket.socket] = []
        too_late = threading.Event()
        late = threading.Timer(self._timeout, _cut, (sockets, too_late))
        late.daemon = True
        late.start()
        try:
            body = self._answer(sockets)
        except DeviceError:
            if not too_late.is_set():
                raise
        finally:
            late.cancel()
        if too_late.is_set():
            raise DeviceError("http_late", seconds=self._timeout)
        for hear in OVERHEARD:
            hear(body)
        return body

    def _answer(self, sockets: list[socket.socket]) -> bytes:
        try:
            with self._opener(sockets).open(self._url, timeout=self._timeout) as answer:
                body = bytes(answer.read(LONGEST + 1))
        except urllib.error.HTTPError as error:
            code = "http_login" if error.code in (401, 403) else "http_status"
            raise DeviceError(code, status=error.code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise DeviceError("http_mute", error=name_of(error)) from error
        if len(body) > LONGEST:
            raise DeviceError("http_long", bytes=LONGEST)
        return body

    def _opener(self, sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
        """Made anew each time: another password in the file is used at once."""
        context = ssl.create_default_context(cafile=self._ca_file) if self._url.startswith("https:") else None
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.ProxyHandler({}),
            _NoRedirect(),
            _Plain(sockets),
            _Secure(sockets, context),
        ]
        if self._password_file is not None:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            known.add_password(None, self._url, self._username, self._password())
            wanted = urllib.request.HTTPBasicAuthHandler if self._basic else urllib.request.HTTPDigestAuthHandler
            handlers.append(wanted(known))
        return urllib.request.build_opener(*handlers)

    def _password(self) -> str:
        if self._password_file is None:
            return ""
        try:
            return self._password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DeviceError("password_unreadable", file=str(self._password_file), error=name_of(error)) from error
