"""The dynamic QR of an agent (动态码): who brings the visitor, where and when, verifiable without a line to central.

`AC1.OFFICE.PROJECT.AGENT.WINDOW.MAC`, only capitals, digits, hyphen and dot: a scanner types it on any keyboard, and a
QR holds it in its compact alphanumeric mode. WINDOW counts periods of 30 s since 1970 (RFC 6238 counts so); MAC is
HMAC-SHA-256 over all that stands before it with the agent's own key, cut to 80 bits.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

WINDOW_SECONDS = 30
CodeFault = Literal["", "malformed", "forged", "other_office", "expired", "too_far_in_time"]
_MAC_BYTES = 10
_TEXT = re.compile(
    r"AC1\.([A-Z0-9][A-Z0-9-]{0,39})\.((?:[A-Z0-9][A-Z0-9-]{0,39})?)\.([A-Z2-7]{26})\.([0-9]{1,12})\.([A-Z2-7]{16})"
)
_FULL_WIDTH = {ord("．"): ".", ord("。"): ".", ord("－"): "-"}


@dataclass(frozen=True, slots=True)
class AgentCode:
    """A code as it was read; `mac` is not yet checked. `project` is empty for all projects of the office."""

    office: str
    project: str
    agent_id: str
    window: int
    mac: str

    @classmethod
    def parse(cls, text: str) -> "AgentCode | None":
        """None for what is no such code. A scanner may type small letters or an input method's full stops."""
        found = _TEXT.fullmatch(text.strip().translate(_FULL_WIDTH).upper())
        if found is None:
            return None
        office, project, agent, window, mac = found.groups()
        agent_id = _uuid_of(agent)
        if _letters_of(agent_id) != agent:  # the last letter has two bits more than an id fills
            return None
        return cls(office.lower(), project.lower(), agent_id, int(window), mac)

    def fault(self, key: bytes, *, office: str, now: datetime, windows: int = 1) -> CodeFault:
        """Why it proves nothing at this office at this time, or empty. `windows` are tolerated on either side."""
        if not hmac.compare_digest(self.mac, _mac(key, self.office, self.project, self.agent_id, self.window)):
            return "forged"
        if self.office != office:
            return "other_office"
        if self.window < window_of(now) - windows:
            return "expired"
        return "too_far_in_time" if self.window > window_of(now) + windows else ""


def issue(key: bytes, *, office: str, project: str, agent_id: str, at: datetime) -> str:
    """The text of the QR for the window that `at` lies in."""
    window = window_of(at)
    return _head(office, project, agent_id, window) + "." + _mac(key, office, project, agent_id, window)


def window_of(at: datetime) -> int:
    return int(at.timestamp()) // WINDOW_SECONDS


def window_start(window: int) -> datetime:
    return datetime.fromtimestamp(window * WINDOW_SECONDS, UTC)


def window_end(window: int) -> datetime:
    return window_start(window) + timedelta(seconds=WINDOW_SECONDS)


def _head(office: str, project: str, agent_id: str, window: int) -> str:
    return f"AC1.{office.upper()}.{project.upper()}.{_letters_of(agent_id)}.{window}"


def _mac(key: bytes, office: str, project: str, agent_id: str, window: int) -> str:
    digest = hmac.new(key, _head(office, project, agent_id, window).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_MAC_BYTES]).decode()


def _letters_of(agent_id: str) -> str:
    return base64.b32encode(UUID(agent_id).bytes).decode().rstrip("=")


def _uuid_of(text: str) -> str:
    return str(UUID(bytes=base64.b32decode(text + "=" * 6)))
