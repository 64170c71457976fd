"""The editor of a node's devices: add, change, switch off, remove; what will change; apply, and what became of it.

The node itself judges and tries a list, and takes it back when what worked does not come back (ADR 077).
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from nicegui import ui
from nicegui.element import Element

from contracts.nodes_api import NodeConfigRequest, NodeConfigVersion, NodeConfigView
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.consultant.dialogs import open_dialog
from kiosk_ui.design.signin import text_input
from kiosk_ui.desk import device_forms
from kiosk_ui.desk.device_forms import Change, Field, Form, UnfitError, Values
from kiosk_ui.desk.pieces import reasons

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

_LOOK_SECONDS = 1.0
_UNDER_WAY = {"asked", "trying"}
_TONE: dict[str, design.Tone] = {"applied": "ok", "rolled_back": "bad", "refused": "bad"}
_WHAT_ICON = {"added": "add_circle", "removed": "remove_circle", "changed": "edit"}


async def open_editor(page: DeskPage, node: str) -> None:
    """Read what the node has, and show it for editing; nothing is sent before it is confirmed."""
    read: list[tuple[NodeConfigView, list[NodeConfigVersion]]] = []

    async def ask() -> None:
        gateway = page.gateway
        read.append((await gateway.node_config(page.token, node), await gateway.node_config_versions(page.token, node)))

    if await page.act(ask) and read:
        with page.root, open_dialog(page.t("desk.devices.list_of", node=node), test="list-dialog"):
            Editor(page, node, *read[0]).draw_list()


class Editor:
    """One dialog; its parts replace one another in `place`."""

    def __init__(self, page: DeskPage, node: str, config: NodeConfigView, versions: list[NodeConfigVersion]) -> None:
        self.page, self.t, self.node = page, page.t, node
        self.config, self.versions = config, versions
        self.running: list[Values] = config.running or []
        self.draft: list[Values] = [dict(each) for each in self.running]
        self.place: Element = design.col("d-list-editor").style("gap:12px")

    # ---- the list
    def draw_list(self) -> None:
        t = self.t
        with self._anew():
            if not self.config.accepts:
                design.note(
                    t("desk.devices.not_accepting_do"), "warn", title=t("desk.devices.not_accepting"), test="no-remote"
                )
                return
            if self.config.running is None:
                design.note(t("desk.devices.too_long"), "warn", test="list-too-long")
                return
            for place, device in enumerate(self.draft):
                self._row(place, device)
            if not self.draft:
                design.text(t("desk.devices.no_devices"), "ac-muted")
            self._adding()
            found = device_forms.changes(self.running, self.draft)
            review = design.button(t("desk.devices.review", n=len(found)), self.draw_review, test="list-review")
            design.enable(review, bool(found))
            self._earlier()

    def _row(self, place: int, device: Values) -> None:
        t, name = self.t, str(device.get("id"))
        on = device.get("enabled", True)
        with design.row("d-line ac-wrap", test=f"list-{name}"):
            with design.col("ac-grow").style("gap:2px"):
                design.text(name, "ac-strong")
                design.text(self._title(str(device.get("driver"))), "ac-small ac-muted")
            if not on:
                design.chip(t("desk.devices.off"), "warn")
            self._act(name, "edit", lambda: self.draw_form(place))
            self._act(name, "switch_on" if not on else "switch_off", lambda: self._switch(place))
            self._act(name, "remove", lambda: self._remove(place))

    def _act(self, name: str, what: str, work: Any) -> None:
        label = self.t(f"desk.devices.{what}")
        design.button(label, work, kind="outline", test=f"list-{what}-{name}", aria=f"{label} {name}")

    def _switch(self, place: int) -> None:
        device = dict(self.draft[place])
        if device.get("enabled", True):
            device["enabled"] = False
        else:
            device.pop("enabled")
        self.draft[place] = device
        self.draw_list()

    def _remove(self, place: int) -> None:
        del self.draft[place]
        self.draw_list()

    def _adding(self) -> None:
        titles = {name: self._title(name) for name in device_forms.forms()}
        with design.row("ac-wrap"):
            kind = ui.select(titles, label=self.t("desk.devices.kind")).classes("ac-q-input ac-grow")
            kind.props("outlined hide-bottom-space")
            design.mark(kind, "list-kind")

            def add() -> None:
                if kind.value:
                    self.draw_form(None, str(kind.value))

            design.button(self.t("desk.devices.add"), add, icon_name="add", test="list-add")

    def _earlier(self) -> None:
        if not self.versions:
            return
        design.text(self.t("desk.devices.earlier"), "ac-label")
        for version in self.versions:
            with design.row("ac-between ac-wrap", test=f"version-{version.version}"):
                said = self.page.project.local(version.asked_at)
                words = self.t("desk.devices.version_of", n=version.version, when=said, devices=len(version.devices))
                design.text(words, "ac-small ac-grow")
                design.button(
                    self.t("desk.devices.take"),
                    lambda devices=version.devices: self._take(devices),
                    kind="outline",
                    test=f"take-{version.version}",
                )

    def _take(self, devices: list[Values]) -> None:
        self.draft = [dict(each) for each in devices]
        self.draw_review()

    # ---- one device
    def draw_form(self, place: int | None, driver: str = "") -> None:
        device = {"driver": driver} if place is None else self.draft[place]
        driver = str(device["driver"])
        form = device_forms.forms().get(driver)
        with self._anew():
            if form is None:
                design.note(self.t("desk.devices.unknown_driver", driver=driver), "warn")
                self._back()
                return
            design.text(self._title(driver), "ac-h2", tag="h3")
            if self.t.language == "en":
                design.text(form.wiring, "ac-small ac-muted")  # installers' documents are English
            ordered = sorted(form.fields, key=lambda field: (field.name != "id", not field.required))
            inputs = {field: self._input(field, device.get(field.name)) for field in ordered if field.name != "enabled"}
            error = design.text("", "ac-error", test="form-error").props("role=alert")

            def keep() -> None:
                try:
                    made = self._made(form, inputs, device)
                    self._check_name(str(made["id"]), place)
                except UnfitError as unfit:
                    error.set_text(str(unfit))
                    return
                if place is None:
                    self.draft.append(made)
                else:
                    self.draft[place] = made
                self.draw_list()

            with design.row():
                design.button(self.t("desk.devices.keep"), keep, test="form-keep")
                self._back()

    def _input(self, field: Field, value: Any) -> Any:
        t = self.t
        label = t.code("devices.field", field.name) + (" *" if field.required else "")
        design.text(label, "ac-label")
        if help_text := t.code("devices.help", field.name).removeprefix(field.name):
            design.text(help_text, "ac-small ac-muted")
        default = device_forms.shown(field, field.default)
        hint = t("desk.devices.default", value=default) if default else ""
        test = f"field-{field.name}"
        choices = [str(each) for each in field.choices] or (["true", "false"] if field.kind == "boolean" else [])
        if choices:
            made = ui.select(choices, value=device_forms.shown(field, value) or None, clearable=True, label=hint)
            made.props("outlined hide-bottom-space").classes("ac-q-input")
            return design.mark(made, test)
        return text_input(device_forms.shown(field, value), hint, test=test, label=label, long=field.kind == "json")

    def _made(self, form: Form, inputs: dict[Field, Any], before: Values) -> Values:
        made: Values = {"id": "", "driver": before["driver"]}
        for field, typed in inputs.items():
            try:
                value = device_forms.read(field, str(typed.value or ""))
            except UnfitError as unfit:
                name = self.t.code("devices.field", field.name)
                facts = {"field": name, "least": field.least, "most": field.most}
                raise UnfitError(self.t(f"desk.devices.unfit.{unfit}", **facts)) from unfit
            if value is not None:
                made[field.name] = value
        if before.get("enabled") is False:
            made["enabled"] = False
        return made

    def _check_name(self, name: str, place: int | None) -> None:
        if any(each.get("id") == name for other, each in enumerate(self.draft) if other != place):
            raise UnfitError(self.t.reason("id_twice", {"id": name}))

    # ---- what will change, and what became of it
    def draw_review(self) -> None:
        t = self.t
        found = device_forms.changes(self.running, self.draft)
        with self._anew():
            design.text(t("desk.devices.will_change"), "ac-h2", tag="h3")
            if not found:
                design.text(t("desk.devices.same"), "ac-muted", test="list-same")
            for change in found:
                self._change(change)
            with design.row():
                if found:
                    design.button(t("desk.devices.apply"), self._apply, icon_name="send", test="list-apply")
                self._back()

    def _change(self, change: Change) -> None:
        with design.row("d-line", test=f"change-{change.device}"):
            design.icon(_WHAT_ICON[change.what], "d-icon")
            with design.col("ac-grow").style("gap:2px"):
                design.text(f"{change.device} · {self.t(f'desk.devices.{change.what}')}", "ac-strong")
                for name, before, after in change.settings:
                    said = f"{self.t.code('devices.field', name)}: {_plain(before)} → {_plain(after)}"
                    design.text(said, "ac-small d-value-line")

    async def _apply(self) -> None:
        asked: list[NodeConfigView] = []
        request = NodeConfigRequest(devices=self.draft, seen=self.versions[0].version if self.versions else 0)

        async def ask() -> None:
            asked.append(await self.page.gateway.ask_node_config(self.page.token, self.node, request))

        if await self.page.act(ask) and asked:
            await self._follow(asked[0])

    async def _follow(self, view: NodeConfigView) -> None:
        version = view.version
        while not self.place.is_deleted:
            self._draw_outcome(view)
            if view.version != version or view.state not in _UNDER_WAY:
                return
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                view = await self.page.gateway.node_config(self.page.token, self.node)
            except (GatewayUnreachableError, GatewayProblemError):
                continue  # the page itself says that the line is away

    def _draw_outcome(self, view: NodeConfigView) -> None:
        t = self.t
        with self._anew():
            words = "\n".join(reasons(self.page, view.reasons)) or t(f"desk.devices.outcome_{view.state}")
            title = t(f"desk.devices.config_{view.state}", n=view.version)
            tone = _TONE.get(view.state, "brand")
            design.note(words, tone, title=title, test=f"outcome-{view.state}").style("white-space:pre-line")
            if view.state in ("rolled_back", "refused"):
                self.config, self.running = view, view.running or self.running
                self._back()

    # ---- small parts
    def _anew(self) -> Element:
        self.place.clear()
        return self.place

    def _back(self) -> None:
        design.button(self.t("desk.devices.back"), self._again, kind="outline", test="list-back")

    async def _again(self) -> None:
        """A version that was taken back is the newest one all the same."""

        async def ask() -> None:
            self.versions = await self.page.gateway.node_config_versions(self.page.token, self.node)

        if await self.page.act(ask):
            self.draw_list()

    def _title(self, driver: str) -> str:
        form = device_forms.forms().get(driver)
        if form is None:
            return driver
        return form.title_zh if self.t.language == "zh-CN" else form.title


def _plain(value: Any) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
