"""Alarms as sentences, and the health of devices and lines."""

from datetime import datetime

from markupsafe import Markup

from contracts.floor_api import DeviceView, NodeView
from contracts.reasons import Reason
from kiosk_ui.manager.advice import Advice, advise
from kiosk_ui.manager.climate import readings, value_of
from kiosk_ui.manager.figures import Level, node_level
from kiosk_ui.manager.view import View, ticking, tile
from kiosk_ui.wall.markup import Child, div, icon, span, tag

_URGENCY_ICON = {"act": "priority_high", "watch": "visibility", "info": "info"}
_DEVICE_LEVEL: dict[str, Level] = {"ok": "good", "degraded": "warn", "offline": "late"}
SHOWN_ADVICE = 3


def alarms(view: View) -> Markup:
    """The band under the header: at most three sentences, most urgent first; calm words when there are none."""
    found = advise(view.floor, view.targets, view.now, view.zone)
    if not found:
        return div(
            icon("task_alt"), span(view.t("manager.advice.none"), cls="what"), cls="advice calm", data_test="board-calm"
        )
    rest = len(found) - SHOWN_ADVICE
    return Markup("").join(
        [
            *(_sentence(view, advice) for advice in found[:SHOWN_ADVICE]),
            div(view.t("manager.advice.more", n=rest), cls="advice rest") if rest > 0 else Markup(""),
        ]
    )


def _sentence(view: View, advice: Advice) -> Markup:
    facts = dict(advice.facts)
    reason = facts.get("reason")
    if isinstance(reason, Reason):
        facts["reason"] = view.t.reason(reason.code, reason.facts)
    elif isinstance(facts.get("reason"), str) and str(facts["reason"]).startswith("away."):
        facts["reason"] = view.t(f"manager.{facts['reason']}")
    elif isinstance(facts.get("reason"), str) and str(facts["reason"]).startswith(("faces.", "backup.")):
        facts["reason"] = _in_words(view, str(facts["reason"]))
    if "quantity" in facts:
        facts |= value_of(view.t, facts)
    return div(
        icon(_URGENCY_ICON[advice.urgency]),
        div(
            span(view.t(f"manager.advice.{advice.code}", **facts), cls="what"),
            span(view.t(f"manager.action.{advice.action}", **facts), cls="action"),
        ),
        cls=f"advice {advice.urgency}",
        data_test=f"board-alarm-{advice.code}",
    )


def devices(view: View) -> Markup:
    """One tile per node with its devices, then the line to head office and the unreadable messages."""
    faces = [note.reason for note in view.floor.alarms if note.rule == "faces"]
    tiles = [
        *(_node(view, node) for node in view.floor.nodes),
        *([readings(view)] if view.floor.readings else []),
        *([_faces(view, faces)] if faces else []),
        _link(view),
        _dead_letters(view),
    ]
    return Markup("").join(tiles)


def _node(view: View, node: NodeView) -> Markup:
    heard: Child = None
    if node.last_seen is not None:
        heard = span(view.t("manager.node.heard"), " ", ticking(node.last_seen, view.now))
    state = view.t("manager.node.online") if node.online else view.t("manager.node.offline")
    backlog = span(f" · {view.t('manager.node.lag', n=node.lag)}") if node.lag else None
    return tile(
        view.t("manager.node.name", name=node.node),
        node_level(node),
        [_device(view, device) for device in node.devices],
        symbol="memory",
        side=span(tag("b", state), backlog, " · " if heard else None, heard),
        test=f"board-node-{node.node}",
    )


def _device(view: View, device: DeviceView) -> Markup:
    level = _DEVICE_LEVEL[device.state]
    state = view.t(f"manager.device.{device.state}")
    reason = f" · {view.t.reason(device.reason, device.facts)}" if device.reason else ""
    return span(
        span(cls="dot", data_level=level),
        device.device,
        span(f"{state}{reason}", cls="sub"),
        cls="device",
        data_test=f"board-device-{device.device}",
    )


def _faces(view: View, alarms: list[str]) -> Markup:
    """Recognition, when something is wrong with it; the reception's page has the rest."""
    words = [span(_in_words(view, f"faces.{alarm}"), cls="device") for alarm in alarms]
    return tile(view.t("manager.faces.name"), "warn", words, symbol="face", test="board-faces")


def _in_words(view: View, reason: str) -> str:
    """`faces.no_vault` in words; the code itself when it is newer than these screens."""
    try:
        return view.t(f"codes.{reason}")
    except KeyError:
        return reason.partition(".")[2]


def _link(view: View) -> Markup:
    link, t = view.floor.link, view.t
    if not link.configured:
        return tile(t("manager.link.name"), "idle", span(t("manager.link.none")), symbol="cloud_off", test="board-link")
    level: Level = "good" if link.online and link.pending < 100 else "warn"
    body = span(
        t("manager.link.pending", n=link.pending),
        *([" · ", t("manager.link.last"), " ", _at(view, link.last_ack_at)] if link.last_ack_at else []),
    )
    state = tag("b", t("manager.link.online") if link.online else t("manager.link.offline"))
    symbol = "cloud_done" if link.online else "cloud_off"
    return tile(t("manager.link.name"), level, body, symbol=symbol, side=state, test="board-link")


def _at(view: View, at: datetime) -> str:
    return view.clock(at)


def _dead_letters(view: View) -> Markup:
    count, t = view.floor.dead_letters_today, view.t
    return tile(
        t("manager.dead.name"),
        "warn" if count else "good",
        span(t("manager.dead.some") if count else t("manager.dead.none")),
        symbol="drafts",
        side=tag("b", str(count), data_test="board-dead-letters"),
        test="board-dead",
    )
