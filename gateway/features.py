"""What the office does on top of the kernel: routes, renderers, handlers of device events, and the clock's work."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.events import (
    BadgeRead,
    ButtonPressed,
    CodeRead,
    FaceEnrolment,
    FaceForgotten,
    FaceRecognised,
    SensorReading,
)
from gateway.alerts import store as alert_store
from gateway.alerts import views as alert_views
from gateway.alerts.routes import router as alerts
from gateway.appeals.routes import router as appeals
from gateway.attribution.routes import router as seen_verdicts
from gateway.auth import Principal
from gateway.bookings.routes import router as bookings
from gateway.broker import BrokerLink
from gateway.checkins.routes import router as checkins
from gateway.checkins.service import on_button
from gateway.consents import enrolment
from gateway.consents import nodes as face_nodes
from gateway.consents import service as consent_service
from gateway.consents.copies import Copies
from gateway.consents.routes import router as consents
from gateway.context import Context
from gateway.customers.routes import router as customers
from gateway.downsync.routes import router as sync
from gateway.drafts import store as draft_store
from gateway.drafts.routes import router as drafts
from gateway.facts.routes import router as facts
from gateway.floor import service as floor_service
from gateway.floor.routes import router as floor
from gateway.fraud.routes import router as fraud
from gateway.greetings import service as greeting_service
from gateway.greetings import views as greeting_views
from gateway.greetings.recognition import on_recognised
from gateway.greetings.routes import router as greetings
from gateway.identity import service as identity_service
from gateway.identity.merge_routes import router as merges
from gateway.identity.owner_routes import router as owners
from gateway.identity.routes import router as identity
from gateway.ingest.handlers import HANDLERS
from gateway.me import service as me_service
from gateway.me.routes import router as me
from gateway.naming.routes import router as naming
from gateway.nodes.service import STATUS_LISTENERS
from gateway.offers import service as offer_service
from gateway.offers.routes import router as offers
from gateway.policy import store as policies
from gateway.policy.routes import router as policy
from gateway.push.routes import router as push
from gateway.push.sender import PushSender
from gateway.readers import service as reader_service
from gateway.readers.routes import router as readers
from gateway.readings.service import on_reading
from gateway.reviews.routes import router as reviews
from gateway.rota.routes import router as rota
from gateway.rota.visit_routes import router as turns
from gateway.scans.routes import router as scans
from gateway.sms.routes import router as sms
from gateway.tickets import printing, queue
from gateway.tickets.routes import router as tickets
from gateway.visits import departures
from gateway.visits import store as visit_store
from gateway.visits.badges import on_badge
from gateway.visits.mark_routes import router as marks
from gateway.visits.routes import router as visits
from gateway.webhooks import service as webhook_service
from gateway.webhooks.routes import router as webhooks
from gateway.webhooks.sender import WebhookSender
from gateway.withdrawals import service as withdrawal_service
from gateway.withdrawals.routes import router as withdrawals
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
Work = Callable[[], Awaitable[None]]

ROUTERS: list[APIRouter] = [
    me,
    drafts,
    checkins,
    tickets,
    floor,
    rota,
    turns,
    offers,
    visits,
    identity,
    merges,
    owners,
    marks,
    naming,
    customers,
    facts,
    consents,
    withdrawals,
    sms,
    greetings,
    reviews,
    alerts,
    appeals,
    push,
    webhooks,
    seen_verdicts,
    sync,
    scans,
    readers,
    bookings,
    policy,
    fraud,
]

OFFER_CHECK_SECONDS = 0.1
CONSENT_CHECK_SECONDS = 1.0
GREETING_CHECK_SECONDS = 1.0
ALERT_CHECK_SECONDS = 1.0
PRINT_CHECK_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 15.0


class Timers:
    """Deadlines live in the database, so a restart forgets none; this only looks at them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tasks: list[asyncio.Task[None]] = []
        self._looked_at = self._told_at = context.clock()

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._every(OFFER_CHECK_SECONDS, self._expire_offers), name="offers"),
            asyncio.create_task(self._every(CONSENT_CHECK_SECONDS, self._expire_consents), name="consents"),
            asyncio.create_task(self._every(GREETING_CHECK_SECONDS, self._watch_greetings), name="greetings"),
            asyncio.create_task(self._every(ALERT_CHECK_SECONDS, self._tell_again), name="alerts"),
            asyncio.create_task(self._every(PRINT_CHECK_SECONDS, self._give_up_printing), name="prints"),
            asyncio.create_task(self._every(HOUSEKEEPING_SECONDS, self._housekeep), name="housekeeping"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _every(self, seconds: float, work: Work) -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("timed work failed; it is tried again", extra={"seconds": seconds})
            await asyncio.sleep(seconds)

    async def _expire_offers(self) -> None:
        context = self._context
        if await asyncio.to_thread(_offer_is_due, context):
            await context.writer.run(lambda uow: offer_service.expire(uow, context))

    async def _expire_consents(self) -> None:
        context = self._context
        while await asyncio.to_thread(consent_service.is_due, context):
            await context.writer.run(lambda uow: consent_service.expire(uow, context))

    async def _watch_greetings(self) -> None:
        """Greetings end by themselves, and leave a kiosk when whoever stood there may have gone."""
        context = self._context
        before, self._looked_at = self._looked_at, context.clock()
        due, left = await asyncio.to_thread(_greetings, context, before, self._looked_at)
        if due:
            await context.writer.run(lambda uow: greeting_service.expire(uow, context))
        if left:
            context.hub.changed("greetings")

    async def _tell_again(self) -> None:
        """Alerts that no page has confirmed are delivered again until one does or they expire."""
        people = await asyncio.to_thread(_undelivered, self._context, self._told_at)
        if people is not None:
            self._told_at = self._context.clock()
            for person_id in people:
                self._context.hub.changed("alerts", person_id)

    async def _give_up_printing(self) -> None:
        context = self._context
        if await asyncio.to_thread(printing.is_due, context):
            await context.writer.run(printing.give_up)

    async def _housekeep(self) -> None:
        context = self._context
        if await asyncio.to_thread(_visits_open, context):
            await context.writer.run(lambda uow: departures.close_forgotten(uow, context))
        await context.writer.run(_forget_drafts)
        context.hub.changed("floor")


def register(context: Context) -> None:
    """Renderers of the live stream and handlers of device events."""
    context.hub.register("offers", me_service.read)
    context.hub.register("floor", _floor)
    context.hub.register("queue", _queue)
    context.hub.register("alerts", alert_views.read)
    if on_button not in HANDLERS[ButtonPressed.TYPE]:
        HANDLERS[ButtonPressed.TYPE].append(on_button)
    if on_badge not in HANDLERS[BadgeRead.TYPE]:
        HANDLERS[BadgeRead.TYPE].append(on_badge)
    if on_reading not in HANDLERS[SensorReading.TYPE]:
        HANDLERS[SensorReading.TYPE].append(on_reading)
    if reader_service.on_read not in HANDLERS[CodeRead.TYPE]:
        HANDLERS[CodeRead.TYPE].append(reader_service.on_read)
    context.hub.register("readings", reader_service.read)
    context.commands.answers(printing.PRINT, printing.on_reply)
    register_faces(context)


def register_faces(context: Context) -> None:
    """What the nodes with faces say: in events, in their status, and in reply to an enrolment."""
    if enrolment.on_event not in HANDLERS[FaceEnrolment.TYPE]:
        HANDLERS[FaceEnrolment.TYPE].append(enrolment.on_event)
    if withdrawal_service.on_forgotten not in HANDLERS[FaceForgotten.TYPE]:
        HANDLERS[FaceForgotten.TYPE].append(withdrawal_service.on_forgotten)
    if on_recognised not in HANDLERS[FaceRecognised.TYPE]:
        HANDLERS[FaceRecognised.TYPE].append(on_recognised)
    context.hub.register("greetings", greeting_views.read)
    if face_nodes.on_status not in STATUS_LISTENERS:
        STATUS_LISTENERS.append(face_nodes.on_status)
    context.commands.answers(enrolment.ENROL, lambda uow, reply: enrolment.on_reply(uow, context, reply))


_TIMERS: dict[int, Timers] = {}
_COPIES: dict[int, Copies] = {}
_PUSHES: dict[int, PushSender] = {}


async def start(context: Context, broker: BrokerLink) -> None:
    """Once the writer runs: adopt the configured policy, give out what waits, and watch the deadlines."""
    register(context)

    def adopt(uow: UnitOfWork) -> None:
        version = policies.adopt_own(uow.session, context.config.policy, uow.now)
        log.info("policy in force", extra={"version": version})

    context.writer.on_fact = lambda uow, data: webhook_service.keep(uow, context, data)
    await context.writer.run(adopt)
    await context.writer.run(lambda uow: departures.close_forgotten(uow, context))
    await context.writer.run(lambda uow: offer_service.expire(uow, context))
    await context.writer.run(lambda uow: offer_service.dispatch(uow, context))
    await identity_service.catch_up(context)
    _COPIES[id(context)] = Copies(context, broker)
    _COPIES[id(context)].start()
    _PUSHES[id(context)] = PushSender(context)
    _PUSHES[id(context)].start()
    context.webhooks = WebhookSender(context)
    context.webhooks_due = context.webhooks.wake
    context.webhooks.start()
    context.push_due = _PUSHES[id(context)].wake
    _TIMERS[id(context)] = Timers(context)
    _TIMERS[id(context)].start()


async def stop(context: Context) -> None:
    timers = _TIMERS.pop(id(context), None)
    if timers is not None:
        await timers.stop()
    pushes = _PUSHES.pop(id(context), None)
    if pushes is not None:
        await pushes.stop()
        await context.webhooks.stop()
    copies = _COPIES.pop(id(context), None)
    if copies is not None:
        await copies.stop()


def _offer_is_due(context: Context) -> bool:
    with context.database.read() as session:
        return offer_service.is_due(session, context.clock())


def _greetings(context: Context, before: datetime, now: datetime) -> tuple[bool, bool]:
    with context.database.read() as session:
        return greeting_service.is_due(session, context), greeting_views.left_a_kiosk(session, before, now)


def _undelivered(context: Context, told_at: datetime) -> set[str | None] | None:
    """Whom to tell again; None while it is too soon."""
    now = context.clock()
    with context.database.read() as session:
        again = timedelta(seconds=policies.current(session)[1].alert_again_seconds)
        return alert_store.undelivered_to(session, now) if now - told_at >= again else None


def _visits_open(context: Context) -> bool:
    with context.database.read() as session:
        return bool(visit_store.in_state(session, "waiting", "offered", "serving"))


def _forget_drafts(uow: UnitOfWork) -> None:
    _, policy = policies.current(uow.session)
    draft_store.forget_before(uow, uow.now - timedelta(minutes=policy.draft_minutes))


def _floor(context: Context, principal: Principal) -> BaseModel:
    return floor_service.read(context)


def _queue(context: Context, principal: Principal) -> BaseModel:
    return queue.read(context)
