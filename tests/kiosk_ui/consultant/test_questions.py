"""What a consultant asks and notes at the tablet: why not me, handing over, in a real browser."""

import pytest
from playwright.sync_api import expect

from kiosk_ui.consultant.why_not import sentences
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.consultant.test_tablet import serving_one, signed_in
from tests.kiosk_ui.judging_samples import a_turn, why_not_me
from tests.kiosk_ui.samples import COLLEAGUE


@pytest.mark.browser
def test_why_not_me_is_answered_in_words_and_as_the_order_stood(screens: Screens) -> None:
    visit = a_turn()
    screens.office.judging.today = [a_turn(ticket_number=9, consultant_name=""), visit]
    screens.office.judging.why_not[visit.visit_id] = why_not_me(visit.visit_id)
    tablet = signed_in(screens)
    tablet.at("tool-why").click()
    tablet.at("why-visit").nth(1).click()
    expect(tablet.at("why-words")).to_have_text(["当时您排在第 1 位。", "原因：用餐中。", "这一轮为您保留了补接。"])
    expect(tablet.at("why-order").locator("li")).to_have_count(3)
    expect(tablet.at("why-order").locator("li").nth(1)).to_contain_text("轮到这位")
    tablet.at("why-back").click()
    tablet.at("why-visit").first.click()
    expect(tablet.at("why-answer")).to_contain_text("没有经过轮排")


@pytest.mark.browser
def test_a_colleagues_customer_is_handed_over_and_the_turn_comes_back(screens: Screens) -> None:
    tablet = serving_one(screens)
    tablet.at("hand-over").click()
    tablet.at("handover-confirm").click()
    expect(tablet.at("handover-error")).to_contain_text("请选择同事")
    tablet.at(f"handover-to-{COLLEAGUE}").click()
    tablet.at("handover-reason-family").click()
    tablet.at("handover-confirm").click()
    expect(tablet.at("toast")).to_contain_text("回到轮序第一位")
    expect(tablet.at("rota-place")).to_have_text("下一位就是您")
    (request,) = screens.office.judging.handed_over
    assert (request.consultant_id, request.reason) == (COLLEAGUE, "同事客户的家人")


@pytest.mark.browser
def test_a_colleague_who_is_not_free_is_assisted(screens: Screens) -> None:
    screens.office.judging.colleague_free = False
    tablet = serving_one(screens)
    tablet.at("hand-over").click()
    tablet.at(f"handover-to-{COLLEAGUE}").click()
    expect(tablet.at("handover-then")).to_contain_text("继续协助")
    tablet.at("handover-confirm").click()
    expect(tablet.at("toast")).to_contain_text("继续协助")
    expect(tablet.at("serving-card")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("turn", ["lost", "gone", "make_up", "make_up_open_already"])
def test_what_became_of_a_turn_has_words(language: LanguageCode, turn: str) -> None:
    (answer,) = why_not_me("01890000-0000-7000-8000-00000000000a", facts={"turn": turn}).answers
    said = sentences(Texts(language), answer)
    assert len(said) == 3
    assert said[2] != turn
