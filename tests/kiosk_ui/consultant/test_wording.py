"""Money, durations and advice on the tablet."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gateway_api import TimelineEntry
from kiosk_ui.consultant import wording
from kiosk_ui.texts import LanguageCode, Texts
from tests.kiosk_ui.samples import a_customer, an_offer, in_two_projects

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
T = Texts("en")


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-CN", "湖岸一期：李明；云栖山境：暂无归属"), ("en", "Lakeside I: 李明; Yunqi Hill: Nobody yet")],
)
def test_of_several_projects_each_names_its_owner(language: LanguageCode, words: str) -> None:
    assert wording.owned_by(Texts(language), in_two_projects()) == words


def test_of_one_project_the_owner_is_named_if_there_is_one() -> None:
    assert [wording.owned_by(T, a_customer(owner_name=name)) for name in ("李明", None)] == ["李明", ""]


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("50000", 5_000_000), ("50,000", 5_000_000), ("¥1，234.5", 123_450), ("0.01", 1), ("1 200元", 120_000)],
)
def test_yuan_become_fen(typed: str, fen: int) -> None:
    assert wording.fen_of_yuan(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount_empty"),
        ("abc", "amount_not_number"),
        ("-5", "amount_not_number"),
        ("nan", "amount_not_number"),
        ("1.234", "amount_too_fine"),
        ("999999999999", "amount_too_large"),
    ],
)
def test_a_wrong_amount_says_what_is_wrong(typed: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        wording.fen_of_yuan(typed)


@given(st.integers(min_value=0, max_value=10**13))
def test_an_amount_shown_and_typed_again_is_the_same(fen: int) -> None:
    assert wording.fen_of_yuan(wording.yuan(fen)) == fen


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=13), "13 days ago"),
    ],
)
def test_durations_use_the_largest_whole_unit(passed: timedelta, words: str) -> None:
    assert wording.ago(T, NOW - passed, NOW) == words


def test_an_alert_says_why_it_is_mine_and_leaves_out_rules_that_had_nothing_to_say() -> None:
    offer = an_offer()
    assert wording.why_mine(T, offer) == "This is your customer"
    assert [won for won, _ in wording.why_details(T, offer)] == [True, False]


def test_the_rotas_own_rule_is_said_once_and_its_reason_in_words() -> None:
    offer = an_offer()
    turn = offer.why[0].model_copy(update={"rule": "rota.next", "reason": "next", "outcome": "won"})
    mine = offer.model_copy(update={"rule": "rota.next", "why": [turn]})
    assert wording.why_details(T, mine) == [(True, "the first free consultant in the order")]


def test_a_shown_number_is_grouped_as_people_say_it() -> None:
    assert wording.spoken_phone("+8613800112345") == "138 0011 2345"
    assert wording.spoken_phone("138****2345") == "138****2345"


def test_advice_follows_the_funnel_before_the_customers_needs() -> None:
    visit = an_offer().visit
    intent = TimelineEntry(at=NOW, kind="sale", title="sale.intent")
    assert wording.next_action(T, visit) == T("consultant.next.return_needs")
    assert wording.next_action(T, visit, [intent]) == T("consultant.next.after_intent")


def test_a_first_visitor_is_asked_the_three_questions() -> None:
    visit = an_offer(kind="first", customer=a_customer(name="")).visit
    assert wording.next_action(T, visit) == T("consultant.next.first")
    assert wording.customer_name(T, visit) == "138****2345"


def test_the_last_note_is_the_newest_entry_with_words() -> None:
    entries = [
        TimelineEntry(at=NOW, kind="sale", title="sale.intent"),
        TimelineEntry(at=NOW - timedelta(days=2), kind="visit", title="visit.return", text="saw 1202"),
    ]
    assert wording.last_noted(T, entries, NOW) == "2 days ago · saw 1202"
