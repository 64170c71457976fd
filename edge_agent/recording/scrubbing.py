"""Takes out of recorded traffic what belongs to a person or to one office: consistently, so that it still reads alike.

Serial numbers, addresses of the network, names and places become the ones reserved for documentation (RFC 5737 for
IPv4, RFC 3849 for IPv6; 02:00:… is a locally administered MAC address); the same value becomes the same stand-in
wherever it occurs, in topics too. Numbers that count stay as they are.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_IPV4 = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b")
_MAC = re.compile(r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b")
_IPV6 = re.compile(
    r"(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})(?:f[cde]|2)[0-9a-f]{1,3}:[0-9a-f:]*[0-9a-f](?!\w)", re.IGNORECASE
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

_BY_NAME: dict[str, str] = {
    "serial": r"sn|.*_sn|serial.*|dev_?eui|join_?eui|.*eui|dev_?addr|gateway_?id|imei|imsi|iccid|uuid|.*uuid",
    "mac": r"mac|.*_mac|mac_?addr.*",
    "ip": r"ip|.*_ip|ip_?addr.*|ipv4.*|ipv6.*|host|hostname",
    "name": r".*name|device|site|room|group|company|office|tenant.*|application.*|label|alias|user",
    "place": r"lat|lon|lng|latitude|longitude|altitude|location|address|geo.*",
    "secret": r"pass.*|token|.*key|secret|auth.*|cookie|session.*",
    "person": r"phone.*|tel|mobile|email|mail|plate.*|id_?card.*|face.*|picture.*|image.*|photo.*|pin",
}
_NAMED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _BY_NAME.items()}
_STAND_IN: dict[str, Callable[[int, str], str]] = {
    "serial": lambda n, old: f"{n:0{max(len(old), 1)}d}"[-max(len(old), 1) :],
    "mac": lambda n, old: f"02:00:00:00:00:{n % 256:02x}",
    "ip": lambda n, old: f"192.0.2.{n % 256}",
    "ipv6": lambda n, old: f"2001:db8::{n:x}",
    "name": lambda n, old: f"name-{n}",
    "place": lambda n, old: "",
    "secret": lambda n, old: "",
    "person": lambda n, old: "",
}
_PATTERNS = (
    ("mac", _MAC),
    ("ip", _IPV4),
    ("ipv6", _IPV6),
    ("person", _IDENTITY),
    ("person", _MOBILE),
    ("person", _EMAIL),
)
_WHOLE = ("place", "person", "secret")
"""Objects of such names hold nothing else."""
_SHORTEST_TOLD_APART = 4
"""Shorter values are not looked for elsewhere: too many innocent numbers hold them."""


@dataclass(slots=True)
class Scrubber:
    """Remembers which stand-in each value got."""

    _known: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def payload(self, payload: bytes) -> bytes:
        """JSON member by member, other text by its patterns; bytes that are no text stay: they carry no names."""
        try:
            value = json.loads(payload)
        except (ValueError, RecursionError):
            return self._text_or_bytes(payload)
        if not isinstance(value, dict | list):
            return self._text_or_bytes(payload)
        return json.dumps(self._value(value), ensure_ascii=False).encode()

    def text(self, text: str) -> str:
        """Known values first, then whatever looks like an address, a number of a person or a mailbox."""
        for old, new in sorted(self._known.items(), key=lambda pair: -len(pair[0])):
            if len(old) >= _SHORTEST_TOLD_APART:
                text = text.replace(old, new)
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda found, kind=kind: self._stand_in(kind, found[0]), text)  # type: ignore[misc]
        return text

    def _text_or_bytes(self, payload: bytes) -> bytes:
        try:
            return self.text(payload.decode()).encode()
        except UnicodeDecodeError:
            return payload

    def _value(self, value: Any, name: str = "", around: str | None = None) -> Any:
        """`around`: what kind of thing the object is that it stands in: a part of a name is a name."""
        kind = next((kind for kind, pattern in _NAMED.items() if name and pattern.fullmatch(name)), None)
        if isinstance(value, dict):
            whole = kind if kind in _WHOLE or name.lower().endswith(("name", "user")) else None
            return {str(key): self._value(inner, str(key), whole or around) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, name, around) for inner in value]
        kind = kind or around
        if isinstance(value, str):
            return self._stand_in(kind, value) if kind and value else self.text(value)
        if kind in ("place", "person", "secret", "serial") and isinstance(value, int | float):
            return 0
        return value

    def _stand_in(self, kind: str, old: str) -> str:
        if old in self._known.values():
            return old
        if old not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[old] = _STAND_IN[kind](self._counts[kind], old)
        return self._known[old]


def personal(text: str) -> list[str]:
    """Kinds of what still looks personal: nothing of it may be written. Addresses for documentation are allowed."""
    left = {kind for kind, pattern in _PATTERNS for found in pattern.findall(text) if not _reserved(found)}
    return sorted(left)


def _reserved(found: str) -> bool:
    return found.startswith(("192.0.2.", "02:00:00:00:00:", "2001:db8:"))
