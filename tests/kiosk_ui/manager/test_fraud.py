"""Signals of fraud on the desk: in words, with their figures and what they are compared with."""

from typing import get_args

import pytest
from playwright.sync_api import expect

from contracts.fraud_api import FraudCode
from contracts.ids import uuid7
from kiosk_ui.desk.fraud_words import span, told
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui import floors
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.judging_samples import FIGURES, a_signal
from tests.kiosk_ui.manager.test_desk import signed_in, tab
from tests.support.processes import until

EN = Texts("en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", get_args(FraudCode))
def test_every_kind_says_its_figures_and_the_setting_they_were_held_against(
    language: LanguageCode, code: FraudCode
) -> None:
    said = told(Texts(language), a_signal(code))
    assert said.title and said.figures and said.against
    assert "{" not in said.title + said.figures + said.against


def test_before_and_after_the_arrival_are_told_apart() -> None:
    figures = FIGURES["registered_near_arrival"] | {"minutes_before": -7.0, "masked": 0.0}
    assert told(EN, a_signal(figures=figures)).figures == "Registered 7 min after the party arrived."
    assert told(EN, a_signal()).figures.startswith("Registered 12 min before the party arrived. The number was masked")


def test_a_fast_agent_stands_beside_all_others_with_the_interval() -> None:
    said = told(EN, a_signal("agent_faster_than_others"))
    assert [(bar.value, bar.part) for bar in said.bars] == [("36 min", 0.0125), ("2 days", 1.0)]
    assert "1% of the others'" in said.figures and "between 1% and 3%" in said.figures


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (119, "119 min"), (120, "2 h"), (150, "2.5 h"), (2879, "48 h"), (2880, "2 days")],
)
def test_spans_read_as_people_say_them(minutes: float, words: str) -> None:
    assert span(EN, minutes) == words


@pytest.mark.browser
def test_the_manager_reads_them_and_which_visit_it_was(screens: Screens) -> None:
    visit, channel, agent = floors.visit(30, number=9), uuid7(), uuid7()
    screens.office.desk.floor = floors.floor(waiting=[visit])
    screens.office.judging.fraud = [a_signal(visit_id=visit.visit_id, channel_ids=[channel], agent_id=agent)]
    screens.office.judging.fraud_names = {channel: "安居渠道", agent: "韩梅"}
    desk = signed_in(screens)
    tab(desk, "fraud")
    expect(desk.at("fraud-looked-at")).to_contain_text("12 次到访")
    expect(desk.at("fraud-who")).to_have_text("安居渠道 · 韩梅 · 1 条报备")
    expect(desk.at("fraud-note")).to_contain_text("线索不是证据")
    desk.at("fraud-visit").click()
    expect(desk.at("fraud-visit-dialog")).to_contain_text("9 号")
    desk.at("dialog-close").click()
    desk.at("fraud-days-31").click()
    until(lambda: screens.office.judging.fraud_days == [7, 31], seconds=5, what="the longer period to be read, once")
    expect(desk.at("count-fraud")).to_have_count(0)
