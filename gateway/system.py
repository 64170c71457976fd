"""Routes about the gateway itself: health, figures, and the readable page of its API."""

import html
import ipaddress
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.auth import open_route
from gateway.context import Context, get_context
from gateway.metrics import Metrics
from gateway.problems import ProblemError

router = APIRouter(tags=["system"])


@router.get("/healthz")
@open_route
async def healthz(context: Context = Depends(get_context)) -> dict[str, str]:
    """`ok` once the database is migrated and the writer runs. `backup`: `off`, `ok` or `failing`, an alarm, no stop."""
    if not context.writer.alive:
        raise ProblemError(503, "unavailable", "the writer does not run")
    return {"status": "ok", "backup": context.backup.health}


@router.get("/metrics", response_class=PlainTextResponse)
@open_route
def metrics(request: Request) -> Response:
    """Prometheus text, to callers on this machine."""
    if not _is_of_this_machine(request):
        raise ProblemError(403, "forbidden", "figures are for this machine only")
    figures: Metrics = request.app.state.metrics
    return Response(figures.render(), media_type=CONTENT_TYPE_LATEST)


def _is_of_this_machine(request: Request) -> bool:
    """A proxy on this machine names the caller, in whatever words it was given."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
@open_route
def docs(request: Request) -> HTMLResponse:
    """The API as one plain page that needs no other server."""
    schema: dict[str, Any] = request.app.openapi()
    rows = "".join(
        f"<tr><td><code>{method.upper()}</code></td><td><code>{html.escape(path)}</code></td>"
        f"<td>{html.escape(operation.get('description') or operation.get('summary', ''))}</td></tr>"
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    )
    title = html.escape(str(schema["info"]["title"]))
    return HTMLResponse(
        f"<!doctype html><meta charset=utf-8><title>{title}</title>"
        "<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem}"
        "td{padding:.3rem .8rem;vertical-align:top}</style>"
        f"<h1>{title}</h1><p>Models: <a href=/openapi.json>openapi.json</a></p><table>{rows}</table>"
    )
