"""What an agent reads, as markup: the code, the answer to a registration, the list of their own. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup

from contracts.channels_api import AgentCodeView, AgentOffice, AgentSelf, ClaimVerdict, RegistrationView
from contracts.rest import Problem
from kiosk_ui.agent import appeals
from kiosk_ui.agent.reader import Reader, chip
from kiosk_ui.design import Tone
from kiosk_ui.texts import Texts
from kiosk_ui.wall.markup import div, icon, span, tag

_QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


def called(office: AgentOffice, t: Texts) -> str:
    return (t.language == "en" and office.name_en) or office.name


def places_of(myself: AgentSelf, t: Texts) -> dict[str, str]:
    """`office/project` → its name; every office as a whole first, then its open projects."""
    found = {}
    for place in myself.offices:
        name = called(place, t)
        found[f"{place.office}/"] = t("agent.place.all", office=name)
        for each in myself.projects:
            if each.office == place.office and each.active:
                found[f"{place.office}/{each.project}"] = t("agent.place.one", office=name, project=each.name)
    return found


def reader_of(myself: AgentSelf, t: Texts) -> Reader:
    """How this agent's offices are called and which clocks they go by."""
    zones = {place.office: ZoneInfo(place.time_zone) for place in myself.offices}
    return Reader(t, places_of(myself, t), zones, {place.office: called(place, t) for place in myself.offices})


def qr(shown: AgentCodeView, reader: Reader) -> Markup:
    """The code as a picture, and a ring that is empty when the code runs out."""
    picture = segno.make(shown.code, error="m", micro=False)
    image = Markup(picture.svg_inline(border=_QUIET, omitsize=True, dark="#000", light="#fff"))  # noqa: S704  segno's own
    whole = (shown.valid_until - shown.valid_from).total_seconds()
    gone = (shown.server_time - shown.valid_from).total_seconds()
    circle = tag(
        "circle", cx="12", cy="12", r="10", pathLength="1", style=f"animation:ag-run {whole}s linear -{gone}s both"
    )
    ring = tag("svg", circle, viewBox="0 0 24 24", cls="ag-ring", aria_hidden="true")
    said = span(reader.t("agent.code.until", at=reader.at(shown.valid_until, shown.office, "%H:%M:%S")))
    return div(
        div(image, cls="ag-qr", role="img", aria_label=reader.t("agent.code.title"), data_test="agent-qr"),
        tag("b", reader.place(shown.office, shown.project), data_test="agent-qr-place"),
        div(ring, said, cls="ag-until"),
        cls="ag-code",
    )


def answer(made: RegistrationView, reader: Reader) -> tuple[str, Tone]:
    """What became of a registration, in words."""
    t = reader.t
    if made.state == "repeat" and made.repeats_until is not None:
        return t(
            "agent.said.repeat",
            at=reader.at(made.accepted_at, made.office),
            until=reader.at(made.repeats_until, made.office),
        ), "warn"
    masked = t("agent.said.masked") if made.masked else ""
    said = t(
        "agent.said.accepted",
        at=reader.at(made.accepted_at, made.office),
        until=reader.at(made.protected_until, made.office),
    )
    return said + masked, "ok"


def refusal(problem: Problem, t: Texts) -> str:
    """Why central did not take it."""
    for mistake in problem.errors:
        if mistake.field.endswith(("number", "project")):
            field = "number" if mistake.field.endswith("number") else "project"
            return t(f"agent.wrong.{field}")
    found = t.code("codes.problem", problem.code)
    return t("codes.problem.unexpected") if found == problem.code else found


def registrations(rows: Sequence[RegistrationView], reader: Reader) -> Markup:
    if not rows:
        return div(icon("inbox"), span(reader.t("agent.list.empty")), cls="ag-empty", data_test="agent-empty")
    return Markup("").join(_registration(row, reader) for row in rows)


def _registration(row: RegistrationView, reader: Reader) -> Markup:
    t = reader.t
    end = row.withdrawn_at or (row.repeats_until if row.state == "repeat" else row.protected_until)
    return tag(
        "article",
        div(tag("b", row.number), _standing(row, t), cls="ag-top"),
        div(reader.place(row.office, row.project), cls="ag-sub"),
        div(t("agent.list.accepted", at=reader.at(row.accepted_at, row.office)), cls="ag-sub"),
        div(t(f"agent.list.{row.state}", at=reader.at(end or row.protected_until, row.office)), cls="ag-sub"),
        [_verdict(row, made, reader) for made in reversed(row.verdicts)],
        cls="ag-item",
        data_test="agent-registration",
    )


def _standing(row: RegistrationView, t: Texts) -> Markup | None:
    """Of one that was judged its verdicts speak: «protected» above «not given to your agency» would contradict them."""
    return None if row.state == "live" and row.verdicts else chip(row.state, t(f"agent.state.{row.state}"))


def _verdict(row: RegistrationView, made: ClaimVerdict, reader: Reader) -> Markup:
    """Of other claims an agent learns that they exist and when, nothing more."""
    t = reader.t
    others = (
        t("agent.list.others", n=len(made.others), at=reader.at(max(made.others), row.office)) if made.others else None
    )
    return div(
        div(
            chip(made.outcome, t(f"agent.outcome.{made.outcome}")),
            span(reader.at(made.made_at, row.office)),
            cls="ag-top",
        ),
        div(t("agent.list.rule", rule=t.code("codes.rule", made.rule), why=t.code("codes.reason", made.reason))),
        None if others is None else div(others, cls="ag-sub"),
        appeals.appeal(row, made, reader),
        cls="ag-verdict",
        data_test="agent-verdict",
    )
