"""Under which names our services answer, and to pages of which origins: deny by default.

A stranger's page can have its own host name point at 127.0.0.1 or at an address of the office (DNS rebinding); the
browser then takes our service for a part of that page. It cannot send another Host header than its own name, nor a
forged Origin (RFC 6454, WHATWG Fetch). An address in digits needs no name server, so nobody can rebind one: addresses
and `localhost` are always answered, other names only when the configuration has them.
"""

import ipaddress
import json
from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import StringConstraints

HostName = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9_])?$")
]
"""As people or programs write it in an address: without scheme, port or path."""
_PORTS = {"http": 80, "https": 443}
_REFUSED = {
    421: (
        "Misdirected Request",
        "unknown_host",
        "the server is not called that: name it in host_names",
    ),
    403: ("Forbidden", "foreign_origin", "pages of another origin may not ask here"),
}


class Named:
    """ASGI: answers 421 `unknown_host` or 403 `foreign_origin` before anything else reads the request."""

    def __init__(self, app: Any, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status = 0 if scope["type"] not in ("http", "websocket") else self._refusal(scope["headers"])
        if not status:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refuse(status, send)

    def _refusal(self, headers: Collection[tuple[bytes, bytes]]) -> int:
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or not answers_to(hosts[0], self._names):
            return 421
        return 0 if all(is_own(origin, hosts[0], self._names) for origin in origins) else 403


def answers_to(host: str, names: Collection[str]) -> bool:
    """Whether a Host header names this server: by address, as `localhost`, or by one of its names. Any port."""
    place = _place(f"//{host}")
    return place is not None and (place[0] == "localhost" or place[0] in names or _is_address(place[0]))


def is_own(origin: str, host: str, names: Collection[str]) -> bool:
    """Whether a page of `origin` is one of this server's: the same host and port, or a name that a proxy stands for at
    the usual port.
    """
    place = _place(origin)
    scheme = origin.partition("://")[0].lower()
    if place is None or scheme not in _PORTS:
        return False
    if place[0] in names and _port(place, scheme) == _PORTS[scheme]:
        return True
    asked = _place(f"//{host}")
    return asked is not None and place[0] == asked[0] and _port(place, scheme) in (asked[1], _port(asked, scheme))


def _place(address: str) -> tuple[str, int | None] | None:
    """Host in small letters without the root's dot, and the port if any; None for what is no such place."""
    try:
        parts = urlsplit(address)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return name.removesuffix("."), port


def _port(place: tuple[str, int | None], scheme: str) -> int:
    return _PORTS[scheme] if place[1] is None else place[1]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(status: int, send: Any) -> None:
    title, code, detail = _REFUSED[status]
    problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
