"""Who may be here, and who a visitor may be: both asked of a person, neither decided by a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contracts.faces_api import Candidate, Greeting, Review, ReviewDecision
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.reception import merges
from kiosk_ui.reception.pieces import empty, section

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage

_ICONS = {
    "face": "face",
    "face_known": "face",
    "number": "smartphone",
    "masked_phone": "smartphone",
    "id_number": "badge",
    "name": "person",
    "sounds_alike": "person",
}


# ---- greetings
def greetings(page: ReceptionPage) -> None:
    t = page.t
    waiting = [g for g in page.shown.greetings if g.state == "open"]
    section(t("reception.greetings.title"), len(waiting), "waving_hand")
    if not waiting:
        empty(t("reception.greetings.none"), "sensor_occupied")
    for greeting in sorted(waiting, key=lambda one: one.seen_at, reverse=True):
        _greeting(page, greeting)


def _greeting(page: ReceptionPage, greeting: Greeting) -> None:
    t, now = page.t, utc_now()

    async def settle(answer: Literal["confirm", "wrong"]) -> None:
        await page.act(lambda: page.gateway.settle_greeting(page.token, greeting.greeting_id, answer))

    with design.card("r-greeting", test="greeting-card"):
        with design.col("ac-grow").style("gap:2px"):
            with design.row("ac-wrap").style("gap:2px 12px;align-items:baseline"):
                design.text(greeting.customer.name or greeting.customer.phone, "r-name", test="greeting-name")
                elapsed = max(0, int((now - greeting.seen_at).total_seconds() * 1000))
                design.box("ac-muted ac-num").props(f"data-elapsed={elapsed}")
            facts = [t("consultant.greeting.camera", camera=greeting.camera)]
            owner = wording.owned_by(t, greeting.customer) or greeting.owner_name
            if owner:
                facts.append(f"{t('consultant.owner')} {owner}")
            if greeting.last_visit_at is not None:
                facts.append(f"{t('consultant.last_visit')} {wording.ago(t, greeting.last_visit_at, now)}")
            design.text(" · ".join(facts), "ac-muted")
        design.button(t("consultant.greeting.confirm"), lambda: settle("confirm"), test="greeting-confirm")
        design.button(t("consultant.greeting.wrong"), lambda: settle("wrong"), kind="outline", test="greeting-wrong")


# ---- questions
def reviews(page: ReceptionPage) -> None:
    t = page.t
    section(t("reception.reviews.title"), len(page.shown.reviews) + len(page.shown.merges), "help_center")
    if not page.shown.reviews and not page.shown.merges:
        empty(t("reception.reviews.none"), "task_alt")
    for review in page.shown.reviews:
        _review(page, review)
    merges.draw(page)


def _review(page: ReceptionPage, review: Review) -> None:
    t = page.t
    with design.card("r-review", test="review-card"):
        with design.row("ac-between ac-wrap"):
            design.text(t(f"reception.kind.{review.kind}"), "ac-h3", tag="h3")
            design.text(wording.ago(t, review.opened_at, utc_now()), "ac-muted ac-small")
        design.text(t(f"reception.ask.{review.kind}"), "ac-muted")
        with design.box("r-candidates"):
            for candidate in review.candidates:
                _candidate(page, review, candidate)
        design.button(
            t("reception.reviews.none_of_them"),
            lambda: _decide(page, review, None),
            kind="outline",
            icon_name="person_off",
            classes="r-wide",
            test="review-none",
        )


def _candidate(page: ReceptionPage, review: Review, candidate: Candidate) -> None:
    t, customer = page.t, candidate.customer
    with design.box("r-candidate", test="review-candidate"):
        with design.row():
            design.text((customer.name or "?")[:1], "ac-avatar")
            with design.box():
                design.text(customer.name or customer.phone, "r-name")
                design.text(customer.phone, "ac-muted ac-num")
        facts = [f"{t('consultant.visits')} {customer.visit_count}"]
        owner = wording.owned_by(t, customer)
        if owner:
            facts.append(f"{t('consultant.owner')} {owner}")
        if customer.last_visit_at is not None:
            facts.append(f"{t('consultant.last_visit')} {wording.ago(t, customer.last_visit_at, utc_now())}")
        design.text(" · ".join(facts), "ac-small ac-muted")
        with design.col("ac-grow").style("gap:4px"):
            for fact in candidate.evidence:
                with design.row().style("gap:6px"):
                    design.icon(_ICONS.get(str(fact.get("code", "")), "info"), "ac-tone-ok")
                    design.text(_evidence(page, fact), "ac-strong")
        design.button(
            t("reception.reviews.this_one"),
            lambda: _decide(page, review, customer.customer_id),
            classes="r-wide",
            test="review-choose",
        )


def _evidence(page: ReceptionPage, fact: dict[str, str | float | int]) -> str:
    """A code with its figures; a code newer than this screen is shown as it is."""
    words = page.t.code("reception.evidence", str(fact.get("code", "")))
    score, threshold = fact.get("score"), fact.get("threshold")
    if isinstance(score, (int, float)) and isinstance(threshold, (int, float)):
        return f"{words} {score:.2f} / {threshold:.2f}"
    return words


def _decide(page: ReceptionPage, review: Review, customer_id: str | None) -> None:
    """Asked once more, with room for a reason: the answer moves a visit to somebody's file."""
    t = page.t
    chosen = next((c.customer for c in review.candidates if c.customer.customer_id == customer_id), None)
    title = (
        t("reception.reviews.sure", name=chosen.name or chosen.phone) if chosen else t("reception.reviews.sure_none")
    )
    with page.root, open_dialog(title, test="decide-dialog") as dialog:
        about_files = review.kind in ("one_face_two_files", "one_key_two_files", "files_alike")
        then = ("then_merge" if about_files else "then") if chosen else "then_files" if about_files else "then_none"
        design.text(t(f"reception.reviews.{then}"), "ac-muted")
        reason = text_input(
            "", t("reception.reviews.reason"), test="decide-reason", label=t("reception.reviews.reason")
        )

        async def send() -> None:
            decision = ReviewDecision(customer_id=customer_id, reason=str(reason.value or "").strip()[:200])
            await page.gateway.decide_review(page.token, review.review_id, decision)

        async def go() -> None:
            design.enable(button, False)
            await page.act(send, t("reception.reviews.decided"))
            dialog.close()

        button = design.button(t("reception.reviews.confirm"), go, classes="ac-btn-big", test="decide-confirm")
