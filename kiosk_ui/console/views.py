"""What the console shows as text: totals, office cards, funnel, league. Pure functions to markup."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from contracts.central_api import ConsultantFigures, OfficeOverview, Overview
from kiosk_ui.charts.base import Translate
from kiosk_ui.console.figures import (
    LEAGUE_DAYS,
    Funnel,
    Totals,
    funnel_of,
    office_health,
    ranked,
    step_share,
    totals,
    wan,
    with_today,
)
from kiosk_ui.wall.markup import Child, div, icon, span, tag

SHOWN_LEAGUE = 15
_HEALTH_ICON = {"good": "cloud_done", "warn": "schedule", "late": "cloud_off", "idle": "cloud_queue"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An overview as seen at `now` (UTC), and the words to show it with."""

    overview: Overview
    now: datetime
    t: Translate


def against(count: int, usual: float | None, t: Translate) -> Markup:
    """`▲ 12 % · usual 312`, or that there is no history."""
    if not usual:
        return span(t("console.no_usual"), cls="cmp")
    percent = round((count / usual - 1) * 100)
    arrow, level = (
        ("▲", "good") if percent > 0 else ("▼", "late" if percent < -20 else "warn") if percent else ("=", "good")
    )
    return span(
        tag("b", f"{arrow} {abs(percent)} %", data_level=level),
        " ",
        t("console.usual_by_now", usual=round(usual)),
        cls="cmp",
    )


def headline(shown: Shown) -> Markup:
    """The company's line: six figures with their units and comparisons."""
    sums, t = totals(shown.overview), shown.t
    figures = (
        ("groups", "people_in", f"{sums.count_in:,}", "charts.unit.people", _all_against(sums, t)),
        ("meeting_room", "occupancy", f"{sums.occupancy:,}", "charts.unit.people", _serving(sums, t)),
        ("hourglass_top", "waiting", str(sums.waiting), "charts.unit.parties", span(t("console.waiting_note"))),
        ("badge", "visits", f"{sums.visits:,}", "charts.unit.visits", span(t("console.visits_note"))),
        ("handshake", "contracts", str(sums.contracts), "charts.unit.contracts", _amount(sums.contract_fen, t)),
        ("payments", "payments", wan(sums.payments_fen), "charts.unit.wan", span(t("console.payments_note"))),
    )
    return Markup("").join(
        div(
            div(icon(symbol), span(t(f"console.total.{name}")), cls="title"),
            div(span(value, cls="number", data_test=f"console-total-{name}"), span(t(unit), cls="unit"), cls="value"),
            div(note, cls="foot"),
            cls="total",
        )
        for symbol, name, value, unit, note in figures
    )


def _all_against(sums: Totals, t: Translate) -> Markup:
    """The offices that have history against their usual; how many they are when not all."""
    compared = against(sums.compared_in, sums.usual_in, t)
    if sums.compared in (0, sums.offices):
        return compared
    return span(compared, t("console.compared_offices", n=sums.compared, all=sums.offices))


def _serving(sums: Totals, t: Translate) -> Markup:
    return span(t("console.serving_note", n=sums.serving))


def _amount(fen: int, t: Translate) -> Markup:
    return span(t("console.contract_amount", wan=wan(fen)))


def office_card(shown: Shown, office: OfficeOverview) -> Markup:
    """The words of one office's card; its hourly chart stands between `office_top` and this."""
    t, identity = shown.t, office.office.office
    funnel = funnel_of(with_today(office))
    return div(
        div(
            _small(
                t("console.occupancy"),
                office.occupancy,
                t("charts.unit.people"),
                f"console-office-{identity}-occupancy",
            ),
            _small(
                t("console.waiting"), office.waiting_now, t("charts.unit.parties"), f"console-office-{identity}-waiting"
            ),
            _small(
                t("console.serving"), office.serving_now, t("charts.unit.parties"), f"console-office-{identity}-serving"
            ),
            _small(
                t("console.visits"), office.today.visits, t("charts.unit.visits"), f"console-office-{identity}-visits"
            ),
            cls="smalls",
        ),
        funnel_bars(funnel, office, t),
        cls="office-rest",
    )


def office_top(shown: Shown, office: OfficeOverview) -> Markup:
    t, view = shown.t, office.office
    return div(
        div(
            div(span(view.name, cls="office-name"), span(view.city, cls="sub"), cls="names"),
            health_chip(shown, office),
            cls="office-head",
        ),
        div(
            span(f"{office.today.count_in:,}", cls="number", data_test=f"console-office-{view.office}-in"),
            span(t("console.people_in_unit"), cls="unit"),
            against(office.today.count_in, office.usual_in_by_now, t),
            cls="value",
        ),
    )


