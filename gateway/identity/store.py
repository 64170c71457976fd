"""Finding customer files by keyed indexes, equality only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contracts.identity_api import FoundBy
from gateway.asking import among, ask, given
from gateway.customers.tables import CustomerRow, NameReading
from gateway.identity.search import Term
from gateway.identity.tables import StrongKeyRow
from gateway.keys import IndexKind, Keys

_COLUMNS: dict[FoundBy, Any] = {
    "phone": col(CustomerRow.phone_index),
    "masked_phone": col(CustomerRow.phone37_index),
    "last4": col(CustomerRow.last4_index),
    "name": col(CustomerRow.name_index),
}
"""Kinds whose index is a column of the file itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: in the `tier`th way of finding, after that file."""

    tier: int
    customer_id: str

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        tier, _, customer_id = cursor.partition(".")
        return cls(int(tier), customer_id)

    @property
    def cursor(self) -> str:
        return f"{self.tier}.{self.customer_id}"


@dataclass(frozen=True, slots=True)
class Found:
    place: Place
    reasons: tuple[FoundBy, ...]


def digests(keys: Keys, terms: Sequence[Term]) -> dict[FoundBy, list[str]]:
    """The indexes to look for, by kind, strongest kind first."""
    found: dict[FoundBy, list[str]] = {}
    for term in terms:
        found.setdefault(term.kind, []).append(keys.index(_index_kind(term.kind), term.value))
    return found


def search(session: Session, wanted: Mapping[FoundBy, Sequence[str]], after: Place | None, limit: int) -> list[Found]:
    """At most `limit` files, strongest reason first; one found in several ways stands at the strongest."""
    found: list[Found] = []
    for tier, kind in enumerate(wanted):
        if after is not None and tier < after.tier:
            continue
        below = after.customer_id if after is not None and tier == after.tier else None
        while len(found) < limit:
            ids = _ids(session, kind, wanted[kind], below, limit)
            reasons = _reasons(session, ids, wanted)
            found += [Found(Place(tier, i), reasons[i]) for i in ids if reasons[i][0] == kind]
            if len(ids) < limit:
                break
            below = ids[-1]
    return found[:limit]


def _ids(session: Session, kind: FoundBy, indexes: Sequence[str], below: str | None, limit: int) -> list[str]:
    """Newest file first: ids grow with time."""
    if below is None:
        return list(ask(session, _first(kind), indexes=indexes, limit=limit).scalars())
    return list(ask(session, _next(kind), indexes=indexes, limit=limit, below=below).scalars())


@cache
def _first(kind: FoundBy) -> SelectOfScalar[str]:
    customer_id, index = _where(kind)
    query: SelectOfScalar[str] = select(customer_id).where(index.in_(among("indexes")))
    if kind == "id_number":
        query = query.where(col(StrongKeyRow.kind) == kind)
    return query.distinct().order_by(customer_id.desc()).limit(given("limit"))


@cache
def _next(kind: FoundBy) -> SelectOfScalar[str]:
    return _first(kind).where(_where(kind)[0] < given("below"))


@cache
def _both(kind: FoundBy) -> SelectOfScalar[str]:
    customer_id, index = _where(kind)
    found: SelectOfScalar[str] = select(customer_id).where(customer_id.in_(among("files")), index.in_(among("indexes")))
    return found


def _where(kind: FoundBy) -> tuple[Any, Any]:
    """The columns of the customer's id and of the index."""
    if kind in _COLUMNS:
        return col(CustomerRow.customer_id), _COLUMNS[kind]
    if kind == "id_number":
        return col(StrongKeyRow.customer_id), col(StrongKeyRow.key_index)
    return col(NameReading.customer_id), col(NameReading.reading_index)


def _reasons(
    session: Session, ids: Sequence[str], wanted: Mapping[FoundBy, Sequence[str]]
) -> dict[str, tuple[FoundBy, ...]]:
    """Of each file every kind that finds it, strongest first."""
    if len(wanted) == 1:
        return dict.fromkeys(ids, tuple(wanted))
    found: dict[str, list[FoundBy]] = {i: [] for i in ids}
    for kind, customer_id in _matches(session, ids, wanted):
        found[customer_id].append(kind)
    return {i: tuple(dict.fromkeys(kinds)) for i, kinds in found.items()}


def _matches(
    session: Session, ids: Sequence[str], wanted: Mapping[FoundBy, Sequence[str]]
) -> Iterator[tuple[FoundBy, str]]:
    for kind, indexes in wanted.items():
        for each in ask(session, _both(kind), files=ids, indexes=indexes).scalars():
            yield kind, each


def _index_kind(kind: FoundBy) -> IndexKind:
    if kind == "masked_phone":
        return "phone37"
    return kind
