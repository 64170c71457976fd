"""Nodes and their devices: what each says of itself, what is wrong and what to do, and counters that drift."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contracts.floor_api import DeviceView, NodeView
from contracts.messages import ConfigStatus, NodeHealth
from contracts.nodes_api import CounterDrift
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.consultant import wording
from kiosk_ui.desk.device_list import open_editor
from kiosk_ui.desk.pieces import empty, heading, reasons
from kiosk_ui.desk.shown import Shown

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_READ_SECONDS = 60.0
_MILD = {"clock_unset"}
"""Shown, and nothing that a manager is called for."""
_DEVICE_TONE: dict[str, design.Tone] = {"ok": "ok", "degraded": "warn", "offline": "bad"}
_CONFIG_TONE: dict[str, design.Tone] = {"applied": "ok", "trying": "brand", "rolled_back": "bad", "refused": "bad"}


async def read(page: DeskPage) -> None:
    """The nodes come with the floor, which was read for the parties; the comparison of 28 days once a minute."""
    shown = page.shown
    if page.chosen.name == "devices" and time.monotonic() >= shown.drift_due:
        shown.drift = await page.gateway.drifting_counters(page.token)
        shown.drift_due = time.monotonic() + _READ_SECONDS


def waiting(shown: Shown) -> int:
    """Nodes and devices that somebody should look at."""
    nodes = shown.floor.nodes if shown.floor is not None else []
    troubled = sum(not node.online or bool(set(node.alarms) - _MILD) for node in nodes)
    devices = sum(device.state != "ok" for node in nodes if node.online for device in node.devices)
    return troubled + devices + (len(shown.drift.items) if shown.drift is not None else 0)


def shows(shown: Shown) -> object:
    nodes = shown.floor and [node.model_dump(exclude={"last_seen", "health", "devices"}) for node in shown.floor.nodes]
    devices = shown.floor and [
        device.model_dump(exclude={"last_seen"}) for node in shown.floor.nodes for device in node.devices
    ]
    return nodes, devices, shown.drift, int(time.monotonic() // _READ_SECONDS)


def draw(page: DeskPage) -> None:
    t, floor = page.t, page.shown.floor
    heading(page, "devices")
    if page.shown.drift is not None:
        for drift in page.shown.drift.items:
            _drift(page, drift)
    if floor is None:
        empty(t("desk.reading"), "hourglass_empty")
        return
    if not floor.nodes:
        empty(t("desk.line.no_nodes"), "sensors_off", test="devices-none")
    for node in floor.nodes:
        _node(page, node)


def _drift(page: DeskPage, drift: CounterDrift) -> None:
    t = page.t
    facts = {
        "device": drift.device,
        "node": drift.node,
        "since": drift.since.isoformat(),
        "counted": drift.counted,
        "expected": drift.expected,
        "share": round(abs(drift.share) * 100),
    }
    way = "low" if drift.share < 0 else "high"
    title = t(f"desk.devices.drift_{way}", **facts)
    design.note(
        t(f"desk.devices.drift_{way}_do", **facts), "warn", icon_name="trending_down", title=title, test="drift"
    )


def _node(page: DeskPage, node: NodeView) -> None:
    t, serious = page.t, set(node.alarms) - _MILD
    with design.card(f"d-card {'' if node.online and not serious else 'd-urgent'}", test="device-node"):
        with design.row("ac-between ac-wrap"):
            design.text(node.node, "ac-strong d-name", tag="h3")
            design.chip(t("common.online" if node.online else "common.offline"), "ok" if node.online else "bad")
        design.text(_facts(page, node), "ac-small ac-muted", test="node-facts")
        if node.health is not None:
            design.text(_health(page, node.health), "ac-small ac-muted", test="node-health")
        for alarm in node.alarms:
            tone: design.Tone = "" if alarm in _MILD else "warn"
            design.note(t.code("desk.devices.alarm", alarm), tone, icon_name="report", test=f"node-alarm-{alarm}")
        if node.config is not None and node.config.state != "file":
            _config(page, node.config)
        if not node.devices:
            design.text(t("desk.devices.no_devices"), "ac-muted")
        for device in node.devices:
            _device(page, device)
        design.button(
            t("desk.devices.edit_list"),
            lambda: open_editor(page, node.node),
            kind="outline",
            icon_name="tune",
            test=f"edit-list-{node.node}",
        )


def _facts(page: DeskPage, node: NodeView) -> str:
    t = page.t
    seen = None if node.last_seen is None else wording.ago(t, node.last_seen, utc_now())
    facts = (
        seen and t("desk.devices.heard", when=seen),
        node.version and t("desk.devices.version", version=node.version),
        t("desk.devices.lag", n=node.lag),
        node.refused and t("desk.devices.refused", n=node.refused),
    )
    return " · ".join(fact for fact in facts if fact)


def _health(page: DeskPage, health: NodeHealth) -> str:
    t = page.t
    facts = (
        health.temperature is not None and t("desk.devices.temperature", n=round(health.temperature)),
        health.disk_free is not None and t("desk.devices.disk", n=round(health.disk_free * 100)),
        health.wear is not None and t("desk.devices.wear", n=round(health.wear * 100)),
        health.memory_free_mb is not None and t("desk.devices.memory", n=health.memory_free_mb),
        health.load is not None and t("desk.devices.load", n=f"{health.load:.1f}"),
    )
    return " · ".join(fact for fact in facts if fact)


def _config(page: DeskPage, config: ConfigStatus) -> None:
    t = page.t
    title = t(f"desk.devices.config_{config.state}", n=config.version)
    active = t("desk.devices.config_file") if not config.active else t("desk.devices.config_active", n=config.active)
    words = "\n".join([*reasons(page, config.reasons), active])
    tone = _CONFIG_TONE.get(config.state, "")
    design.note(words, tone, icon_name="tune", title=title, test="node-config").style("white-space:pre-line")


def _device(page: DeskPage, device: DeviceView) -> None:
    t = page.t
    with design.box("d-line", test=f"device-{device.device}"):
        design.icon("sensors", "d-icon")
        with design.col("ac-grow").style("gap:2px"):
            design.text(device.device, "ac-strong")
            heard = t("desk.line.never")
            if device.last_seen is not None:
                heard = wording.ago(t, device.last_seen, utc_now())
            discarded = t("desk.devices.discarded", n=device.discarded) if device.discarded else ""
            facts = (device.driver, t("desk.devices.heard", when=heard), discarded)
            design.text(" · ".join(fact for fact in facts if fact), "ac-small ac-muted")
            if device.reason:
                design.text(t.reason(device.reason, device.facts), "ac-small", test="device-reason")
        design.chip(t(f"manager.device.{device.state}"), _DEVICE_TONE[device.state])
