"""What a consultant asks and notes at the tablet: why not me, handing over, in a real browser."""

import pytest
from playwright.sync_api import expect

from kiosk_ui.consultant.why_not import sentences
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.consultant.test_tablet import serving_one, signed_in
from tests.kiosk_ui.judging_samples import a_claim, a_turn, a_verdict, an_appeal, why_not_me
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


def fill(tablet: Screen, name: str, words: str) -> None:
    field = f'[data-test="{name}"] :is(input, textarea), :is(input, textarea)[data-test="{name}"]'
    tablet.page.locator(field).first.fill(words)


@pytest.mark.browser
def test_a_call_that_left_a_number_is_noted_once_and_says_whose_it_is(screens: Screens) -> None:
    screens.office.judging.call_owner = "somebody_else"
    tablet = signed_in(screens)
    tablet.at("tool-call").click()
    fill(tablet, "call-phone", "1380013")
    tablet.at("call-save").click()
    expect(tablet.at("call-error")).not_to_be_empty()
    fill(tablet, "call-phone", "13800138000")
    fill(tablet, "call-name", "陈女士")
    tablet.at("call-save").click()
    expect(tablet.at("toast")).to_contain_text("已有归属顾问")
    (call,) = screens.office.judging.calls.values()
    assert (str(call.phone), call.name) == ("+8613800138000", "陈女士")


@pytest.mark.browser
def test_a_customer_of_mine_is_claimed_within_the_hours(screens: Screens) -> None:
    claim = a_claim()
    screens.office.judging.claims = [claim]
    tablet = signed_in(screens)
    tablet.at("tool-claims").click()
    expect(tablet.at("claim-line")).to_contain_text("还有 44 小时")
    tablet.at("claim").click()
    expect(tablet.at("claim-line")).to_have_count(0)
    expect(tablet.at("claims-none")).to_be_visible()
    assert screens.office.judging.claimed == [claim.visit_id]


@pytest.mark.browser
def test_my_verdict_shows_my_evidence_and_of_others_that_it_exists(screens: Screens) -> None:
    screens.office.judging.verdicts = [a_verdict()]
    tablet = signed_in(screens)
    tablet.at("tool-verdicts").click()
    tablet.at("verdict").click()
    expect(tablet.at("verdict-words")).to_have_text("自然到访 · 归属：同事")
    expect(tablet.at("verdict-result")).to_contain_text("客户归属")
    expect(tablet.at("evidence")).to_have_count(4)
    expect(tablet.at("evidence").first).to_contain_text("他人的证据：来电登记（存在）")
    expect(tablet.at("evidence").nth(1)).to_contain_text("跟进")


@pytest.mark.browser
def test_an_appeal_is_filed_with_words_and_its_state_is_shown(screens: Screens) -> None:
    screens.office.judging.verdicts = [a_verdict()]
    tablet = signed_in(screens)
    tablet.at("tool-verdicts").click()
    tablet.at("verdict").click()
    tablet.at("appeal-file").click()
    expect(tablet.at("appeal-error")).to_contain_text("理由")
    fill(tablet, "appeal-text", "客户三周前由我接待")
    tablet.at("appeal-file").click()
    expect(tablet.at("verdict")).to_contain_text("申诉中")
    tablet.at("verdict").click()
    expect(tablet.at("appeal-state")).to_contain_text("客户三周前由我接待")
    expect(tablet.at("appeal-file")).to_have_count(0)


@pytest.mark.browser
def test_a_rejected_appeal_says_why_and_cannot_be_filed_again(screens: Screens) -> None:
    verdict = a_verdict()
    rejected = an_appeal(
        verdict_id=verdict.verdict_id, visit_id=verdict.visit_id, state="rejected", reason="来电在先", decided_by="周敏"
    )
    screens.office.judging.verdicts, screens.office.judging.appeals = [verdict], [rejected]
    tablet = signed_in(screens)
    tablet.at("tool-verdicts").click()
    tablet.at("verdict").click()
    expect(tablet.at("appeal-state")).to_contain_text("来电在先")
    expect(tablet.at("appeal-file")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("turn", ["lost", "gone", "make_up", "make_up_open_already"])
def test_what_became_of_a_turn_has_words(language: LanguageCode, turn: str) -> None:
    (answer,) = why_not_me("01890000-0000-7000-8000-00000000000a", facts={"turn": turn}).answers
    said = sentences(Texts(language), answer)
    assert len(said) == 3
    assert said[2] != turn
