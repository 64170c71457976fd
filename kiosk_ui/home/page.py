"""Draws the page of doors."""

from kiosk_ui import design
from kiosk_ui.config import Config, DemoSection
from kiosk_ui.home.doors import Door
from kiosk_ui.home.skyline import skyline
from kiosk_ui.wall.page import Frame, switches


def build(frame: Frame, config: Config, doors: list[Door]) -> None:
    with design.box("home", tag="main"):
        _hero(frame, config)
        with design.box("home-doors"):
            for door in doors:
                _door(frame, door)
        if config.demo is not None:
            _demo(frame, config.demo)
        with design.box("home-foot", tag="footer"):
            design.text(frame.t("home.foot"), "ac-muted ac-small")


def _hero(frame: Frame, config: Config) -> None:
    t, project = frame.t, config.project
    with design.box("home-hero", tag="header"):
        skyline()
        with design.row("ac-between home-bar"):
            with design.row():
                design.text(t("home.mark"), "ac-mark")
                design.text(t("home.product"), "ac-strong")
            switches(frame)
        with design.col("home-words"):
            design.text(project.name(frame.language), "home-name", tag="h1")
            design.text(project.tagline(frame.language) or t("home.lead"), "home-lead", tag="p")
            if config.demo is not None:
                design.chip(t("home.synthetic"), "accent", icon_name="science", test="home-synthetic")


def _door(frame: Frame, door: Door) -> None:
    t = frame.t
    element = design.box("home-door", tag="a", test=f"door-{door.name}")
    element._props["href"] = door.href
    with element:
        with design.row("ac-between"):
            design.icon(door.symbol, "home-symbol")
            design.icon("arrow_forward", "home-arrow")
        design.text(t(f"home.door.{door.name}.title"), "ac-h2", tag="h2")
        design.text(t(f"home.door.{door.name}.what"), "home-what", tag="p")
        design.text(t(f"home.door.{door.name}.who"), "ac-small ac-muted", tag="p")


def _demo(frame: Frame, demo: DemoSection) -> None:
    t = frame.t
    with design.card("home-demo", test="home-demo"):
        design.text(t("home.demo.title"), "ac-h2", tag="h2")
        design.text(t("home.demo.what"), "ac-muted", tag="p")
        if not demo.accounts:
            return
        with design.box("ac-table", tag="table"):
            with design.box(tag="thead"), design.box(tag="tr"):
                for column in ("name", "staff_no", "pin", "screen"):
                    design.text(t(f"home.demo.{column}"), tag="th")
            with design.box(tag="tbody"):
                for account in demo.accounts:
                    with design.box(tag="tr"):
                        design.text(account.name, "ac-strong", tag="td")
                        design.text(account.staff_no, "ac-num", tag="td")
                        design.text(account.pin, "ac-num", tag="td")
                        design.text(t(f"home.door.{account.screen}.title"), tag="td")
