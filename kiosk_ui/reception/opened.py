"""What was opened at the desk: a visit with its decisions, a customer's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from contracts.gateway_api import CustomerView, Explanation, VisitView
from kiosk_ui import design, verdicts
from kiosk_ui.consultant import numbers, wording
from kiosk_ui.consultant.facts import kind_chip, visit_line
from kiosk_ui.reception import acts, merges, people_acts, search
from kiosk_ui.reception.pieces import row_button
from kiosk_ui.reception.side import Found, Opened, OpenFile, OpenVisit
from kiosk_ui.reception.visits import elapsed
from kiosk_ui.visitor import project

if TYPE_CHECKING:
    from kiosk_ui.reception.page import ReceptionPage


@dataclass(frozen=True)
class Piece:
    """Drawn anew only when what it `shows` differs: what arrives late must not take a button from under a hand."""

    name: str
    shows: object
    draw: Callable[[], None]


def draw(page: ReceptionPage) -> None:
    top = page.side.top
    pieces = [] if top is None else _pieces(page, top)
    names = tuple(piece.name for piece in pieces)
    page.redraw("opened", top and (top.kind, top.key, names), lambda: _lay_out(page, top, names))
    for piece in pieces:
        page.redraw(piece.name, piece.shows, piece.draw)


def _lay_out(page: ReceptionPage, top: Opened | None, names: tuple[str, ...]) -> None:
    if top is None:
        return
    with design.row("ac-between r-open-head"):
        design.text(page.t(f"reception.opened.{top.kind}"), "ac-h2", tag="h2")
        design.button(page.t("common.close"), page.close_opened, kind="ghost", icon_name="close", test="opened-close")
    for name in names:
        page.add_part(name, design.box("r-part"))


def _pieces(page: ReceptionPage, top: Opened) -> list[Piece]:
    if isinstance(top, Found):
        return [Piece("found", top, lambda: search.draw(page, top))]
    if isinstance(top, OpenVisit):
        return [
            Piece("visit", top.visit, lambda: _visit(page, top.visit)),
            Piece("visit-why", (top.explanation, page.shown.names), lambda: _why(page, top.explanation)),
        ]
    pieces = [Piece("file", (top.customer, top.reasons), lambda: _file(page, top))]
    if top.party:
        pieces.append(Piece("file-party", top.party, lambda: _party(page, top)))
    pieces.append(Piece("file-past", top.visits, lambda: _past(page, top)))
    if top.beside:
        pieces.append(Piece("file-beside", (top.customer, top.beside), lambda: merges.draw_beside(page, top)))
    return pieces


# ---- a visit
def _visit(page: ReceptionPage, visit: VisitView) -> None:
    t = page.t
    with design.card("r-open", test="visit-panel"):
        with design.row("ac-wrap").style("gap:4px 12px;align-items:baseline"):
            design.text(wording.customer_name(t, visit), "r-name r-break")
            if visit.customer is not None and visit.customer.name:
                design.text(visit.customer.phone, "ac-muted ac-num")
            kind_chip(t, visit)
        visit_line(t, visit)
        _course(page, visit)
        for hint in visit.hints:
            design.note(t(f"gate.hint.{hint}"), "warn", icon_name="person_search", test="visit-hint")
        if visit.state != "closed":
            _visit_acts(page, visit)
        if visit.non_customer is not None:
            people_acts.draw_marked(page, visit)
        if visit.customer is None and visit.non_customer is None:
            design.button(
                t("number.open"),
                lambda: numbers.add(page, visit),
                kind="outline",
                icon_name="person_add",
                classes="r-wide",
                test="add-number",
            )
        if visit.customer is not None:
            customer = visit.customer
            design.button(
                t("reception.opened.to_file"),
                lambda: page.open_file(OpenFile(customer=customer)),
                kind="outline",
                icon_name="folder_shared",
                classes="r-wide",
                test="visit-file",
            )


def _why(page: ReceptionPage, explanation: Explanation) -> None:
    with design.card("r-open", test="visit-why"):
        verdicts.draw(page.t, verdicts.tell(page.t, explanation, page.shown.names, page.project.local))


def _course(page: ReceptionPage, visit: VisitView) -> None:
    """When what happened, and how it stands."""
    t = page.t
    with design.box("r-course"):
        _moment(page, "opened", page.project.local(visit.opened_at))
        if visit.accepted_at is not None:
            _moment(page, "accepted", page.project.local(visit.accepted_at))
        if visit.closed_at is not None:
            ended = t.code("reception.ended", visit.close_reason or "")
            _moment(page, "closed", f"{page.project.local(visit.closed_at)} · {ended}")
        if visit.consultant_name:
            _moment(page, "with", visit.consultant_name)
        if visit.owner_name:
            _moment(page, "owner", visit.owner_name)
        if visit.project:
            _moment(page, "project", _project(page, visit))
    if visit.state in {"waiting", "offered"}:
        with design.row():
            design.text(t("reception.opened.waits"), "ac-muted")
            elapsed(visit, "r-clock ac-num")
            name = page.shown.called(visit)
            if name:
                design.text(t("reception.state.called", name=name), "ac-strong")


def _project(page: ReceptionPage, visit: VisitView) -> str:
    """By its name where the office sells several, else as head office calls it."""
    sold = [] if page.shown.form is None else page.shown.form.projects
    names = {each.project: project.named(each, page.t.language) for each in sold}
    return names.get(visit.project, visit.project)


def _moment(page: ReceptionPage, name: str, words: str, *, of: str = "") -> None:
    label = page.t(f"reception.course.{name}")
    with design.box():
        design.text(f"{label} · {of}" if of else label, "ac-small ac-muted")
        design.text(words, "ac-strong ac-num r-break", test=f"course-{name}")


def _visit_acts(page: ReceptionPage, visit: VisitView) -> None:
    t = page.t
    with design.row("ac-wrap r-acts"):
        design.button(
            t("reception.assign.open"), lambda: acts.assign(page, visit), icon_name="person_add", test="assign"
        )
        if visit.state == "serving":
            design.button(
                t("reception.hand_over.open"),
                lambda: acts.hand_over(page, visit),
                kind="outline",
                icon_name="swap_horiz",
                test="hand-over",
            )
        for name, icon_name, do in (
            ("join", "group_add", people_acts.join),
            ("depart", "logout", people_acts.depart),
            ("mark", "person_off", people_acts.mark),
        ):
            design.button(
                t(f"reception.{name}.open"),
                lambda do=do: do(page, visit),
                kind="outline",
                icon_name=icon_name,
                test=name,
            )


# ---- a file
def _file(page: ReceptionPage, top: OpenFile) -> None:
    t, customer = page.t, top.customer
    with design.card("r-open", test="file-panel"):
        with design.row("ac-wrap").style("gap:4px 12px;align-items:baseline"):
            design.text(customer.name or t("consultant.anonymous"), "r-name r-break", test="file-name")
            phone = wording.spoken_phone(customer.phone) if customer.revealed else customer.phone
            design.text(phone, "ac-num ac-strong", test="file-phone")
        with design.row("ac-wrap").style("gap:4px 6px"):
            for reason in top.reasons:
                design.chip(t.code("reception.found_by", reason), "brand")
        with design.box("r-course"):
            _moment(page, "visits", str(customer.visit_count))
            _owners(page, customer)
            _moment(page, "first_seen", page.project.local_date(customer.first_seen))
            if customer.last_visit_at is not None:
                _moment(page, "last_visit", page.project.local(customer.last_visit_at))
        _file_acts(page, customer)


def _owners(page: ReceptionPage, customer: CustomerView) -> None:
    """One; of an office that sells several projects, in each."""
    nobody = page.t("verdict.nobody")
    if not customer.owners:
        _moment(page, "owner", customer.owner_name or nobody)
    for each in customer.owners:
        _moment(page, "owner", each.owner_name or nobody, of=project.named(each.project, page.t.language))


def _file_acts(page: ReceptionPage, customer: CustomerView) -> None:
    t = page.t

    async def reveal() -> None:
        shown: list[CustomerView] = []

        async def read() -> None:
            shown.append(await page.gateway.reveal(page.token, customer.customer_id))

        if await page.act(read):
            page.renew_file(customer.customer_id, customer=shown[0])

    with design.row("ac-wrap r-acts"):
        design.button(
            t("reception.checkin.this"), lambda: page.check_in(customer), icon_name="how_to_reg", test="file-check-in"
        )
        if not customer.revealed:
            design.button(t("reception.opened.reveal"), reveal, kind="outline", icon_name="visibility", test="reveal")


def _party(page: ReceptionPage, top: OpenFile) -> None:
    t = page.t
    with design.card("r-open", test="file-party"):
        design.text(t("reception.party.title"), "ac-h3", tag="h3")
        for member in top.party:
            with design.row("ac-wrap").style("gap:2px 10px"):
                design.chip(t(f"reception.party.{member.relation}"), "brand")
                design.text(member.customer.name or t("consultant.anonymous"), "ac-strong r-break")
                design.text(member.customer.phone, "ac-num ac-muted")


def _past(page: ReceptionPage, top: OpenFile) -> None:
    """Their visits; each opens with its verdict in words."""
    t = page.t
    with design.card("r-open", test="file-visits"):
        design.text(t("reception.past.title"), "ac-h3", tag="h3")
        if not top.visits:
            design.text(t("reception.unknown" if top.visits is None else "reception.past.none"), "ac-muted")
        for visit in top.visits or ():
            with row_button(partial(page.open_visit, visit.visit_id), test="past-visit"):
                with design.box("ac-grow"):
                    design.text(page.project.local(visit.opened_at), "ac-strong ac-num")
                    words = [t(f"consultant.kind.{visit.kind}"), t(f"verdict.source.{visit.source}")]
                    design.text(" · ".join([*words, visit.consultant_name or ""]).rstrip(" ·"), "ac-small ac-muted")
                design.icon("chevron_right", "ac-muted")
