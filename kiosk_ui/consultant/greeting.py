"""A returning customer, recognised with their consent: a card below the alerts that asks a person to look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contracts.faces_api import Greeting
from contracts.gateway_api import OfferView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_FACE = "face"
"""The rule name of a verdict's note that a consented face match was among its evidence."""


def evident(page: TabletPage, offer: OfferView) -> bool:
    """Whether the visit on offer is that of somebody recognised: its verdict says so, or a greeting does."""
    noted = any(note.rule == _FACE for note in offer.why)
    greeted = any(g.visit_id == offer.visit.visit_id and g.state in {"open", "confirmed"} for g in page.greetings)
    return noted or greeted


def draw_all(page: TabletPage, greetings: list[Greeting]) -> None:
    for greeting in sorted(greetings, key=lambda one: one.seen_at, reverse=True):
        _draw(page, greeting)


def _draw(page: TabletPage, greeting: Greeting) -> None:
    t, customer = page.t, greeting.customer
    now = page.me.server_time if page.me else utc_now()

    async def settle(answer: Literal["confirm", "wrong"]) -> None:
        design.enable(yes, False)
        design.enable(no, False)
        if not await page.act(lambda: page.gateway.settle_greeting(page.token, greeting.greeting_id, answer)):
            design.enable(yes, True)
            design.enable(no, True)

    with design.card("t-greeting", test="greeting-card").props(f"data-alert={greeting.greeting_id}"):
        design.icon("waving_hand", "t-greeting-icon")
        with design.col("ac-grow").style("gap:4px"):
            with design.row("ac-wrap").style("align-items:baseline;gap:4px 12px"):
                design.text(customer.name or customer.phone, "t-name", tag="h2", test="greeting-name")
                with design.row().style("gap:4px"):
                    design.text(t("consultant.greeting.since"), "ac-small ac-muted")
                    elapsed = int((now - greeting.seen_at).total_seconds() * 1000)
                    design.box("ac-strong ac-num").props(f"data-elapsed={max(0, elapsed)}")
            design.text(" · ".join(_facts(page, greeting)), "ac-muted", test="greeting-facts")
        with design.box("t-greeting-buttons"):
            yes = design.button(
                t("consultant.greeting.confirm"), lambda: settle("confirm"), icon_name="check", test="greeting-confirm"
            )
            no = design.button(
                t("consultant.greeting.wrong"), lambda: settle("wrong"), kind="outline", test="greeting-wrong"
            )


def _facts(page: TabletPage, greeting: Greeting) -> list[str]:
    t = page.t
    facts = [t("consultant.greeting.prompt")]
    if greeting.last_visit_at is not None:
        last = wording.ago(t, greeting.last_visit_at, utc_now())
        facts.append(f"{t('consultant.last_visit')} {last}")
    owner = wording.owned_by(t, greeting.customer) or greeting.owner_name
    if owner:
        facts.append(f"{t('consultant.owner')} {owner}")
    facts.append(t("consultant.greeting.camera", camera=greeting.camera))
    return facts
