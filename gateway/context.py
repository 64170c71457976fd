"""What the parts of one running gateway share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection

from gateway.backup.state import BackupState
from gateway.config import GatewayConfig
from gateway.database import Database
from gateway.keys import Keys
from gateway.readers.shelf import Shelf
from gateway.rota.presence import Presence
from gateway.uplink.link import LinkState
from gateway.writer import Writer

if TYPE_CHECKING:
    from gateway.nodes.commands import Commands
    from gateway.stream.hub import Hub
    from gateway.webhooks.sender import WebhookSender


@dataclass
class Context:
    """`clock` gives gateway time, aware, in UTC; `timezone` is the office's own; `epoch` the database's id."""

    config: GatewayConfig
    database: Database
    writer: Writer
    keys: Keys
    hub: "Hub"
    commands: "Commands"
    clock: Callable[[], datetime]
    timezone: ZoneInfo
    epoch: str = ""
    link: LinkState = field(default_factory=LinkState)
    backup: BackupState = field(default_factory=BackupState)
    presence: Presence = field(default_factory=Presence)
    shelf: Shelf = field(default_factory=Shelf)
    consents_changed: Callable[[], None] = lambda: None
    """Called on the event loop after a consent was given, moved or ended: the nodes are told to ask."""
    webhooks_due: Callable[[], None] = lambda: None
    """Called on the event loop after facts were committed that another system is told of."""
    push_due: Callable[[], None] = lambda: None
    """Called on the event loop after alerts were stored that somebody outside is told of."""
    webhooks: "WebhookSender" = field(init=False)
    """Set once the gateway runs."""


def context_of(connection: HTTPConnection) -> Context:
    context: Context = connection.app.state.context
    return context


async def get_context(connection: HTTPConnection) -> Context:
    """The same as a dependency; not a plain function, which every request would wait for a thread for."""
    return context_of(connection)
