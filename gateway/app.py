"""Puts one gateway together: database, writer, broker, routes, and the tasks that run beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import APIRouter, FastAPI, HTTPException
from sqlmodel import col, func, select
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts import openapi
from contracts.ids import uuid7, uuid7_after
from contracts.topics import gateway_source
from contracts.values import utc_now
from gateway import __version__, auth, features, maintenance, problems, system
from gateway.attribution.tables import RulingRow, VerdictRow
from gateway.backup.service import Keeper
from gateway.broker import BrokerLink
from gateway.config import GatewayConfig
from gateway.context import Context
from gateway.database import Database
from gateway.deadletters.routes import router as deadletters_router
from gateway.downsync.pull import DownSync
from gateway.ingest import store as ingest_store
from gateway.ingest.receiver import Receiver
from gateway.keys import Keys
from gateway.metrics import Metrics
from gateway.nodes import configs
from gateway.nodes import service as nodes
from gateway.nodes.commands import Commands
from gateway.nodes.routes import router as nodes_router
from gateway.offers.tables import OfferRow
from gateway.problems import ProblemError
from gateway.recovery import store as recovery
from gateway.roster.routes import router as roster_router
from gateway.roster.service import RosterPull
from gateway.sessions.routes import router as sessions_router
from gateway.stream.hub import Hub
from gateway.stream.routes import router as stream_router
from gateway.uplink.sender import Sender
from gateway.visits.tables import VisitRow
from gateway.writer import Writer

MAX_BODY_BYTES = 1024 * 1024
CLOCK_AHEAD = timedelta(days=366)
"""A clock that was further ahead than this before a restart is not made up for."""
_ORDERED_BY_ID = (VerdictRow.verdict_id, RulingRow.ruling_id, VisitRow.visit_id, OfferRow.offer_id)


@dataclass(frozen=True)
class Outside:
    """What a test may replace: the clock, and the way to central."""

    clock: Callable[[], datetime] = utc_now
    central: httpx.AsyncBaseTransport | None = None


def create_app(config: GatewayConfig, outside: Outside | None = None) -> FastAPI:
    """The whole gateway as one ASGI application; it starts and stops with its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(app, config, outside or Outside()):
            yield

    app = FastAPI(
        title="Anchang gateway",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        routes=[*_routes()],
    )
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.openapi = openapi.on_demand(app.openapi, partial(_describe, app))  # type: ignore[method-assign]
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The same for every gateway of a process: to resolve their dependencies costs more than all else of its start."""
    api = APIRouter()
    for router in (
        system.router,
        sessions_router,
        roster_router,
        nodes_router,
        deadletters_router,
        stream_router,
        *features.ROUTERS,
    ):
        api.include_router(router)
    auth.deny_by_default(api.routes)
    return tuple(api.routes)


def _describe(app: FastAPI, document: openapi.Document) -> None:
    """The OpenAPI document also says who may call what, and how an error looks."""
    for route in auth.routes(app.routes):
        for method in (route.methods or set()) if route.include_in_schema else ():
            roles = ["open"] if auth.is_open(route) else sorted(auth.granted(route))
            document["paths"][str(route.path)][method.lower()][openapi.ROLES_KEY] = roles
    openapi.complete(document)


@contextlib.asynccontextmanager
async def _running(app: FastAPI, config: GatewayConfig, outside: Outside) -> AsyncIterator[None]:
    database = Database(config.database)
    await asyncio.to_thread(database.migrate)
    await asyncio.to_thread(_ids_go_on, database)
    broker = BrokerLink(config.broker, config.office)
    context = _context(config, database, broker, outside)
    metrics = app.state.metrics = Metrics()
    metrics.watch(context)
    app.state.context = context
    nodes.register()
    context.writer.start()
    safe_by = config.safe_by
    await context.writer.run(lambda uow: ingest_store.begin(uow.session.connection(), safe_by))
    if not config.central.url:
        await context.writer.run(lambda uow: recovery.end(uow.session))
    receiver = Receiver(context, broker, metrics)
    broker.on("reply", context.commands.on_reply)
    broker.on_connected(lambda: configs.publish(context))
    tasks = _tasks(context, receiver, outside)
    await features.start(context, broker)
    running = [asyncio.create_task(task) for task in tasks]
    broker.start()
    try:
        yield
    finally:
        await asyncio.to_thread(broker.stop)
        await features.stop(context)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await context.writer.stop()
        database.close()


def _ids_go_on(database: Database) -> None:
    """What is newest is told by its id: a clock that was set back while nobody looked makes none that seems older."""
    bound = uuid7(int((utc_now() + CLOCK_AHEAD).timestamp() * 1000))
    with database.read() as session:
        for key in map(col, _ORDERED_BY_ID):
            newest = session.exec(select(func.max(key)).where(key < bound)).one()
            if newest is not None:
                uuid7_after(newest)


def _context(config: GatewayConfig, database: Database, broker: BrokerLink, outside: Outside) -> Context:
    hub = Hub()
    writer = Writer(database, gateway_source(config.office), clock=outside.clock, on_changed=hub.changed)
    return Context(
        config=config,
        database=database,
        writer=writer,
        keys=Keys.load_or_create(config.keys_file),
        hub=hub,
        commands=Commands(config.office, writer, broker),
        clock=outside.clock,
        timezone=ZoneInfo(config.time_zone),
        epoch=database.epoch(),
    )


def _tasks(context: Context, receiver: Receiver, outside: Outside) -> list[Coroutine[Any, Any, None]]:
    tasks = [maintenance.run(context)]
    if context.config.central.url:
        sender = Sender(context, receiver.publish_acks, outside.central)
        context.writer.on_uplink = sender.wake
        tasks += [sender.run(), RosterPull(context, outside.central).run()]
        tasks.append(DownSync(context, outside.central).run())
    if context.config.backup.folder is not None:
        tasks.append(Keeper(context, receiver.publish_acks).run())
    return tasks


class BodyLimit:
    """Refuses bodies that no route has a use for, before they are read into memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = ProblemError(413, "too_large", f"a body is at most {MAX_BODY_BYTES} bytes")
        if not announced.isdigit() or int(announced) > MAX_BODY_BYTES:
            await problems.response(too_large)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, too_large.detail)  # the one exception that the body parser lets through
            return message

        await self._app(scope, counted, send)
