"""The visit in hand: the customer, what is known, what was promised, and what to record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import background_tasks, ui
from nicegui.element import Element

from contracts.gateway_api import CustomerView, TimelineEntry, TimelinePage, VisitView
from contracts.rota_api import Me
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant import dialogs, face, handover, numbers, wording
from kiosk_ui.consultant.facts import advise, fact, kind_chip, visit_line

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_ICONS = {"visit": "home", "follow_up": "call", "sale": "verified", "consent": "face"}
_RECENT = 6


def draw_all(page: TabletPage, visits: list[VisitView]) -> None:
    for visit in visits:
        _Serving(page, visit).draw()


class _Serving:
    """One visit being served; name, phone and timeline are drawn again on their own when they change."""

    def __init__(self, page: TabletPage, visit: VisitView) -> None:
        self.page, self.visit, self.customer = page, visit, visit.customer
        self.head: Element
        self.lines: Element
        self.advice: ui.label

    def draw(self) -> None:
        page, t, visit = self.page, self.page.t, self.visit
        with design.card("t-serving", test="serving-card"):
            with design.row("ac-between ac-wrap"):
                with design.row("ac-wrap"):
                    design.text(t("consultant.serving.title"), "ac-h3", tag="h2")
                    kind_chip(t, visit)
                    visit_line(t, visit)
                with design.row().style("gap:8px"):
                    design.text(t("consultant.served"), "ac-muted ac-small")
                    started = visit.accepted_at or visit.opened_at
                    now = page.me.server_time if page.me else utc_now()
                    passed = int((now - started).total_seconds() * 1000)
                    design.box("t-served ac-num").props(f"data-elapsed={max(0, passed)}")
            self.head = design.box("t-customer")
            self._draw_customer()
            self.advice = advise(t, wording.next_action(t, visit))
            self._buttons()
            if self.customer is not None:
                face.Panel(page, self.customer.customer_id).draw()
                design.text(t("consultant.serving.timeline"), "ac-h3", tag="h3")
                self.lines = design.box("t-timeline", test="timeline")
        if self.customer is not None:
            background_tasks.create(self._load(self.customer.customer_id), name="customer timeline")

    def _draw_customer(self) -> None:
        t, customer = self.page.t, self.customer
        self.head.clear()
        with self.head:
            with design.row("ac-between ac-wrap"):
                with design.row():
                    name = customer.name if customer and customer.name else ""
                    with design.box("ac-avatar t-avatar"):
                        design.text(name[:1]) if name else design.icon("person")
                    with design.box():
                        design.text(
                            name or wording.customer_name(t, self.visit), "t-name", tag="h2", test="customer-name"
                        )
                        if customer is not None and (name or customer.revealed):  # else the title is the number
                            design.text(wording.spoken_phone(customer.phone), "t-phone ac-num", test="customer-phone")
                if customer is None:
                    _add_number(self.page, self.visit, "outline")
                else:
                    with design.row():
                        if not customer.revealed:
                            design.button(
                                t("consultant.serving.reveal"),
                                self._reveal,
                                kind="outline",
                                icon_name="visibility",
                                classes="t-tight",
                                test="reveal",
                            ).props(f'title="{t("consultant.serving.reveal_note")}"')
                        design.button(
                            t("consultant.serving.edit"),
                            lambda: dialogs.edit_customer(self.page, customer, self._replace),
                            kind="outline",
                            icon_name="edit",
                            classes="t-tight",
                            test="edit-customer",
                        )
            if customer is not None:
                with design.box("t-facts"):
                    fact(t("consultant.visits"), t("consultant.visit_nth", n=max(1, customer.visit_count)))
                    fact(t("consultant.needs"), customer.needs or t("consultant.unknown"), test="customer-needs")
                    if customer.tags:
                        fact(t("consultant.serving.tags"), " · ".join(customer.tags))

    def _buttons(self) -> None:
        page, t, customer = self.page, self.page.t, self.customer
        with design.row("ac-wrap t-acts"):
            if customer is not None:
                design.button(
                    t("consultant.serving.follow_up"),
                    lambda: dialogs.follow_up(page, customer.customer_id, lambda: self._load(customer.customer_id)),
                    kind="outline",
                    icon_name="edit_note",
                    classes="ac-grow t-tight",
                    test="follow-up",
                )
                design.button(
                    t("consultant.serving.sale"),
                    lambda: dialogs.sale(
                        page, customer.customer_id, self.visit.visit_id, lambda: self._load(customer.customer_id)
                    ),
                    kind="outline",
                    icon_name="verified",
                    classes="ac-grow t-tight",
                    test="sale",
                )
            design.button(
                t("handover.open"),
                lambda: handover.ask(page, self.visit),
                kind="outline",
                icon_name="switch_account",
                classes="ac-grow t-tight",
                test="hand-over",
            )
            design.button(
                t("consultant.serving.finish"),
                lambda: dialogs.finish(page, self.visit),
                icon_name="done_all",
                classes="ac-grow t-tight",
                test="finish",
            )

    async def _reveal(self) -> None:
        if self.customer is None:
            return
        customer_id = self.customer.customer_id

        async def work() -> None:
            self._replace(await self.page.gateway.reveal(self.page.token, customer_id))

        await self.page.act(work)

    def _replace(self, customer: CustomerView) -> None:
        if not self.head.is_deleted:
            self.customer = customer
            self._draw_customer()

    async def _load(self, customer_id: str) -> None:
        try:
            found = await self.page.gateway.timeline(self.page.token, customer_id)
        except (GatewayProblemError, GatewayUnreachableError) as error:
            found = TimelinePage()
            self._complain(error)
        if not self.lines.is_deleted:
            self.advice.set_text(wording.next_action(self.page.t, self.visit, found.items))
            self.lines.clear()
            with self.lines:
                if not found.items:
                    design.text(self.page.t("consultant.serving.timeline_empty"), "ac-muted")
                self._lines(customer_id, found)

    def _lines(self, customer_id: str, found: TimelinePage) -> None:
        """A page of it, and below it the way to what is older."""
        _timeline(self.page, found.items)
        if found.next_cursor is None:
            return

        async def show() -> None:
            try:
                more = await self.page.gateway.timeline(self.page.token, customer_id, found.next_cursor)
            except (GatewayProblemError, GatewayUnreachableError) as error:
                self._complain(error)
                return
            older.delete()
            with self.lines:
                self._lines(customer_id, more)

        older = design.button(
            self.page.t("consultant.serving.timeline_older"), show, kind="ghost", test="timeline-older"
        )

    def _complain(self, error: GatewayProblemError | GatewayUnreachableError) -> None:
        unreachable = self.page.t("codes.problem.unreachable")
        self.page.say(self.page.problem(error) if isinstance(error, GatewayProblemError) else unreachable, bad=True)


def _timeline(page: TabletPage, timeline: list[TimelineEntry]) -> None:
    t, now = page.t, utc_now()
    for entry in timeline:
        with design.box("t-entry"):
            with design.box(f"t-entry-dot t-entry-{entry.kind}"):
                design.icon(_ICONS[entry.kind])
            with design.box("ac-grow"):
                with design.row("ac-wrap").style("gap:2px 12px"):
                    design.text(t.code("consultant.timeline", entry.title), "ac-strong")
                    if entry.amount_fen is not None:
                        design.text(wording.yuan(entry.amount_fen), "ac-strong ac-num")
                    by = f" · {entry.by}" if entry.by else ""
                    design.text(wording.ago(t, entry.at, now) + by, "ac-small ac-muted")
                if entry.text:
                    design.text(entry.text)


def draw_idle(page: TabletPage, me: Me) -> None:
    """Nobody to receive: what happens next, and the visits just finished, whose facts may still be recorded."""
    t = page.t
    state = me.rota.state if me.rota else "signed_out"
    key = state if state in {"signed_out", "away"} else "free"
    with design.box("t-idle", test="idle"):
        design.icon(
            {"free": "notifications_active", "away": "directions_walk", "signed_out": "login"}[key], "t-idle-icon"
        )
        design.text(t("consultant.idle.title"), "ac-h2", tag="h2")
        design.text(t(f"consultant.idle.{key}"), "ac-muted", tag="p")
    if me.recent:
        with design.card(test="recent"):
            design.text(t("consultant.idle.recent"), "ac-h3", tag="h2")
            for visit in me.recent[:_RECENT]:
                _recent_line(page, visit, me)


def _recent_line(page: TabletPage, visit: VisitView, me: Me) -> None:
    t, customer = page.t, visit.customer
    with design.box("t-recent"):
        with design.box("ac-grow"):
            design.text(wording.customer_name(t, visit), "ac-strong ac-ellipsis")
            when = wording.ago(t, visit.closed_at or visit.opened_at, me.server_time)
            design.text(f"{when} · {t.code('consultant.purpose', visit.purpose)}", "ac-small ac-muted")
        if customer is None:
            _add_number(page, visit, "ghost")
        else:
            design.button(
                t("consultant.serving.follow_up"),
                lambda: dialogs.follow_up(page, customer.customer_id),
                kind="ghost",
                classes="t-tight",
                test="recent-follow-up",
            )
            design.button(
                t("consultant.serving.sale"),
                lambda: dialogs.sale(page, customer.customer_id, visit.visit_id),
                kind="ghost",
                classes="t-tight",
                test="recent-sale",
            )


def _add_number(page: TabletPage, visit: VisitView, kind: design.ButtonKind) -> None:
    design.button(
        page.t("number.open"),
        lambda: numbers.add(page, visit),
        kind=kind,
        icon_name="person_add",
        classes="t-tight",
        test="add-number",
    )
