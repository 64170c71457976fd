"""Which files are one person's: a merged file is read as the one it was merged into, for as long as the merge stands.

A file has at most one file above it and none below that, so one look-up answers either way.
"""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, or_, select

from gateway.customers.tables import MergeRow

MERGED = "merged"


def root(session: Session, customer_id: str) -> str:
    """The file that speaks for this one; itself, unless it is merged."""
    query = select(MergeRow.kept_id).where(MergeRow.merged_id == customer_id, MergeRow.state == MERGED)
    return session.exec(query).first() or customer_id


def roots(session: Session, customer_ids: Iterable[str]) -> dict[str, str]:
    """Every given id with the file that speaks for it."""
    wanted = list(customer_ids)
    query = select(MergeRow.merged_id, MergeRow.kept_id).where(
        col(MergeRow.merged_id).in_(wanted), MergeRow.state == MERGED
    )
    above = dict(session.exec(query).all()) if wanted else {}
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


def below(session: Session, kept_ids: Iterable[str]) -> Sequence[MergeRow]:
    """The live merges into those files, oldest first."""
    wanted = list(kept_ids)
    if not wanted:
        return ()
    query = select(MergeRow).where(col(MergeRow.kept_id).in_(wanted), MergeRow.state == MERGED)
    return session.exec(query.order_by(MergeRow.merge_id)).all()


def touching(session: Session, *customer_ids: str) -> Sequence[MergeRow]:
    """Live merges that one of the files is part of, oldest first."""
    if not customer_ids:
        return ()
    part = or_(col(MergeRow.kept_id).in_(customer_ids), col(MergeRow.merged_id).in_(customer_ids))
    return session.exec(select(MergeRow).where(MergeRow.state == MERGED, part).order_by(MergeRow.merge_id)).all()
