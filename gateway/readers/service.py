"""Readings of nodes, opened and shown to the screen where they were read; a card's number never leaves the gateway."""

from sqlmodel import Session, select

from contracts.boxes import BoxError
from contracts.events import CodeRead, Data, Event
from contracts.identity_api import IdNumberNoted, IdNumberPut
from contracts.readings import ReadingContent, unseal
from contracts.readings_api import Reading, ReadingList
from contracts.values import mask_name
from gateway.auth import Principal
from gateway.context import Context
from gateway.customers import shown
from gateway.customers import store as customers
from gateway.identity import documents, idnumber
from gateway.identity.tables import ID_NUMBER, StrongKeyRow
from gateway.ingest.handlers import is_late
from gateway.problems import ProblemError
from gateway.readers.shelf import RECEPTION, Lying
from gateway.roster import store as roster
from gateway.writer import UnitOfWork


def on_read(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """Handler of `code.read.v1`. What comes late is nobody's any more: whoever held the code has gone on.

    Raises ValueError, and so makes a dead letter, for a reading that does not open or names no screen of the office.
    """
    if not isinstance(data, CodeRead):
        raise TypeError(f"expected CodeRead, got {type(data).__name__}")
    if data.screen != RECEPTION and data.screen not in context.config.devices:
        raise ValueError(f"there is no screen {data.screen!r}")
    try:
        content = unseal(data, context.keys.readings)
    except BoxError as error:
        raise ValueError(str(error)) from error
    if is_late(event, uow.now) or not _makes_sense(data, content):
        return
    lying = Lying(data.reading, data.screen, uow.now, content)
    uow.after_commit(lambda: context.shelf.put(lying))
    uow.changed("readings")


def _makes_sense(data: CodeRead, content: ReadingContent) -> bool:
    if data.kind == "id_card":
        return idnumber.parse(content.number) is not None
    return bool(content.text)


def read(context: Context, principal: Principal) -> ReadingList:
    """What lies at the principal's screen."""
    lying = context.shelf.at(_screen(principal), context.clock())
    with context.database.read() as session:
        return ReadingList(items=[_shown(session, context, each) for each in lying])


def use(uow: UnitOfWork, context: Context, principal: Principal, reading_id: str) -> None:
    """It was used, or put aside: nobody is shown it again. Raises ProblemError 404."""
    if context.shelf.take(reading_id, _screen(principal), uow.now) is None:
        raise ProblemError(404, "not_found", "no such reading at this screen; it may have expired: read it again")
    uow.changed("readings")


def note(uow: UnitOfWork, context: Context, principal: Principal, reading_id: str, customer_id: str) -> IdNumberNoted:
    """The ID number of the card is this customer's, by the reader. Raises ProblemError 404, 409, 422."""
    lying = [each for each in context.shelf.at(_screen(principal), uow.now) if each.reading_id == reading_id]
    if not lying or not lying[0].content.number:
        raise ProblemError(404, "not_found", "no such card at this screen; it may have expired: read it again")
    put = IdNumberPut(id_number=lying[0].content.number, source="reader")
    noted = documents.note(uow, context, principal, customer_id, put)
    use(uow, context, principal, reading_id)
    return noted


def _screen(principal: Principal) -> str:
    return RECEPTION if principal.role in ("reception", "manager") else principal.device_id or ""


def _shown(session: Session, context: Context, lying: Lying) -> Reading:
    content = lying.content
    if not content.number:
        return Reading(reading_id=lying.reading_id, kind="code", at=lying.at, text=content.text)
    number = idnumber.parse(content.number) or ""
    index = context.keys.index("id_number", number)
    holders = select(StrongKeyRow.customer_id).where(StrongKeyRow.key_index == index, StrongKeyRow.kind == ID_NUMBER)
    files = customers.by_ids(session, session.exec(holders).all())
    names = roster.names(session, context.keys)
    return Reading(
        reading_id=lying.reading_id,
        kind="id_card",
        at=lying.at,
        name_masked=mask_name(content.name),
        number_masked=f"{number[:2]}{'*' * 12}{number[-4:]}",
        customers=[shown.view(session, context, files[each], names) for each in sorted(files)],
    )
