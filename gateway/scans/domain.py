"""What an agent's code proves here and now, pure: place, half minute, key, and that it was not used before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from contracts.agent_code import AgentCode
from contracts.scans_api import ScanRefusal

WINDOWS_TOLERATED = 1
"""On either side of now: a code shown as the half minute ends, and clocks a few seconds apart."""


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """What the office knows of the agent that a code names. `used`: the half minutes already used."""

    channel_id: str
    active: bool
    key: bytes
    used: bool


def refusal(
    code: AgentCode | None, agent: KnownAgent | None, *, office: str, now: datetime, projects: Collection[str] = ()
) -> ScanRefusal:
    """Empty for a good code. `now` is central's time: agents' codes are made by its clock.

    `projects` are those that the office sells; where it names none, a code for any of them is good.
    """
    if code is None:
        return "malformed"
    if agent is None:
        return "unknown_agent"
    fault = code.fault(agent.key, office=office, now=now, windows=WINDOWS_TOLERATED)
    if fault:
        return fault
    if projects and code.project and code.project not in projects:
        return "other_project"
    if not agent.active:
        return "inactive_agent"
    return "used_before" if agent.used else ""
