"""What the parts of one running gateway share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection

from gateway.config import GatewayConfig
from gateway.database import Database
from gateway.keys import Keys
from gateway.writer import Writer

if TYPE_CHECKING:
    from gateway.nodes.commands import Commands
    from gateway.stream.hub import Hub


@dataclass
class Context:
    """`clock` gives gateway time, aware, in UTC; `timezone` is the office's own."""

    config: GatewayConfig
    database: Database
    writer: Writer
    keys: Keys
    hub: "Hub"
    commands: "Commands"
    clock: Callable[[], datetime]
    timezone: ZoneInfo


def get_context(request: HTTPConnection) -> Context:
    context: Context = request.app.state.context
    return context
