"""Customers whose owner has left: each goes to somebody, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.identity_api import OwnerAssignment, PoolEntry
from contracts.rota_api import RotaEntry
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.consultant.dialogs import open_dialog, segment
from kiosk_ui.desk.pieces import decision, empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage


async def read(page: DeskPage) -> None:
    page.shown.pool = (await page.gateway.pool(page.token)).items


def waiting(shown: Shown) -> int:
    return len(shown.pool)


def shows(shown: Shown) -> object:
    return shown.pool


def draw(page: DeskPage) -> None:
    heading(page, "pool")
    if not page.shown.pool:
        empty(page.t("desk.pool.none"), "task_alt", test="pool-none")
    for entry in page.shown.pool:
        _entry(page, entry)


def _entry(page: DeskPage, entry: PoolEntry) -> None:
    t, customer = page.t, entry.customer
    with design.card("d-line", test="pool-entry"):
        design.text((customer.name or "?")[:1], "ac-avatar")
        with design.col("ac-grow").style("gap:2px"):
            design.text(customer.name or customer.phone, "ac-strong d-name")
            design.text(_facts(page, entry), "ac-small ac-muted")
        design.button(t("desk.pool.assign"), lambda: _ask(page, entry), icon_name="person_add", test="pool-assign")


def _facts(page: DeskPage, entry: PoolEntry) -> str:
    t, customer, now = page.t, entry.customer, utc_now()
    owner = t("desk.pool.owner", name=customer.owner_name) if customer.owner_name else ""
    others = wording.owned_by(t, customer) if customer.owners else ""
    left = "" if entry.owner_left_at is None else t("desk.pool.left", when=page.project.local_date(entry.owner_left_at))
    last = customer.last_visit_at
    seen = "" if last is None else t("desk.pool.last", when=wording.ago(t, last, now))
    facts = (customer.phone, owner, left, others, t("desk.merges.visits", n=customer.visit_count), seen)
    return " · ".join(word for word in facts if word)


def _ask(page: DeskPage, entry: PoolEntry) -> None:
    t, floor, customer = page.t, page.shown.floor, entry.customer
    people = sorted(floor.rota if floor else [], key=lambda e: (e.state == "signed_out", e.name))
    with page.root, open_dialog(t("desk.pool.who", name=customer.name or customer.phone), test="pool-dialog") as dialog:
        chosen = {"to": ""}
        names = [(e.consultant_id, f"{e.name} · {t(f'consultant.state.{e.state}')}") for e in people]
        segment(names, chosen, "to", test="pool-to", on_change=lambda: then.set_text(_then(page, people, chosen["to"])))
        then = design.text(_then(page, people, ""), "d-then", test="pool-then").props("role=status")

        async def work(reason: str) -> None:
            assignment = OwnerAssignment(consultant_id=chosen["to"], reason=reason)
            await page.gateway.assign_owner(page.token, customer.customer_id, assignment)

        decision(
            page,
            dialog,
            work,
            label=t("desk.pool.confirm"),
            said=t("desk.pool.done"),
            ready=lambda: "" if chosen["to"] else t("desk.parties.choose"),
        )


def _then(page: DeskPage, people: list[RotaEntry], chosen: str) -> str:
    entry = next((e for e in people if e.consultant_id == chosen), None)
    return page.t("desk.pool.then_nobody") if entry is None else page.t("desk.pool.then", name=entry.name)
