"""`python -m gateway replay`: every verdict of a period once more from its stored evidence, under any policy.

It only reads, also while the gateway runs. Exit code 0 whatever would change, 2 when it cannot be run.
"""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from gateway.attribution import store
from gateway.attribution.domain import Verdict, judge
from gateway.attribution.evidence import Evidence
from gateway.attribution.replay_picture import svg
from gateway.attribution.tables import ReferralRow, RegistrationRow, VerdictRow
from gateway.config import ConfigError, GatewayConfig, load, policy_mistakes
from gateway.customers.tables import CustomerRow
from gateway.database import Database
from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from gateway.visits.tables import VisitRow

HEADINGS = ("made at", "visit", "what", "was", "would be")
COUNTED = ("was by rule", "would be by rule", "verdicts", "visits")
_COMPARED = tuple(name for name in Verdict.model_fields if name != "rules")


@dataclass(frozen=True, slots=True)
class Rerun:
    """One verdict again. `again` is None when its evidence cannot be read; `erased` are inputs that are gone since."""

    row: VerdictRow
    again: Verdict | None
    erased: tuple[str, ...]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What would be said otherwise: field, was, would be."""
        if self.again is None:
            return []
        was, now = store.said(self.row), self.again
        return [
            (name, _text(getattr(was, name)), _text(getattr(now, name)))
            for name in _COMPARED
            if getattr(was, name) != getattr(now, name)
        ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="gateway replay",
        description="Judge a period's stored verdicts again and print what would change; it only reads.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", required=True, help="gateway.toml")
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, metavar="DATE", required=True, help="2026-11-01"
    )
    parser.add_argument(
        "--to", dest="until", type=date.fromisoformat, metavar="DATE", required=True, help="last day, included"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a TOML file whose [policy] is tried instead")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the counts by rule into this SVG file")
    options = parser.parse_args(arguments)
    try:
        config = load(options.config)
        policy = None if options.policy is None else read_policy(options.policy)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if not config.database.is_file():
        print(f"{config.database}: no such database", file=sys.stderr)
        return 2
    return _print(config, policy, options.since, options.until, options.picture)


def read_policy(path: Path) -> PolicyConfig:
    """Raises ConfigError naming the place of every mistake."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        policy = PolicyConfig.model_validate(values.get("policy", {}))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        found = (f"{path}: policy.{'.'.join(str(s) for s in e['loc'])}: {e['msg']}" for e in error.errors())
        raise ConfigError("\n".join(found)) from None
    if mistakes := policy_mistakes(path, policy):
        raise ConfigError("\n".join(mistakes))
    return policy


def rerun(
    session: Session, zone: ZoneInfo, since: datetime, until: datetime, policy: PolicyConfig | None
) -> Iterator[Rerun]:
    """Each verdict made at or after `since` and before `until`; `policy` None: under its own version."""
    for row in store.between(session, since, until):
        weighed = store.weighed(row)
        if weighed is None:
            yield Rerun(row, None, () if row.evidence else ("evidence",))
            continue
        again = judge(weighed, policy or policies.at(session, row.policy_version), zone)
        yield Rerun(row, again, tuple(_erased(session, weighed)))


def _erased(session: Session, weighed: Evidence) -> Iterator[str]:
    """What the verdict had read and the database does not hold any more."""
    visits = {v for s in (*weighed.signals, *weighed.standing) if (v := getattr(s, "visit_id", None)) is not None}
    named: tuple[tuple[str, type[SQLModel], Iterable[str]], ...] = (
        ("customer", CustomerRow, (member.customer_id for member in weighed.party)),
        ("visit", VisitRow, visits | {weighed.visit_id}),
        ("registration", RegistrationRow, (r.registration_id for r in weighed.registrations)),
        ("referral", ReferralRow, (r.referral_id for r in weighed.referrals)),
    )
    for word, table, ids in named:
        yield from (f"{word} {each}" for each in sorted(set(ids)) if session.get(table, each) is None)


def _print(config: GatewayConfig, policy: PolicyConfig | None, first: date, last: date, picture: Path | None) -> int:
    zone = ZoneInfo(config.time_zone)
    since, until = (datetime.combine(day, time(0), zone) for day in (first, last + timedelta(days=1)))
    database = Database(config.database)
    try:
        with database.read() as session:
            found = _read(rerun(session, zone, since, until, policy), zone)
    except OperationalError:
        print(f"{config.database}: made by another version; start this gateway on it once", file=sys.stderr)
        return 2
    finally:
        database.close()
    print("\n".join(_report(found)))
    if picture is not None:
        try:
            picture.write_text(svg(found.verdicts, f"{first} to {last}: {_sums(found)}"), encoding="utf-8")
        except OSError as error:
            print(f"{picture}: {error.strerror}", file=sys.stderr)
            return 2
    return 0


@dataclass(slots=True)
class _Found:
    """What a replay comes to. `verdicts` and `visits` are by rule: was, would be; `changed` are rows of a table."""

    total: int = 0
    unread: int = 0
    altered: int = 0
    changed: list[tuple[str, ...]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    visits: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def _read(reruns: Iterable[Rerun], zone: ZoneInfo) -> _Found:
    found = _Found()
    for each in reruns:
        found.total += 1
        found.unread += each.again is None
        changes = each.changes
        made_at = each.row.made_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        found.changed += [(made_at, each.row.visit_id, *change) for change in changes]
        found.altered += bool(changes)
        found.erased += [f"verdict {each.row.verdict_id}: input erased: {what}" for what in each.erased]
        if each.again is not None:
            moved = (each.row.rule, each.again.rule)
            found.verdicts[moved] += 1
            found.visits.setdefault(moved, set()).add(each.row.visit_id)
    return found


def _report(found: _Found) -> Iterator[str]:
    """What would change, verdict by verdict; how many by which rule; the sums."""
    if found.changed:
        yield from _table([HEADINGS, *found.changed])
        yield ""
    if found.verdicts:
        counted = sorted(found.verdicts.items(), key=lambda item: (item[0][0] == item[0][1], -item[1], item[0]))
        yield from _table([COUNTED, *((*rules, str(n), str(len(found.visits[rules]))) for rules, n in counted)])
        yield ""
    yield from found.erased
    yield f"{_sums(found)}, {found.unread} cannot be run again, {len(found.erased)} inputs erased"


def _sums(found: _Found) -> str:
    return f"{found.total} verdicts, {found.altered} would change"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _text(value: Any) -> str:
    if value is None or value == ():
        return "-"
    if isinstance(value, tuple):
        return " ".join(f"{v.consultant_id}:{v.percent}%" if hasattr(v, "percent") else str(v) for v in value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
