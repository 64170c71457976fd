"""What a consultant may ask and note at any time: why not me, calls, bookings, visits to claim, verdicts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from kiosk_ui import design
from kiosk_ui.consultant import bookings, calls, claims, verdicts, why_not

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

Ask = Callable[["TabletPage"], Awaitable[None]]
_TOOLS: tuple[tuple[str, str, Ask], ...] = (
    ("why", "help_center", why_not.ask),
    ("call", "call", calls.ask),
    ("bookings", "event_available", bookings.ask),
    ("claims", "front_hand", claims.ask),
    ("verdicts", "balance", verdicts.ask),
)


def draw(page: TabletPage) -> None:
    with design.card("t-tools", test="tools"):
        for name, icon_name, ask in _TOOLS:
            design.button(
                page.t(f"tools.{name}"),
                lambda ask=ask: ask(page),
                kind="ghost",
                icon_name=icon_name,
                classes="t-wide t-tool-line",
                test=f"tool-{name}",
            )