def health_chip(shown: Shown, office: OfficeOverview) -> Markup:
    """When the office was last heard, and how far its events lag."""
    t, heard = shown.t, office.office.last_heard_at
    health = office_health(office, shown.now)
    if heard is None:
        words: list[Child] = [t("console.never_heard")]
    else:
        at = heard.astimezone(ZoneInfo(office.office.time_zone))
        stamp = f"{at:%H:%M:%S}" if at.date() == shown.now.astimezone(at.tzinfo).date() else f"{at:%m-%d %H:%M}"
        words = [t("console.heard", at=stamp)]
        lag = office.office.lag_seconds
        if lag is not None:
            words.append(f" · {t('console.lag', seconds=round(lag))}")
    return span(
        icon(_HEALTH_ICON[health]),
        *words,
        cls="health",
        data_level=health,
        data_test=f"console-office-{office.office.office}-heard",
    )


def _small(label: str, value: int, unit: str, test: str) -> Markup:
    return div(
        span(label, cls="label"), span(span(f"{value:,}", cls="n", data_test=test), span(unit, cls="u")), cls="small"
    )


def funnel_bars(funnel: Funnel, office: OfficeOverview, t: Translate) -> Markup:
    """Each step's count over the days shown with its share of the step before; the bar is relative to visits, by root
    scale so that a contract is visible beside a hundred visits."""
    today = office.today
    steps = (
        ("visits", funnel.visits, today.visits, None),
        ("intents", funnel.intents, today.intents, funnel.visits),
        ("subscriptions", funnel.subscriptions, today.subscriptions, funnel.intents),
        ("contracts", funnel.contracts, today.contracts, funnel.subscriptions),
    )
    top = max(1, *(count for _, count, _, _ in steps))
    rows = [
        div(
            span(t(f"console.funnel.{name}"), cls="step"),
            div(
                div(cls="fill", style=f"width:{max(1.5, 100 * (count / top) ** 0.5) if count else 0:.1f}%"), cls="track"
            ),
            span(f"{count:,}", cls="n"),
            span(_share(count, previous), cls="share"),
            span(f"+{now}" if now else "", cls="now", title=t("console.today")),
            cls="funnel-row",
        )
        for name, count, now, previous in steps
    ]
    money = div(
        div(
            span(t("console.contract_fen"), cls="label"),
            span(
                span(wan(funnel.contract_fen), cls="n", data_test=f"console-office-{office.office.office}-contract"),
                span(t("charts.unit.wan"), cls="u"),
            ),
            cls="small",
        ),
        div(
            span(t("console.payments_fen"), cls="label"),
            span(span(wan(funnel.payments_fen), cls="n"), span(t("charts.unit.wan"), cls="u")),
            cls="small",
        ),
        cls="smalls money",
    )
    days = span(t("console.funnel_days", days=len(with_today(office))), cls="sub")
    return div(div(span(t("console.funnel.title"), cls="funnel-title"), days, cls="head"), *rows, money, cls="funnel")


def _share(count: int, previous: int | None) -> str:
    share = None if previous is None else step_share(count, previous)
    return "" if share is None else f"{share * 100:.0f}%"


def league(consultants: list[ConsultantFigures], overview: Overview, t: Translate) -> Markup:
    names = {office.office.office: office.office.name for office in overview.offices}
    header = tag(
        "tr",
        *(tag("th", t(f"console.league.{column}"), cls=cls) for column, cls in _LEAGUE_COLUMNS),
    )
    rows = [_league_row(place, one, names, t) for place, one in enumerate(ranked(consultants)[:SHOWN_LEAGUE], 1)]
    table = tag("table", tag("thead", header), tag("tbody", *rows), cls="ac-table")
    if not rows:
        table = div(icon("leaderboard"), span(t("console.league.empty")), cls="empty")
    note = span(t("console.league.note", days=LEAGUE_DAYS), cls="note")
    return div(div(tag("h2", t("console.league.title")), note, cls="head"), table)


_LEAGUE_COLUMNS = (
    ("place", "num"),
    ("name", ""),
    ("office", ""),
    ("received", "num"),
    ("turns", "num"),
    ("contracts", "num"),
    ("amount", "num"),
)


def _league_row(place: int, one: ConsultantFigures, offices: dict[str, str], t: Translate) -> Markup:
    lost = span(t("console.league.lost", n=one.turns_lost), cls="lost") if one.turns_lost else None
    return tag(
        "tr",
        tag("td", str(place), cls="num place"),
        tag("td", one.name, cls="strong"),
        tag("td", offices.get(one.office, one.office), cls="sub"),
        tag("td", str(one.received), cls="num"),
        tag("td", str(one.turns_offered), lost, cls="num"),
        tag("td", str(one.contracts), cls="num"),
        tag("td", wan(one.contract_fen), cls="num strong"),
        data_test=f"console-league-{one.consultant_id}",
    )
