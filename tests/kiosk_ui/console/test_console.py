"""The console's sums, words and rows."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.central_api import CentralCustomer, CentralSale, CentralVisit, ConsultantFigures, OfficeView
from contracts.ids import uuid7
from kiosk_ui.console import tables, views
from kiosk_ui.console.figures import named, office_health, ranked, totals, wan, with_today
from kiosk_ui.console.sale_dialog import fen_of_wan
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.floors import NOON, day, office, overview

EN = Texts("en")
ZONE = ZoneInfo("Asia/Shanghai")


def heard(seconds_ago: float | None, lag: float | None = 1.0) -> OfficeView:
    at = None if seconds_ago is None else NOON - timedelta(seconds=seconds_ago)
    return OfficeView(office="yunqi", name="云栖", created_at=NOON, last_heard_at=at, lag_seconds=lag)


def figures(name: str, **fields: int) -> ConsultantFigures:
    counts = {"received": 0, "turns_offered": 0, "turns_lost": 0, "contracts": 0, "contract_fen": 0}
    return ConsultantFigures(consultant_id=uuid7(), office="yunqi", name=name, **(counts | fields))


def test_money_is_shown_in_ten_thousand_yuan() -> None:
    assert wan(12_345_600_000) == "12,345.6"


@pytest.mark.parametrize(
    ("typed", "fen"), [("128.5", 128_500_000), ("1,280", 1_280_000_000), ("0.000001", 1), (" 3 ", 3_000_000)]
)
def test_an_amount_typed_in_ten_thousand_yuan_is_whole_fen(typed: str, fen: int) -> None:
    assert fen_of_wan(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount_empty"),
        ("一百", "amount_not_number"),
        ("NaN", "amount_not_number"),
        ("inf", "amount_not_number"),
        ("0", "amount_negative"),
        ("-3", "amount_negative"),
        ("99999999", "amount_too_large"),
        ("0.0000001", "amount_too_fine"),
    ],
)
def test_a_wrong_amount_says_what_is_wrong_in_both_languages(typed: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        fen_of_wan(typed)
    assert all(Texts(language)(f"console.sale.{code}") for language in LANGUAGES)


def test_the_company_is_compared_only_where_there_is_history() -> None:
    sums = totals(overview(office("a"), office("b", usual_in_by_now=None)))
    assert (sums.count_in, sums.compared, sums.compared_in, sums.usual_in) == (240, 1, 120, 100)


def test_today_s_running_figures_replace_the_stored_day() -> None:
    days = with_today(office(days=[day("2026-11-21"), day("2026-11-22", count_in=1)]))
    assert [(d.date, d.count_in) for d in days] == [("2026-11-21", 100), ("2026-11-22", 120)]


@pytest.mark.parametrize(
    ("view", "health"),
    [(heard(5), "good"), (heard(5, lag=90), "warn"), (heard(300), "late"), (heard(None, None), "idle")],
)
def test_a_silent_office_is_seen(view: OfficeView, health: str) -> None:
    assert office_health(office(office=view), NOON) == health


def test_an_office_is_called_in_english_where_that_is_read_and_it_has_such_a_name() -> None:
    called = office().office.model_copy(update={"name_en": "Yunqi Lakeside", "city_en": "Hangzhou"})
    seen = overview(office().model_copy(update={"office": called}), office("nameless"))
    english, chinese = (named(seen, language).offices for language in ("en", "zh-CN"))
    assert [(o.office.name, o.office.city) for o in english] == [
        ("Yunqi Lakeside", "Hangzhou"),
        ("案场 nameless", "杭州"),
    ]
    assert chinese == seen.offices


def test_the_league_is_by_contract_value() -> None:
    rows = [figures("A", received=9), figures("B", contracts=1, contract_fen=5), figures("C", contracts=2)]
    assert [one.name for one in ranked(rows)] == ["B", "C", "A"]


def test_each_office_says_its_figures_units_and_when_it_was_heard() -> None:
    shown = views.Shown(overview(), NOON, EN)
    top = views.office_top(shown, office())
    assert 'data-test="console-office-yunqi-in">120<' in top
    assert "people in today" in top
    assert "▲ 20 %" in top
    assert "heard 12:30:00 · lag 1 s" in top


def test_the_funnel_shows_conversion_from_step_to_step() -> None:
    card = views.office_card(views.Shown(overview(), NOON, EN), office(days=[day("2026-11-21", intents=6)]))
    assert "10%" in card
    assert "250.0" in card


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_said_in_both_languages(language: LanguageCode) -> None:
    t = Texts(language)
    shown = views.Shown(overview(office("a"), office("b", usual_in_by_now=None, office=heard(None, None))), NOON, t)
    parts = [
        views.headline(shown),
        views.league([], shown.overview, t),
        views.league([figures("A")], shown.overview, t),
    ]
    parts += [views.office_top(shown, o) + views.office_card(shown, o) for o in shown.overview.offices]
    parts += [tables.visits([], tables.Names({}, {}), ZONE, t), tables.sales([], tables.Names({}, {}), ZONE, t)]
    assert all(part and "{" not in part for part in parts)


def test_rows_name_people_masked_and_unknown_people_as_a_dash() -> None:
    customer = CentralCustomer(
        customer_id=uuid7(), office="yunqi", name="陈**", phone="138****2345", owner_id=None, created_at=NOON
    )
    seller = figures("李明")
    names = tables.Names.of([seller], [customer])
    arrived = CentralVisit(
        visit_id=uuid7(),
        office="yunqi",
        customer_id=customer.customer_id,
        kind="first",
        state="serving",
        party_size=3,
        purpose="view_home",
        source="walk_in",
        opened_at=NOON,
        accepted_at=NOON + timedelta(minutes=4),
        closed_at=None,
        owner_id=None,
        consultant_id=uuid7(),
    )
    markup = tables.visits([arrived], names, ZONE, EN)
    assert "陈** 138****2345" in markup
    assert "4 min" in markup
    assert "<td>—</td>" in markup
    sale = CentralSale(
        fact_id=uuid7(),
        office="yunqi",
        kind="contract",
        customer_id=customer.customer_id,
        consultant_id=seller.consultant_id,
        unit_ref="3-1202",
        amount_fen=250_000_000,
        at=NOON,
    )
    assert "250.0" in tables.sales([sale], names, ZONE, EN)
