"""Which files are one person's: a merged file is read as the one it was merged into, for as long as the merge stands.

A file has at most one file above it and none below that, so one look-up answers either way.
"""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, or_, select

from gateway.asking import Columns, among, ask_stored
from gateway.customers.tables import MergeRow

MERGED = "merged"
Merges = Sequence[Columns]
"""`merged_id`, `kept_id` and `kept_owner_id` of each."""

_MERGES = (
    select(MergeRow.merged_id, MergeRow.kept_id, MergeRow.kept_owner_id)
    .where(MergeRow.state == MERGED)
    .order_by(MergeRow.merge_id)
)
_ABOVE = _MERGES.where(col(MergeRow.merged_id).in_(among("files")))
_BELOW = _MERGES.where(col(MergeRow.kept_id).in_(among("files")))
_TOUCHING = _MERGES.where(or_(col(MergeRow.kept_id).in_(among("files")), col(MergeRow.merged_id).in_(among("files"))))
_KNOWN = "merges"


def root(session: Session, customer_id: str) -> str:
    """The file that speaks for this one; itself, unless it is merged."""
    above = (row.kept_id for row in touching(session, customer_id) if row.merged_id == customer_id)
    return next(above, customer_id)


def roots(session: Session, customer_ids: Iterable[str]) -> dict[str, str]:
    """Every given id with the file that speaks for it."""
    wanted = list(customer_ids)
    above = {row.merged_id: row.kept_id for row in ask_stored(session, _ABOVE, files=wanted)} if wanted else {}
    return {each: above.get(each, each) for each in wanted}


def group(session: Session, customer_id: str) -> tuple[str, ...]:
    """All files of that person, the one that speaks for them first."""
    return tuple(groups(session, [customer_id]))


def groups(session: Session, customer_ids: Iterable[str]) -> dict[str, str]:
    """All files of those persons, each with the file that speaks for it; those that speak come first."""
    wanted = list(dict.fromkeys(customer_ids))
    near = touching(session, *wanted)
    above = {row.merged_id: row.kept_id for row in near}
    heads = {above.get(each, each): above.get(each, each) for each in wanted}
    far = below(session, [head for head in heads if head not in wanted])
    return heads | {row.merged_id: row.kept_id for row in (*near, *far) if row.kept_id in heads}


def below(session: Session, kept_ids: Iterable[str]) -> Merges:
    """The live merges into those files, oldest first."""
    wanted = list(kept_ids)
    return ask_stored(session, _BELOW, files=wanted).all() if wanted else ()


def touching(session: Session, *customer_ids: str) -> Merges:
    """Live merges that one of the files is part of, oldest first; read once per session: an arrival asks many times."""
    known: dict[tuple[str, ...], Merges] = session.info.setdefault(_KNOWN, {})
    if customer_ids and customer_ids not in known:
        known[customer_ids] = ask_stored(session, _TOUCHING, files=list(customer_ids)).all()
    return known.get(customer_ids, ())


def changed(session: Session) -> None:
    """A merge came or went: what was read of them is read anew."""
    session.info.pop(_KNOWN, None)
