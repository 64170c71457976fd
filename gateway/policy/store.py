"""Policies by version, so that a decision can be replayed under the one it was made with."""

import json
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from contracts.policy import PolicyConfig
from gateway.policy.tables import PolicyVersion

_CURRENT = "current_policy"


def current(session: Session) -> tuple[int, PolicyConfig]:
    """The newest version, read once per session. Raises LookupError before `adopt` ran, which it does at start."""
    known: tuple[int, PolicyConfig] | None = session.info.get(_CURRENT)
    if known is None:
        row = session.exec(select(PolicyVersion).order_by(col(PolicyVersion.version).desc()).limit(1)).first()
        if row is None:
            raise LookupError("no policy was adopted yet")
        known = session.info[_CURRENT] = row.version, _parsed(row.body)
    return known


def at(session: Session, version: int) -> PolicyConfig:
    """Raises LookupError for a version that never was."""
    row = session.get(PolicyVersion, version)
    if row is None:
        raise LookupError(f"no policy version {version}")
    return _parsed(row.body)


def adopt(session: Session, policy: PolicyConfig, now: datetime) -> int:
    """Make `policy` the one in force; the same rules again keep their version."""
    newest = session.exec(select(PolicyVersion).order_by(col(PolicyVersion.version).desc()).limit(1)).first()
    if newest is not None and _parsed(newest.body) == policy:
        return newest.version
    version = 1 if newest is None else newest.version + 1
    session.add(PolicyVersion(version=version, since=now, body=policy.model_dump_json()))
    return version


@lru_cache(maxsize=16)
def _parsed(body: str) -> PolicyConfig:
    """What an earlier release wrote may name rules that this one no longer has; they decide nothing here."""
    known = {name: value for name, value in json.loads(body).items() if name in PolicyConfig.model_fields}
    return PolicyConfig.model_validate(known)
