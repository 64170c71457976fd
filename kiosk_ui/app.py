"""The composition root: one FastAPI application that serves every page. One worker only; pages live in its memory."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from nicegui import Client, app, core, ui

from contracts.hosts import is_own
from kiosk_ui import __version__, agent, console, consultant, design, desk, home, manager, reception, telephone, visitor
from kiosk_ui.clients.gateway import GatewayClient
from kiosk_ui.config import Config, read_secret
from kiosk_ui.context import AppContext

FEATURES: tuple[Callable[[AppContext], None], ...] = (
    home.register,
    visitor.register,
    consultant.register,
    manager.register,
    reception.register,
    desk.register,
    telephone.register,
    console.register,
    agent.register,
)
RECONNECT_SECONDS = 30.0
"""How long a page survives without its browser; a tablet away for longer is rebuilt from the gateway."""
_COOKIE = "anchang_screens"


def build(config: Config) -> FastAPI:
    """Every page of this process. Call once per process: NiceGUI keeps its pages in module state."""
    context = AppContext(config=config, gateway=GatewayClient(config.gateway.url) if config.gateway else None)
    app.storage.path = _private_directory(config.state_directory)
    api = FastAPI(title="Anchang screens", version=__version__, docs_url=None, openapi_url=None)
    if context.gateway is not None:
        app.on_shutdown(context.gateway.close)
    _add_service_routes(api)
    design.install()
    for register in FEATURES:
        register(context)
    ui.run_with(
        api,
        title="Anchang",
        language="zh-CN",
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        storage_secret=read_secret(config.storage_secret_file),
        session_middleware_kwargs={
            "session_cookie": _COOKIE,
            "same_site": "strict",
            "https_only": config.https_only,
            "max_age": 14 * 24 * 3600,
        },
        show_welcome_message=False,
    )
    core.sio.eio.cors_allowed_origins = partial(_own_page, config.host_names)
    return api


def _own_page(names: tuple[str, ...], origin: str | None, environ: dict[str, str]) -> bool:
    """Whether a page of `origin` may open a socket: NiceGUI accepts any page on the web by default."""
    return origin is None or is_own(origin, environ.get("HTTP_HOST", ""), names)


def _add_service_routes(api: FastAPI) -> None:
    @api.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @api.get("/metrics")
    async def metrics() -> PlainTextResponse:
        connected = sum(client.has_socket_connection for client in Client.instances.values())
        return PlainTextResponse(
            "# HELP anchang_screens_pages Pages with a connected browser.\n# TYPE anchang_screens_pages gauge\n"
            f"anchang_screens_pages {connected}\n"
        )


def _private_directory(path: Path) -> Path:
    """Signed-in sessions are kept here: readable by this program's user only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
