"""The line to head office and the nodes: what waits, since when, and that the office works on without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.floor_api import Floor, NodeView
from contracts.sync_api import SyncView
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage


async def read(page: DeskPage) -> None:
    """What goes up, the floor says, which was read for the parties."""
    page.shown.sync = await page.gateway.sync(page.token)


def waiting(shown: Shown) -> int:
    floor = shown.floor
    if floor is None:
        return 0
    return sum(not node.online for node in floor.nodes) + (floor.link.configured and not floor.link.online)


def shows(shown: Shown) -> object:
    nodes = shown.floor and [(n.node, n.online, n.lag, n.unsafe) for n in shown.floor.nodes]
    sync = shown.sync and (shown.sync.complete_at, shown.sync.conflicts, shown.sync.faults)
    return shown.floor and (shown.floor.link, nodes, sync)


def draw(page: DeskPage) -> None:
    t, floor = page.t, page.shown.floor
    heading(page, "line")
    if floor is None:
        empty(t("desk.reading"), "hourglass_empty")
        return
    _link(page, floor)
    if page.shown.sync is not None and page.shown.sync.configured:
        _down(page, page.shown.sync)
    design.text(t("desk.line.nodes"), "ac-h2", tag="h3")
    if not floor.nodes:
        empty(t("desk.line.no_nodes"), "sensors_off")
    for node in floor.nodes:
        _node(page, node)


def _link(page: DeskPage, floor: Floor) -> None:
    t, link = page.t, floor.link
    state = "alone" if not link.configured else "online" if link.online else "offline"
    tone: design.Tone = {"alone": "", "online": "ok", "offline": "warn"}[state]  # type: ignore[assignment]
    icon_name = {"alone": "home", "online": "cloud_done", "offline": "cloud_off"}[state]
    design.note(t(f"desk.line.{state}_words"), tone, icon_name=icon_name, title=t(f"desk.line.{state}"), test="link")
    if link.configured:
        with design.grid(2, "d-figures"):
            last = t("desk.line.never") if link.last_ack_at is None else wording.ago(t, link.last_ack_at, utc_now())
            design.stat(t("desk.line.pending"), str(link.pending), foot=t("desk.line.pending_foot"), test="pending")
            design.stat(t("desk.line.last"), last, foot=t("desk.line.last_foot"), test="last-ack")


def _down(page: DeskPage, sync: SyncView) -> None:
    """What came from head office, and where both sides had changed one thing: which stands, and by what rule."""
    t = page.t
    design.text(t("desk.sync.title"), "ac-h2", tag="h3")
    at = t("desk.line.never") if sync.complete_at is None else wording.ago(t, sync.complete_at, utc_now())
    design.text(t("desk.sync.complete", when=at), "ac-muted", test="sync-complete")
    if not sync.conflicts and not sync.faults:
        empty(t("desk.sync.none"), "task_alt")
    for conflict in sync.conflicts:
        with design.card("d-line", test="sync-conflict"), design.col("ac-grow").style("gap:2px"):
            values = {"office": conflict.office_value, "company": conflict.company_value}
            design.text(t(f"desk.sync.{conflict.field}", **values), "ac-strong")
            when = page.project.local(conflict.at)
            design.text(t(f"desk.sync.{conflict.winner}", rule=t(f"desk.sync.rule.{conflict.rule}")), "ac-small")
            design.text(when, "ac-small ac-muted")
    for fault in sync.faults:
        design.note(t(f"desk.sync.{fault.reason}", kind=fault.kind), "warn", icon_name="sync_problem")


def _node(page: DeskPage, node: NodeView) -> None:
    t = page.t
    with design.card(f"d-line {'' if node.online else 'd-urgent'}", test="node"):
        design.icon("router", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(node.node, "ac-strong")
            design.text(t("desk.line.node_facts", devices=len(node.devices), unsafe=node.unsafe), "ac-small ac-muted")
        design.chip(t("common.online" if node.online else "common.offline"), "ok" if node.online else "bad")
