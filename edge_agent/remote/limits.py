"""What a snapshot may name. Whoever can publish one must not gain more of this machine or its network than devices.

A snapshot reaches us through the office's broker, so a stolen gateway or a mistake in an ACL could send one. It may
name the serial lines below a few folders, the hosts and files that this node's own file names or allows, and topics of
the office's devices. It may carry no secret: those stay in files on the node.
"""

import os.path
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from contracts.messages import PlacedReason
from contracts.reasons import Reason, reason

SERIAL = re.compile(r"/dev/(?:anchang/[\w.-]+|serial/by-(?:id|path)/[\w.:+-]+|tty(?:USB|ACM|AMA|S)\d+)")
_NETWORK = {"http", "https", "rtsp", "rtsps", "socket", "tcp"}
_SECRET = re.compile(r"pass(word|wd)?|secret|token|credentials?|(api|private|secret)_?key", re.IGNORECASE)
_USUAL_PORTS = {80, 443, 554, 9100}
"""HTTP, HTTPS, RTSP, and the raw port of printers: the drivers' defaults."""
_HOST_MEMBERS = {"host", "hostname", "address", "ip", "server"}
_ANYWHERE = re.compile(r"[#+]|^\$|^anchang/", re.IGNORECASE)


class RemoteConfig(BaseModel):
    """`accept`: whether the gateway may change the devices at all. `hosts`, `files`: what a snapshot may name beside
    what the node's own file names; `files` are folders; a host may be followed by `:` and the one port that may be
    reached there beside the usual ones. `trial_seconds`: in which what worked must come back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    accept: bool = False
    folder: Path = Path("/var/lib/anchang/config")
    hosts: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()
    trial_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0


def violations(devices: list[dict[str, Any]], own: list[dict[str, Any]], allowed: RemoteConfig) -> list[PlacedReason]:
    """A reason for each value that a snapshot may not name, with its place. `own`: the devices of the node's file."""
    known = {text for _, _, text in _texts(own, "")}
    hosts = {host.lower() for host in allowed.hosts} | set(_hosts_of(own))
    found = []
    for place, member, text in _texts(devices, ""):
        trouble = None if text in known else _trouble(member, text, hosts, allowed)
        if _SECRET.fullmatch(member):
            trouble = reason("secret")
        if trouble is not None:
            found.append(PlacedReason(at=place.removeprefix("."), code=trouble.code, facts=trouble.facts))
    return found


def _trouble(member: str, text: str, hosts: set[str], allowed: RemoteConfig) -> Reason | None:
    if "://" in text:
        return _address_trouble(text, hosts)
    if member in _HOST_MEMBERS:
        return _host_trouble(*_split(text.lower()), hosts)
    if member == "gateway_key":
        return reason("key_forbidden")
    if text.startswith("usb:"):
        return None
    if text.startswith(("/", "~", ".")) or member.endswith(("_file", "_dir", "path")):
        return None if _is_allowed_path(text, allowed) else reason("file_forbidden", file=text)
    if member.endswith(("topic", "prefix")) and _ANYWHERE.search(text):
        return reason("topic_forbidden", topic=text)
    return None


def _address_trouble(text: str, hosts: set[str]) -> Reason | None:
    """pyserial's own schemes reach further than a line: `spy://` writes files."""
    try:
        scheme, host, port = urlsplit(text).scheme.lower(), _host_of(text), urlsplit(text).port
    except ValueError:
        return reason("no_address")
    if scheme not in _NETWORK:
        return reason("scheme_forbidden", scheme=scheme)
    if "@" in urlsplit(text).netloc and urlsplit(text).password is not None:
        return reason("secret")
    return _host_trouble(host, port, hosts)


def _host_trouble(host: str, port: int | None, hosts: set[str]) -> Reason | None:
    """A host that is named without a port is allowed with those that devices usually have."""
    if f"{host}:{port}" in hosts:
        return None
    if host not in hosts:
        return reason("host_forbidden", host=host)
    if port is not None and port not in _USUAL_PORTS:
        return reason("port_forbidden", host=host, port=port)
    return None


def _split(text: str) -> tuple[str, int | None]:
    """`_texts` writes a host with the port that stands beside it."""
    host, colon, port = text.rpartition(":")
    return (host, int(port)) if colon and port.isdecimal() and not host.endswith(":") else (text, None)


def _hosts_of(own: list[dict[str, Any]]) -> Iterator[str]:
    """Hosts of the node's file, and with each the port that it names."""
    for _, member, text in _texts(own, ""):
        host, port = (_host_of(text), urlsplit(text).port) if "://" in text else _split(text.lower())
        if "://" in text or member in _HOST_MEMBERS:
            yield host
            yield f"{host}:{port}"


def _host_of(text: str) -> str:
    try:
        return (urlsplit(text).hostname or "") if "://" in text else ""
    except ValueError:
        return ""


def _is_allowed_path(text: str, allowed: RemoteConfig) -> bool:
    if not text.startswith("/") or os.path.normpath(text) != text:
        return False
    return bool(SERIAL.fullmatch(text)) or any(
        Path(text).is_relative_to(folder) and Path(text) != folder for folder in allowed.files
    )


def _texts(value: Any, place: str, member: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text in it, with its place and the name of the member it stands in."""
    if isinstance(value, str):
        yield place, member, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _SECRET.fullmatch(name) and inner is not None and not isinstance(inner, str):
                yield f"{place}.{name}", name, str(inner)
            if name in _HOST_MEMBERS and isinstance(inner, str) and value.get("port") is not None:
                inner = f"{inner}:{value['port']}"
            yield from _texts(inner, f"{place}.{name}", name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            named = inner.get("id") if isinstance(inner, dict) and isinstance(inner.get("id"), str) else number
            yield from _texts(inner, f"{place}.{named}", member)
