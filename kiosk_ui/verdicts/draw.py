"""An explanation on a page: the result first, every rule below it, what was decided before folded away."""

from nicegui import ui

from kiosk_ui import design
from kiosk_ui.texts import Texts
from kiosk_ui.verdicts.words import Line, Said, Told, Turn

_ICONS = {"won": "check_circle", "lost": "cancel", "not_applicable": "remove"}


def draw(t: Texts, told: Told) -> None:
    design.text(t("verdict.title"), "ac-h3", tag="h3")
    if not told.verdicts:
        design.text(t("verdict.none"), "ac-muted")
    for newest in told.verdicts[:1]:
        _verdict(t, newest)
    if told.turns:
        design.text(t("verdict.turns"), "ac-h3", tag="h3")
    for turn in told.turns:
        _turn(t, turn)
    if told.steps:
        with _folded(t("verdict.steps", n=len(told.steps)), test="visit-steps"):
            for step in told.steps:
                design.text(step, "ac-small")
    if len(told.verdicts) > 1:
        with _folded(t("verdict.earlier", n=len(told.verdicts) - 1), test="verdict-earlier"):
            for earlier in told.verdicts[1:]:
                _verdict(t, earlier)


def _verdict(t: Texts, said: Said) -> None:
    with design.col("ac-panel", test="verdict").style("gap:10px"):
        design.text(t("verdict.made", at=said.at), "ac-small ac-muted")
        for label, words in ((t("verdict.who_brought"), said.source), (t("verdict.whose"), said.owner)):
            with design.box():
                design.text(label, "ac-small ac-muted")
                design.text(words, "ac-strong")
        if said.conflict:
            design.note(t("verdict.conflict"), "warn", icon_name="gavel", test="verdict-conflict")
        if said.open_until:
            design.note(said.open_until, icon_name="schedule")
        for line in said.lines:
            if line.outcome != "not_applicable":
                _line(t, line)
        silent = [line for line in said.lines if line.outcome == "not_applicable"]
        if silent:
            with _folded(t("verdict.silent", n=len(silent)), test="verdict-silent"):
                for line in silent:
                    _line(t, line)


def _line(t: Texts, line: Line) -> None:
    with design.row("ac-top", test=f"rule-{line.outcome}").style("gap:8px"):
        design.icon(_ICONS[line.outcome], "ac-ok" if line.outcome == "won" else "ac-muted")
        with design.box("ac-grow"):
            design.text(t("verdict.line", rule=line.rule, reason=line.reason), "ac-strong")
            design.text(t(f"verdict.outcome.{line.outcome}"), "ac-sr")
            for fact in line.evidence:
                design.text(fact, "ac-small ac-muted")


def _turn(t: Texts, turn: Turn) -> None:
    with design.col("ac-panel", test="turn").style("gap:6px"):
        design.text(turn.at, "ac-small ac-muted")
        design.text(t("verdict.goes_to", rule=turn.rule, name=turn.chosen) if turn.chosen else turn.rule, "ac-strong")
        if turn.others:
            with _folded(t("verdict.others", n=len(turn.others)), test="turn-others"):
                for words in turn.others:
                    design.text(words, "ac-small ac-muted")


def _folded(title: str, *, test: str) -> ui.element:
    """Closed until asked for; the browser opens it without the server."""
    details = design.box("ac-folded", tag="details", test=test)
    with details, design.box(tag="summary"):
        design.text(title)
    return details
