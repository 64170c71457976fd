"""Forgetting in time: what has expired goes, every hour."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from gateway import idempotency
from gateway.alerts import store as alerts
from gateway.bookings import store as bookings
from gateway.consents import service as consents
from gateway.context import Context
from gateway.deadletters import store as deadletters
from gateway.greetings import store as greetings
from gateway.identity import lookups
from gateway.ingest import store as ingest
from gateway.push import store as pushes
from gateway.sessions import store as sessions
from gateway.sessions.domain import FORGET
from gateway.sms import service as sms
from gateway.tables import StoredCommand
from gateway.visits import doors
from gateway.webhooks import store as webhooks
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600.0


def forget(uow: UnitOfWork, context: Context) -> None:
    keep = context.config.retention
    deadletters.expire(uow.session, now=uow.now, keep_at_most=keep.dead_letter_count)
    ingest.forget_before(uow.session, uow.now - timedelta(days=keep.event_days))
    doors.forget_before(uow.session, uow.now - timedelta(days=keep.event_days))
    greetings.forget_before(uow.session, uow.now - timedelta(days=keep.event_days))
    bookings.forget_before(uow.session, uow.now - timedelta(days=keep.booking_days))
    lookups.forget_before(uow.session, uow.now - timedelta(days=keep.lookup_days))
    alerts.forget_before(uow.session, uow.now - timedelta(days=keep.alert_days))
    pushes.forget_before(uow.session, uow.now - timedelta(days=keep.alert_days))
    webhooks.forget_before(uow.session, uow.now - timedelta(days=context.config.outbound.webhook_days))
    idempotency.forget_before(uow.session, uow.now - timedelta(days=keep.idempotency_days))
    sessions.forget_expired(uow.session, uow.now)
    sessions.forget_failures_before(uow.session, uow.now - FORGET)
    consents.housekeep(uow, context)
    sms.housekeep(uow, context)
    old = uow.now - timedelta(days=keep.command_days)
    uow.session.exec(delete(StoredCommand).where(col(StoredCommand.sent_at) < old))


async def run(context: Context) -> None:
    """Until cancelled."""
    while True:
        try:
            await context.writer.run(lambda uow: forget(uow, context))
            await asyncio.to_thread(context.database.leave_no_copy)
        except Exception:
            log.exception("forgetting what has expired failed; it is tried again in an hour")
        await asyncio.sleep(EVERY_SECONDS)
