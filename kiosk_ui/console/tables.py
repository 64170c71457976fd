"""Rows of one office: visits and sales, names masked as central gave them. Pure functions to markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Self

from markupsafe import Markup

from contracts.central_api import CentralCustomer, CentralSale, CentralVisit, ConsultantFigures
from kiosk_ui.charts.base import Translate
from kiosk_ui.console.figures import LEAGUE_DAYS, wan
from kiosk_ui.wall.markup import Child, div, icon, span, tag

SHOWN_ROWS = 12


@dataclass(frozen=True, slots=True)
class Names:
    """Who an id is, for people that the office's lists know."""

    consultants: dict[str, str]
    customers: dict[str, CentralCustomer]

    @classmethod
    def of(cls, consultants: Sequence[ConsultantFigures], customers: Iterable[CentralCustomer]) -> Self:
        return cls({c.consultant_id: c.name for c in consultants}, {c.customer_id: c for c in customers})

    def consultant(self, person: str | None) -> str:
        return self.consultants.get(person, "—") if person else "—"

    def customer(self, person: str | None) -> str:
        found = self.customers.get(person) if person else None
        return f"{found.name} {found.phone}".strip() if found else "—"


def visits(rows: Sequence[CentralVisit], names: Names, zone: tzinfo, t: Translate) -> Markup:
    body = [
        _row(
            _stamp(row.opened_at, zone),
            names.customer(row.customer_id),
            span(t(f"console.kind.{row.kind}"), cls="ac-chip ac-chip-brand" if row.kind == "first" else "ac-chip"),
            str(row.party_size),
            t(f"console.source.{row.source}"),
            names.consultant(row.consultant_id),
            _waited(row, t),
            t(f"console.state.{row.state}"),
        )
        for row in rows[:SHOWN_ROWS]
    ]
    columns = ("at", "customer", "kind", "people", "source", "consultant", "waited", "state")
    note = span(t("console.visits_table.note", shown=len(body), days=LEAGUE_DAYS), cls="note")
    head = div(tag("h2", t("console.visits_table.title")), note, cls="head")
    return div(head, _table("visits_table", columns, body, t))


def sales(rows: Sequence[CentralSale], names: Names, zone: tzinfo, t: Translate) -> Markup:
    body = [
        _row(
            _stamp(row.at, zone),
            span(t(f"console.sale_kind.{row.kind}"), cls=f"ac-chip kind-{row.kind}"),
            row.unit_ref or "—",
            names.customer(row.customer_id),
            names.consultant(row.consultant_id),
            tag("b", wan(row.amount_fen)),
        )
        for row in rows[:SHOWN_ROWS]
    ]
    return _table("sales", ("at", "kind", "unit", "customer", "consultant", "amount"), body, t)


def _waited(row: CentralVisit, t: Translate) -> str:
    if row.accepted_at is None:
        return "—"
    return t("console.minutes", n=max(0, round((row.accepted_at - row.opened_at).total_seconds() / 60)))


def _stamp(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M")


def _row(*cells: Child) -> Markup:
    return tag("tr", *(tag("td", cell) for cell in cells))


def _table(name: str, columns: Sequence[str], body: list[Markup], t: Translate) -> Markup:
    if not body:
        return div(icon("inbox"), span(t(f"console.{name}.empty")), cls="empty")
    header = tag("tr", *(tag("th", t(f"console.{name}.{column}")) for column in columns))
    table = tag("table", tag("thead", header), tag("tbody", *body), cls="ac-table")
    return div(table, cls="scroll", data_test=f"console-{name}")
