"""Asking a device by HTTP: digest or basic authorisation, no redirect, no proxy, a bounded answer in a bounded time."""

import ssl
import time
import urllib.error
import urllib.request
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from edge_agent.devices.base import DeviceError

LONGEST = 65_536
_PORTION = 4096


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A device that sends us elsewhere would be handed our password there."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        raise urllib.error.HTTPError(req.full_url, code, "it redirects", headers, fp)


class HttpPoll:
    """`url` is asked with GET. `ca_file`: what an https address is checked with, else the system's certificates."""

    def __init__(
        self, url: str, *, username: str, password_file: Path | None, basic: bool, ca_file: Path | None, timeout: float
    ) -> None:
        self._url, self._username, self._password_file = url, username, password_file
        self._basic, self._ca_file, self._timeout = basic, ca_file, timeout

    def ask(self) -> bytes:
        """The body of a 200. Raises DeviceError, whose text says what to look at."""
        deadline = time.monotonic() + self._timeout
        try:
            with self._opener().open(self._url, timeout=self._timeout) as answer:
                return self._body(answer, deadline)
        except urllib.error.HTTPError as error:
            reason = "user or password" if error.code in (401, 403) else "address and application"
            raise DeviceError(f"the device answers {error.code}: check {reason}") from error
        except (OSError, HTTPException, ValueError) as error:
            words = str(getattr(error, "reason", None) or error)
            raise DeviceError(f"no answer: {words[:100] or type(error).__name__}") from error

    def _body(self, answer: Any, deadline: float) -> bytes:
        body = b""
        while portion := answer.read1(_PORTION):
            body += portion
            if len(body) > LONGEST:
                raise DeviceError(f"the answer has more than {LONGEST} bytes")
            if time.monotonic() > deadline:
                raise DeviceError(f"the answer took longer than {self._timeout:g} s")
        return body

    def _opener(self) -> urllib.request.OpenerDirector:
        """Made anew each time: another password in the file is used at once."""
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), _NoRedirect()]
        if self._url.startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self._ca_file)))
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
            raise DeviceError(f"the password file {self._password_file} cannot be read") from error
