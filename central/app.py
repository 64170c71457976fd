"""The application: settings in, ASGI out. Start-up migrates the database; shutdown stops what start-up began."""

import asyncio
import contextlib
import html
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central import __version__, migrate, problems
from central.access import Access, guard, open_route
from central.appeals.endpoints import router as appeals
from central.body_limit import BodyLimit
from central.channels.endpoints import router as channels
from central.consultants.endpoints import router as consultants
from central.customers.endpoints import router as customers
from central.database import Database
from central.deadletters.endpoints import router as dead_letters
from central.deadletters.service import DeadLetters, purge_for_ever
from central.down.endpoints import router as down
from central.followups.endpoints import router as follow_ups
from central.footfall.endpoints import router as footfall
from central.footfall.port import TimeSeries
from central.footfall.sql import SqlTimeSeries
from central.ingest.endpoints import router as ingest
from central.metrics import Metrics
from central.offices.endpoints import router as offices
from central.overview.endpoints import router as overview
from central.policies.endpoints import router as policies
from central.recovery.endpoints import router as recovery
from central.referrals.endpoints import router as referrals
from central.registrations.endpoints import router as registrations
from central.runtime import Runtime, RuntimeDep
from central.sales.endpoints import router as sales
from central.sessions.endpoints import router as sessions
from central.settings import Settings, read_seal_key
from central.vault import Vault
from central.visits.endpoints import router as visits
from contracts import openapi
from contracts.sealing import Sealer
from contracts.values import utc_now

log = logging.getLogger(__name__)
ROUTERS = (
    sessions, ingest, offices, overview, footfall, customers, visits, consultants, sales, follow_ups, dead_letters,
    channels, policies, registrations, referrals, appeals, down, recovery,
)  # fmt: skip


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Raises OSError or ValueError when a key file cannot be read."""
    runtime = _runtime(settings, clock)
    app = FastAPI(
        title="Anchang central",
        version=__version__,
        description="What the company's server takes from its offices and answers to its console.",
        lifespan=_lifespan(settings),
        dependencies=[Depends(guard)],
        docs_url=None,
        redoc_url=None,
        routes=[*_routes()],
    )
    app.state.runtime = runtime
    problems.install(app)
    _open_routes(app)
    app.openapi = openapi.on_demand(app.openapi, openapi.complete)  # type: ignore[method-assign]
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed, metrics=runtime.metrics)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The same for every server of a process: to resolve their dependencies costs more than all else of its start."""
    api = APIRouter(dependencies=[Depends(guard)])
    for router in ROUTERS:
        api.include_router(router)
    return tuple(api.routes)


def _runtime(settings: Settings, clock: Callable[[], datetime]) -> Runtime:
    vault = Vault.open(settings.keys_file)
    return Runtime(
        database=Database(settings.database),
        vault=vault,
        access=Access(settings),
        sealers={o: Sealer(read_seal_key(t.seal_key_file)) for o, t in settings.office_tokens.items()},
        timeseries=_timeseries(settings),
        dead_letters=DeadLetters(vault, keep_days=settings.retention.dead_letter_days),
        metrics=Metrics(),
        clock=clock,
    )


def _timeseries(settings: Settings) -> TimeSeries:
    if settings.timeseries.backend == "sql":
        return SqlTimeSeries()
    from central.footfall.influx import InfluxTimeSeries  # its client is heavy and only needed here

    return InfluxTimeSeries()


def _lifespan(settings: Settings) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runtime: Runtime = app.state.runtime
        async with AsyncExitStack() as stack:
            stack.push_async_callback(runtime.database.close)
            await migrate.upgrade(runtime.database)
            purging = asyncio.create_task(purge_for_ever(runtime.database, settings.retention))
            stack.push_async_callback(_cancel, purging)
            if settings.timeseries.backend == "influxdb":
                _start_courier(settings, runtime, stack)
            log.info("ready", extra={"database": runtime.database.dialect, "version": __version__})
            yield
        log.info("stopped")

    return lifespan


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _start_courier(settings: Settings, runtime: Runtime, stack: AsyncExitStack) -> None:
    from central.footfall.influx import Courier, InfluxServer

    series = settings.timeseries
    token = Path(series.token_file or "").read_text().strip()
    server = InfluxServer(url=series.url, org=series.org, bucket=series.bucket, token=token)
    courier = Courier(runtime.database, server, runtime.dead_letters, runtime.metrics, batch=series.batch_lines)
    stack.push_async_callback(courier.close, asyncio.create_task(courier.run()))


def _open_routes(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operation"], **open_route())
    async def healthz(runtime: RuntimeDep) -> dict[str, str]:
        """The database is migrated and answers."""
        await runtime.database.ping()
        return {"status": "ok"}

    @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse, **open_route())
    async def metrics(runtime: RuntimeDep) -> Response:
        return Response(runtime.metrics.render(), media_type="text/plain; version=0.0.4")

    @app.get("/docs", include_in_schema=False, **open_route())
    async def docs() -> HTMLResponse:
        return HTMLResponse(_page(app))


def _page(app: FastAPI) -> str:
    """The routes as one page, without anything from another server."""
    rows = []
    for path, methods in app.openapi()["paths"].items():
        for method, facts in methods.items():
            allowed = ", ".join(facts[openapi.ROLES_KEY])
            cells = (f"{method.upper()} {path}", allowed, facts.get("description", facts.get("summary", "")))
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return (
        "<!doctype html><meta charset=utf-8><title>Anchang central</title>"
        "<style>body{font:16px sans-serif;margin:2rem}td{padding:.4rem 1rem;border-top:1px solid #ccc}</style>"
        "<h1>Anchang central</h1><p>Bodies: <a href=openapi.json>openapi.json</a></p>"
        f"<table><tr><th>route<th>who<th>what</tr>{''.join(rows)}</table>"
    )


class Observed:
    """Counts and times every request by its route; logs method, route, status and time: no path, no query, no body."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        quiet = route in ("/healthz", "/metrics") and status < 400
        facts = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.log(logging.DEBUG if quiet else logging.INFO, "request", extra=facts)


def route_of(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))
