"""What every feature receives when it registers its pages."""

from dataclasses import dataclass

from kiosk_ui.clients.gateway import GatewayClient
from kiosk_ui.config import Config


@dataclass(frozen=True, slots=True)
class AppContext:
    """`gateway` is None on the head office's process; what belongs to central is read from `config.central`."""

    config: Config
    gateway: GatewayClient | None
