"""Queueing pushes in the transaction of their alerts, noting what became of them, and what people prefer."""

import random
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from contracts.alerts_api import PushPreferences, PushPreferencesView
from contracts.ids import uuid7
from contracts.rest import FieldError
from contracts.values import mask_phone
from gateway.alerts.domain import Raised, Recipient
from gateway.config import PushChannelConfig
from gateway.context import Context
from gateway.outbound.client import SendError
from gateway.policy import store as policies
from gateway.problems import ProblemError
from gateway.push import store
from gateway.push.domain import Preferences, after_failure, first_state, is_quiet, wants
from gateway.push.tables import PushRow
from gateway.roster.tables import PersonRow
from gateway.tickets.tables import TicketRow
from gateway.writer import UnitOfWork

PERSONAL = ("webhook", "sms")


def queue(uow: UnitOfWork, context: Context, raised: Sequence[Raised], visit_id: str) -> None:
    """What the office's channels tell of these alerts. An office without channels does nothing here."""
    wanted = {kind for channel in context.config.push.values() for kind in channel.alerts}
    alerts = [one for one in raised if one.kind in wanted]
    if not alerts:
        return
    number = uow.session.exec(select(TicketRow.number).where(TicketRow.visit_id == visit_id)).first()
    for name, channel in context.config.push.items():
        for kind, subject_id in sorted({(one.kind, one.subject_id) for one in alerts if one.kind in channel.alerts}):
            same = [one for one in alerts if (one.kind, one.subject_id) == (kind, subject_id)]
            _queue_one(uow, context, name, channel, same, number)
    uow.after_commit(context.push_due)


def _queue_one(
    uow: UnitOfWork,
    context: Context,
    name: str,
    channel: PushChannelConfig,
    alerts: Sequence[Raised],
    number: int | None,
) -> None:
    """One alert, to all its recipients, by one channel."""
    people = sorted({person for one in alerts for person in _people(uow.session, one.recipient)})
    chosen = store.preferences(uow.session, people)
    quiet = {
        person: is_quiet(wish, uow.now, context.timezone)
        for person, wish in chosen.items()
        if wants(wish, name, alerts[0].kind)
    }
    if channel.kind in PERSONAL:
        for person, is_quiet_now in quiet.items():
            store.add(uow.session, _row(uow, name, alerts[0], number, person, [is_quiet_now]))
    elif quiet or not people:
        store.add(uow.session, _row(uow, name, alerts[0], number, "", quiet.values()))


def _row(
    uow: UnitOfWork, channel: str, alert: Raised, number: int | None, recipient: str, quiet: Iterable[bool]
) -> PushRow:
    _, policy = policies.current(uow.session)
    return PushRow(
        push_id=uuid7(),
        channel=channel,
        kind=alert.kind,
        subject_id=alert.subject_id,
        ticket_number=number,
        recipient=recipient,
        state=first_state(quiet),
        created_at=uow.now,
        next_at=uow.now,
        expires_at=alert.expires_at or uow.now + policy.alert_time,
    )


def _people(session: Session, recipient: Recipient) -> list[str]:
    if recipient.person_id is not None:
        return [recipient.person_id]
    query = select(PersonRow.person_id).where(col(PersonRow.active), PersonRow.role == recipient.role)
    return list(session.exec(query))


def taken(uow: UnitOfWork, push_id: str) -> None:
    row = store.get(uow.session, push_id)
    if row is not None:
        row.state, row.sent_at, row.attempts, row.error = "sent", uow.now, row.attempts + 1, ""
        uow.session.add(row)


def failed(uow: UnitOfWork, push_id: str, error: SendError, most: int) -> None:
    """Again later, or a dead letter."""
    row = store.get(uow.session, push_id)
    if row is None:
        return
    row.attempts, row.error = row.attempts + 1, error.code
    chance = random.random()  # noqa: S311  (jitter, not a secret)
    outcome, row.next_at = after_failure(row.attempts, most, uow.now, row.expires_at, chance, error.retry_after)
    if outcome == "dead" or error.permanent:
        row.state = "dead"
    uow.session.add(row)


def send_again(uow: UnitOfWork, context: Context, push_id: str) -> None:
    """A manager's word on a dead letter: from the first attempt on. Raises ProblemError 404, 409 `not_dead`."""
    row = store.get(uow.session, push_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such push")
    if row.state != "dead":
        raise ProblemError(409, "not_dead", "this push is no dead letter (any more)")
    _, policy = policies.current(uow.session)
    row.state, row.attempts, row.next_at, row.expires_at = "pending", 0, uow.now, uow.now + policy.alert_time
    uow.session.add(row)
    uow.after_commit(context.push_due)


def choose(uow: UnitOfWork, context: Context, person_id: str, wish: PushPreferences) -> None:
    """Raises ProblemError 422 for a channel that the office does not have, or half of the quiet hours."""
    unknown = set(wish.channels or ()) - set(context.config.push)
    if unknown:
        errors = [FieldError(field="channels", code="unknown_channel")]
        raise ProblemError(422, "invalid", "no such channel here", errors)
    if (wish.quiet_from is None) != (wish.quiet_until is None):
        errors = [FieldError(field="quiet_until", code="quiet_hours_incomplete")]
        raise ProblemError(422, "invalid", "quiet hours have a beginning and an end", errors)
    chosen = Preferences.model_validate(wish.model_dump(exclude={"phone"}))
    store.choose(uow.session, context.keys, person_id, chosen, wish.phone)


def chosen_by(session: Session, context: Context, person_id: str) -> PushPreferencesView:
    chosen = store.preferences(session, [person_id])[person_id]
    phone = store.phone_of(session, context.keys, person_id)
    return PushPreferencesView.model_validate(
        {
            **chosen.model_dump(),
            "offered": sorted(context.config.push),
            "phone": "" if phone is None else mask_phone(phone),
        }
    )
