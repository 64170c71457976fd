"""The one way a consent changes: its row, a new version for the nodes, and the digest of all, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from contracts.faces import EMPTY, entry_digest
from contracts.faces_api import EndCause
from gateway.asking import among, objects
from gateway.auth import Principal
from gateway.consents.tables import ConsentBook, ConsentRow, FaceAct
from gateway.context import Context
from gateway.customers import aliases
from gateway.writer import UnitOfWork

_MODULUS = 2**256
_LIVE = (
    select(ConsentRow)
    .where(col(ConsentRow.customer_id).in_(among("files")), ConsentRow.state != "ended")
    .order_by(col(ConsentRow.given_at).desc())
)


def read(session: Session) -> ConsentBook:
    """As it stands; of a new database the empty one, which is not stored."""
    return session.get(ConsentBook, 1) or ConsentBook(book=1, version=0, count=0, digest=EMPTY)


def live(session: Session, customer_id: str) -> ConsentRow | None:
    """The person's latest consent that has not ended: of one file there is one, merged files may each have theirs."""
    return next(iter(_all_live(session, customer_id)), None)


def enter(uow: UnitOfWork, context: Context, consent: ConsentRow) -> None:
    """A new consent: from now on every node with faces knows it."""
    _tell(uow, context, consent, +1)


def extend(uow: UnitOfWork, context: Context, customer_id: str, until: datetime) -> None:
    """The customer was here again: a living consent holds longer, never shorter."""
    for consent in _all_live(uow.session, customer_id):
        if until > consent.until:
            consent.until = until
            _tell(uow, context, consent, 0)


def end(uow: UnitOfWork, context: Context, consent: ConsentRow, cause: EndCause, *, by: str) -> None:
    """Over, for every node as soon as it hears of it; ending it twice is ending it once."""
    if consent.state == "ended":
        return
    consent.state, consent.ended_at, consent.end_cause = "ended", uow.now, cause
    _tell(uow, context, consent, -1)
    note(uow, f"consent.{cause}", consent.consent_id, by=by)
    uow.changed("floor")


def note(uow: UnitOfWork, act: str, consent_id: str | None = None, *, by: str, facts: str = "") -> None:
    """Write down what was done with faces. `by` and `facts` hold roles, ids and figures, never a name or number."""
    row = FaceAct(at=uow.now, act=act, consent_id=consent_id, by=by, facts=facts[:300])
    uow.session.add(row)


def who(principal: Principal) -> str:
    """As the processing log and certificates name an actor: role and id."""
    return f"{principal.role}:{principal.person_id or principal.device_id}"


def _all_live(session: Session, customer_id: str) -> Sequence[ConsentRow]:
    return objects(session, _LIVE, files=aliases.group(session, customer_id))


def _tell(uow: UnitOfWork, context: Context, consent: ConsentRow, change: int) -> None:
    book = read(uow.session)
    book.version += 1
    book.count += change
    total = int(book.digest, 16) + change * entry_digest(consent.consent_id, consent.person_ref)
    book.digest = f"{total % _MODULUS:064x}"
    consent.version = book.version
    uow.session.add(book)
    uow.session.add(consent)
    uow.session.flush()
    uow.after_commit(lambda: context.consents_changed())


def told_after(session: Session, version: int, limit: int) -> list[ConsentRow]:
    """What nodes may still have to hear, in order of version."""
    query = (
        select(ConsentRow)
        .where(ConsentRow.version > version, col(ConsentRow.settled) == False)  # noqa: E712 (the index says it so)
        .order_by(col(ConsentRow.version))
        .limit(limit)
    )
    return list(session.exec(query))
