"""Policies by version, so that a decision can be replayed under the one it was made with."""

import logging
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from contracts.policy import PolicyConfig
from contracts.policy_check import stored
from gateway.asking import ask, given
from gateway.policy.tables import PolicyVersion
from gateway.tables import GatewayState

log = logging.getLogger(__name__)
_CURRENT = "current_policy"
_MASTERED = "policy_master"
_NEWEST = select(PolicyVersion.version, PolicyVersion.body).order_by(col(PolicyVersion.version).desc()).limit(1)
_BODY = select(PolicyVersion.body).where(PolicyVersion.version == given("version"))
_WIRING = ("panel_node", "panel_device", "panel_number")


def current(session: Session) -> tuple[int, PolicyConfig]:
    """The newest version, read once per session. Raises LookupError before `adopt` ran, which it does at start."""
    known: tuple[int, PolicyConfig] | None = session.info.get(_CURRENT)
    if known is None:
        row = ask(session, _NEWEST).first()
        if row is None:
            raise LookupError("no policy was adopted yet")
        known = session.info[_CURRENT] = row.version, _parsed(row.body)
    return known


def at(session: Session, version: int) -> PolicyConfig:
    """Raises LookupError for a version that never was."""
    body: str | None = ask(session, _BODY, version=version).scalar()
    if body is None:
        raise LookupError(f"no policy version {version}")
    return _parsed(body)


def since(session: Session, version: int) -> datetime:
    """When a version came into force. Raises LookupError for one that never was."""
    row = session.get(PolicyVersion, version)
    if row is None:
        raise LookupError(f"no policy version {version}")
    return row.since


def adopt(session: Session, policy: PolicyConfig, now: datetime) -> int:
    """Make `policy` the one in force; the same rules again keep their version."""
    newest = ask(session, _NEWEST).first()
    if newest is not None and _parsed(newest.body) == policy:
        return int(newest.version)
    version = 1 if newest is None else newest.version + 1
    session.info.pop(_CURRENT, None)
    session.add(PolicyVersion(version=version, since=now, body=policy.model_dump_json()))
    return version


def adopt_own(session: Session, policy: PolicyConfig, now: datetime) -> int:
    """The file's rules, unless head office has sent its own: then only the wiring is the file's."""
    if session.get(GatewayState, _MASTERED) is None:
        return adopt(session, policy, now)
    return adopt(session, _wired(current(session)[1], policy), now)


def adopt_from_central(session: Session, policy: PolicyConfig, own: PolicyConfig, now: datetime) -> int:
    """Head office's rules, from now on in place of the file's."""
    session.merge(GatewayState(key=_MASTERED, value="central"))
    return adopt(session, _wired(policy, own), now)


def _wired(policy: PolicyConfig, own: PolicyConfig) -> PolicyConfig:
    """Which calling panel hangs on this office's wall is no rule: head office cannot know it."""
    return policy.model_copy(update={name: getattr(own, name) for name in _WIRING})


@lru_cache(maxsize=16)
def _parsed(body: str) -> PolicyConfig:
    policy, unread = stored(body)
    if unread:
        log.error("rules of a stored policy cannot be read: their defaults count", extra={"rules": unread})
    return policy
