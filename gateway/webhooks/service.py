"""Subscribing, keeping facts in the transaction that makes them, and moving on once the other side has them."""

import base64
import os
import random

from sqlmodel import Session

from contracts.alerts_api import WebhookCreated, WebhookRequest, WebhookView
from contracts.events import Data
from contracts.ids import uuid7
from contracts.rest import FieldError
from gateway.context import Context
from gateway.keys import Keys
from gateway.outbound.domain import SECRET_PREFIX, AddressError, check_address, key_of, wait_after
from gateway.problems import ProblemError
from gateway.webhooks import store
from gateway.webhooks.domain import is_given_up, kind_of, message
from gateway.webhooks.tables import WebhookDeadLetterRow, WebhookFactRow, WebhookRow
from gateway.writer import UnitOfWork

MOST = 20
_WANTED = "webhook_kinds"


def subscribe(uow: UnitOfWork, context: Context, request: WebhookRequest) -> WebhookCreated:
    """From the next fact on. Raises ProblemError 409 `too_many_webhooks`, 422 at `url`."""
    try:
        check_address(request.url, context.config.outbound.hosts)
    except AddressError as error:
        raise ProblemError(422, "invalid", str(error), [FieldError(field="url", code="address_not_allowed")]) from None
    if len(store.all_of(uow.session)) >= MOST:
        raise ProblemError(409, "too_many_webhooks", f"an office has at most {MOST}: remove one first")
    secret = SECRET_PREFIX + base64.b64encode(os.urandom(32)).decode()
    webhook_id = uuid7()
    row = WebhookRow(
        webhook_id=webhook_id,
        url=request.url,
        secret=context.keys.encrypt(secret, record=_record(webhook_id)),
        kinds=sorted(set(request.kinds)),
        created_at=uow.now,
        after=store.last_sequence(uow.session),
        next_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return WebhookCreated(**view(uow.session, row).model_dump(), secret=secret)


def signing_key(keys: Keys, webhook: WebhookRow) -> bytes:
    return key_of(keys.decrypt(webhook.secret, record=_record(webhook.webhook_id)))


def keep(uow: UnitOfWork, context: Context, data: Data) -> None:
    """The fact, when somebody subscribed to its kind: committed with what made it, or not at all."""
    kind = kind_of(data)
    if kind is None:
        return
    wanted: set[str] | None = uow.session.info.get(_WANTED)
    if wanted is None:
        wanted = uow.session.info[_WANTED] = store.kinds_wanted(uow.session)
    if kind in wanted:
        uow.session.add(WebhookFactRow(message_id=f"msg_{uuid7()}", kind=kind, body=message(data, uow.now), at=uow.now))
        uow.after_commit(context.webhooks_due)


def taken(uow: UnitOfWork, webhook_id: str, sequence: int) -> None:
    webhook = store.get(uow.session, webhook_id)
    if webhook is not None:
        _move_on(uow, webhook, sequence)


def failed(uow: UnitOfWork, context: Context, webhook_id: str, sequence: int, code: str) -> None:
    """Wait and try again; after the office's time it becomes a dead letter, so that the next one's turn comes."""
    webhook = store.get(uow.session, webhook_id)
    if webhook is None:
        return
    webhook.failing_since = webhook.failing_since or uow.now
    webhook.failures, webhook.last_error = webhook.failures + 1, code
    if is_given_up(webhook.failing_since, uow.now, context.config.outbound.webhook_hours):
        dead = WebhookDeadLetterRow(
            dead_letter_id=uuid7(), webhook_id=webhook_id, sequence=sequence, error=code, given_up_at=uow.now
        )
        uow.session.add(dead)
        _move_on(uow, webhook, sequence)
        return
    chance = random.random()  # noqa: S311  (jitter, not a secret)
    webhook.next_at = uow.now + wait_after(webhook.failures, chance)
    uow.session.add(webhook)


def view(session: Session, row: WebhookRow) -> WebhookView:
    same = {"webhook_id", "url", "kinds", "created_at", "failing_since", "last_error"}
    return WebhookView.model_validate(
        {
            **row.model_dump(include=same),
            "waiting": store.waiting(session, row),
            "dead": store.dead_count(session, row.webhook_id),
        }
    )


def existing(session: Session, webhook_id: str) -> WebhookRow:
    """Raises ProblemError 404."""
    row = store.get(session, webhook_id)
    if row is None:
        raise ProblemError(404, "not_found", "no such webhook")
    return row


def _move_on(uow: UnitOfWork, webhook: WebhookRow, sequence: int) -> None:
    webhook.after = max(webhook.after, sequence)
    webhook.failures, webhook.failing_since, webhook.last_error, webhook.next_at = 0, None, "", uow.now
    uow.session.add(webhook)


def _record(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"
