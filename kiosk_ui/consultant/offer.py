"""The live alert: who is here, why it is mine, how long I have, and what to say first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import background_tasks, ui

from contracts.gateway_api import DeclineRequest, OfferView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant import greeting, wording
from kiosk_ui.consultant.facts import advise, fact, kind_chip, visit_line

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_REASONS = ("busy", "lunch", "company", "private", "other")
_RING = 2 * 3.14159 * 52


def draw_all(page: TabletPage, offers: list[OfferView]) -> None:
    for offer in offers:
        _draw(page, offer)


def _draw(page: TabletPage, offer: OfferView) -> None:
    t, visit = page.t, offer.visit
    now = page.me.server_time if page.me else utc_now()
    with design.card("t-offer", test="offer-card").props(f"data-offer={offer.offer_id} data-alert={offer.offer_id}"):
        with design.box("t-offer-top"):
            _ring(page, offer)
            with design.box("ac-grow ac-col").style("gap:6px"):
                with design.row("ac-wrap"):
                    kind_chip(t, visit)
                    if greeting.evident(page, offer):
                        design.chip(
                            t("consultant.greeting.recognised"), "ok", icon_name="face", test="offer-recognised"
                        )
                    visit_line(t, visit)
                with design.row("ac-wrap").style("align-items:baseline"):
                    design.text(wording.customer_name(t, visit), "t-name", tag="h2", test="offer-name")
                    if visit.customer and visit.customer.name:
                        design.text(visit.customer.phone, "t-phone ac-num", test="offer-phone")
            with design.box("t-wait"):
                design.text(t("consultant.waited"), "ac-muted ac-small")
                elapsed = int((now - visit.opened_at).total_seconds() * 1000)
                design.box("t-wait-clock").props(f"data-elapsed={max(0, elapsed)}")
        _why(page, offer)
        last = _history(page, offer)
        advice = advise(t, wording.next_action(t, visit))
        _buttons(page, offer)
    if visit.kind == "return" and visit.customer is not None:
        background_tasks.create(_fill_history(page, offer, last, advice), name="offer history")


def _ring(page: TabletPage, offer: OfferView) -> None:
    now = page.me.server_time if page.me else utc_now()
    total = max(1.0, (offer.expires_at - offer.offered_at).total_seconds())
    left = max(0.0, (offer.expires_at - now).total_seconds())
    with design.box("t-ring"):
        ui.html(
            '<svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="60" r="52" class="t-ring-track"/>'
            f'<circle cx="60" cy="60" r="52" class="t-ring-arc" style="stroke-dasharray:{_RING:.1f};'
            f'animation-duration:{total:.2f}s;animation-delay:-{total - left:.2f}s"/></svg>',
            sanitize=False,
        )
        design.box("t-ring-number", test="offer-countdown").props(f"data-countdown={int(left * 1000)} data-plain")
        design.text(page.t("consultant.seconds"), "ac-sr", tag="span")


def _why(page: TabletPage, offer: OfferView) -> None:
    t = page.t
    with design.box("t-why", test="offer-why"):
        design.icon("help_center")
        with design.col("ac-grow").style("gap:0"):
            with design.row("ac-wrap").style("gap:8px"):
                design.text(t("consultant.why"), "ac-muted ac-small")
                design.text(wording.why_mine(t, offer), "ac-strong")
                design.chip(t("consultant.uses_turn" if offer.uses_turn else "consultant.no_turn"))
            details = wording.why_details(t, offer)
            if details:
                with design.row("ac-wrap").style("gap:2px 16px"):
                    for won, sentence in details:
                        with design.row().style("gap:4px"):
                            design.icon("check" if won else "close", "ac-tiny")
                            design.text(sentence, "ac-small")


def _history(page: TabletPage, offer: OfferView) -> ui.label:
    """Facts about the customer; returns the label that later shows what was noted last."""
    t, customer = page.t, offer.visit.customer
    now = page.me.server_time if page.me else utc_now()
    with design.box("t-facts"):
        if offer.visit.kind == "return" and customer is not None and customer.last_visit_at is not None:
            fact(t("consultant.last_visit"), wording.ago(t, customer.last_visit_at, now))
        elif customer is not None:
            fact(t("consultant.last_visit"), t("consultant.first_time"))
        if customer is not None and customer.needs:
            fact(t("consultant.needs"), customer.needs)
        return fact(t("consultant.last_note"), "", test="offer-last-note")


async def _fill_history(page: TabletPage, offer: OfferView, last: ui.label, advice: ui.label) -> None:
    """Not part of the alert itself: it must be on the screen before anything slower is asked for."""
    if offer.visit.customer is None:
        return
    try:
        timeline = (await page.gateway.timeline(page.token, offer.visit.customer.customer_id)).items
    except (GatewayProblemError, GatewayUnreachableError):
        return  # a colleague's customer: their history is shown once the visit is accepted
    if not last.is_deleted:
        last.set_text(wording.last_noted(page.t, timeline, utc_now()))
        advice.set_text(wording.next_action(page.t, offer.visit, timeline))


def _buttons(page: TabletPage, offer: OfferView) -> None:
    t = page.t

    async def accept() -> None:
        design.enable(yes, False)
        await page.act(lambda: page.gateway.accept(page.token, offer.offer_id))
        await page.refresh()

    async def decline(reason: str) -> None:
        request = DeclineRequest.model_validate({"reason": reason})
        await page.act(lambda: page.gateway.decline(page.token, offer.offer_id, request))
        await page.refresh()

    with design.row() as main:
        yes = design.button(
            t("consultant.accept"), accept, icon_name="check", classes="ac-btn-big ac-grow", test="offer-accept"
        )
        design.button(
            t("consultant.decline"),
            lambda: (main.classes(add="ac-hidden"), reasons.classes(remove="ac-hidden")),
            kind="outline",
            classes="ac-btn-big",
            test="offer-decline",
        )
    with design.col("ac-hidden") as reasons:
        design.text(t("consultant.decline_why"), "ac-small ac-muted")
        with design.row("ac-wrap"):
            for reason in _REASONS:
                design.button(
                    t(f"consultant.reason.{reason}"),
                    lambda reason=reason: decline(reason),
                    kind="outline",
                    test=f"decline-{reason}",
                )
            design.button(
                t("common.back"),
                lambda: (reasons.classes(add="ac-hidden"), main.classes(remove="ac-hidden")),
                kind="ghost",
                test="decline-back",
            )
