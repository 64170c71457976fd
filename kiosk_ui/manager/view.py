"""What every panel of the floor board is drawn from, and small pieces they share."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup

from contracts.floor_api import Floor
from contracts.gateway_api import VisitView
from kiosk_ui.manager.figures import Level
from kiosk_ui.targets import Targets
from kiosk_ui.texts import Texts
from kiosk_ui.wall.markup import Child, div, icon, span, tag


@dataclass(frozen=True, slots=True)
class View:
    """One floor as seen at `now` (UTC), with the words and targets to show it with."""

    floor: Floor
    now: datetime
    zone: tzinfo
    targets: Targets
    t: Texts

    def clock(self, at: datetime) -> str:
        """HH:MM of the office."""
        return at.astimezone(self.zone).strftime("%H:%M")


def panel(title: str, *body: Child, note: Child = None, cls: str = "", test: str | None = None) -> Markup:
    head = div(tag("h2", title), span(note, cls="note") if note else None, cls="head")
    return tag("section", head, *body, cls=f"panel {cls}".strip(), data_test=test)


def tile(
    title: Child, level: Level, body: Child | list[Markup], *, symbol: str, side: Child = None, test: str | None = None
) -> Markup:
    return tag(
        "section",
        div(icon(symbol), span(title, cls="name"), span(side, cls="side") if side else None, cls="tile-head"),
        div(body, cls="tile-body"),
        cls="tile",
        data_level=level,
        data_test=test,
    )


def minutes_seconds(seconds: int) -> str:
    """4:07, or 1:02:09 from an hour on. The script of the page ticks it on in the same form."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def ticking(
    since: datetime,
    now: datetime,
    *,
    warn: int | None = None,
    late: int | None = None,
    cls: str = "",
    test: str | None = None,
) -> Markup:
    """A duration that the page's script keeps running; past `warn` and `late` seconds its colour changes."""
    seconds = int((now - since).total_seconds())
    level = None if warn is None else "late" if late and seconds > late else "warn" if seconds > warn else "good"
    return span(
        minutes_seconds(seconds),
        cls=f"ticking {cls}".strip(),
        data_since=int(since.timestamp() * 1000),
        data_warn=warn,
        data_late=late,
        data_level=level,
        data_test=test,
    )


def party(view: View, visit: VisitView) -> Markup:
    """Ticket, masked name, size and kind of one party."""
    name = visit.customer.name if visit.customer and visit.customer.name else view.t("manager.party.unknown")
    ticket = f"{visit.ticket.number:03d}" if visit.ticket else "—"
    return div(
        span(ticket, cls="ticket"),
        div(
            span(name, cls="who"),
            span(
                icon("group"),
                view.t("manager.party.people", n=visit.party_size),
                " · ",
                view.t(f"manager.kind.{visit.kind}"),
                cls="sub",
            ),
        ),
        cls="party",
    )


def empty(text: str, symbol: str) -> Markup:
    return div(icon(symbol), span(text), cls="empty")
