"""«My face data» at the kiosk, in a real browser: the code, what is kept, the deletion live, the certificate."""

import re

import pytest
from playwright.sync_api import expect

from contracts.faces_api import FaceFile
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.face_samples import a_consent
from tests.kiosk_ui.faces import CODE, GRANT, SIGNATURE

pytestmark = pytest.mark.browser


def at_code(screens: Screens, *, language: str = "zh-CN") -> Screen:
    kiosk = screens.open("/kiosk")
    if language == "en":
        kiosk.at("language-en").click()
        expect(kiosk.at("my-face")).to_contain_text("My face data")
    kiosk.at("my-face").click()
    kiosk.press("13800112345")
    kiosk.at("my-face-send").click()
    expect(kiosk.at("code-pad-typed")).to_be_visible()
    return kiosk


def proven(screens: Screens, *, language: str = "zh-CN") -> Screen:
    kiosk = at_code(screens, language=language)
    kiosk.press(CODE)
    expect(kiosk.at("my-face-leave")).to_be_visible()
    return kiosk


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "删除证明"), ("en", "Certificate of deletion")])
def test_the_whole_way_to_the_certificate(screens: Screens, language: str, word: str) -> None:
    kiosk = proven(screens, language=language)
    expect(kiosk.at("my-face-consent")).to_contain_text("2026-12")
    kiosk.at("my-face-delete").click()
    kiosk.at("confirm-yes").dblclick()
    expect(kiosk.at("node-lobby")).to_have_attribute("data-state", "pending")
    (withdrawal_id,) = screens.office.faces.withdrawals
    (request,) = screens.office.faces.withdrawal_requests.values()
    assert request.grant == GRANT
    screens.office.faces.confirm(withdrawal_id, "lobby")
    expect(kiosk.at("node-lobby")).to_have_attribute("data-state", "confirmed")
    expect(kiosk.at("certificate")).to_have_count(0)
    kiosk.page.reload()
    expect(kiosk.at("node-door")).to_have_attribute("data-state", "pending")
    screens.office.faces.confirm(withdrawal_id, "door")
    expect(kiosk.at("certificate")).to_contain_text(word)
    expect(kiosk.at("certificate-no")).to_have_text("YQ-2026-000017")
    expect(kiosk.at("certificate-signature")).to_have_text(SIGNATURE)
    expect(kiosk.at("return-seconds")).to_have_text(re.compile(r"^1[78]\d$"))


def test_the_grant_is_never_in_the_page(screens: Screens) -> None:
    kiosk = proven(screens)
    assert GRANT not in kiosk.page.content()
    assert GRANT not in kiosk.page.url


def test_the_answer_to_a_number_is_the_same_for_everybody(screens: Screens) -> None:
    kiosk = at_code(screens)
    expect(kiosk.page.locator(".k-heading")).to_contain_text("如果这个号码")


def test_a_wrong_code_is_told_and_may_be_typed_again(screens: Screens) -> None:
    kiosk = at_code(screens)
    kiosk.press("111111")
    expect(kiosk.at("my-face-error")).to_contain_text("验证码不对")
    kiosk.press(CODE)
    expect(kiosk.at("my-face-consent")).to_be_visible()


@pytest.mark.parametrize(("status", "code", "words"), [(410, "code_expired", "过期"), (429, "locked", "次数太多")])
def test_a_code_that_is_over_leads_back_to_the_number(screens: Screens, status: int, code: str, words: str) -> None:
    kiosk = at_code(screens)
    screens.office.faces.code_problem = (status, code)
    kiosk.press("111111")
    expect(kiosk.at("my-face-error")).to_contain_text(words)
    expect(kiosk.at("my-face-send")).to_be_visible()


def test_too_many_codes_are_told_where_they_were_asked_for(screens: Screens) -> None:
    screens.office.faces.send_problem = (429, "too_many_codes")
    kiosk = screens.open("/kiosk/my-face?lang=en")
    kiosk.press("13800112345")
    kiosk.at("my-face-send").click()
    expect(kiosk.at("my-face-error")).to_have_text(re.compile("Too many codes"))


def test_nothing_kept_is_said_and_there_is_nothing_to_delete(screens: Screens) -> None:
    screens.office.faces.file = FaceFile(grant=GRANT, consents=[], templates_kept=False)
    kiosk = proven(screens)
    expect(kiosk.page.locator("h1")).to_contain_text("没有保存")
    expect(kiosk.at("my-face-delete")).to_have_count(0)


def test_an_ended_consent_says_why_it_ended(screens: Screens) -> None:
    ended = a_consent(state="ended", ended_at=a_consent().given_at, end_cause="retention")
    screens.office.faces.file = FaceFile(grant=GRANT, consents=[ended], templates_kept=False)
    kiosk = proven(screens)
    expect(kiosk.at("my-face-consent")).to_contain_text("到期自动删除")


def test_keeping_it_deletes_nothing(screens: Screens) -> None:
    kiosk = proven(screens)
    kiosk.at("my-face-delete").click()
    kiosk.at("confirm-no").click()
    expect(kiosk.at("my-face-confirm")).to_have_count(0)
    assert screens.office.faces.withdrawals == {}


def test_leaving_leaves_nothing_for_the_next_visitor(screens: Screens) -> None:
    kiosk = proven(screens)
    kiosk.at("my-face-leave").click()
    expect(kiosk.at("kiosk-start")).to_be_visible()
    kiosk.at("my-face").click()
    expect(kiosk.at("mine-pad-typed")).to_have_text("")
    expect(kiosk.at("my-face-send")).to_be_visible()


def test_a_gateway_away_in_the_middle_goes_on_by_itself(screens: Screens) -> None:
    kiosk = proven(screens)
    kiosk.at("my-face-delete").click()
    screens.office.down = True
    kiosk.at("confirm-yes").click()
    expect(kiosk.at("kiosk-trouble")).to_be_visible(timeout=8_000)
    screens.office.down = False
    expect(kiosk.at("node-lobby")).to_be_visible(timeout=10_000)
    assert len(screens.office.faces.withdrawals) == 1
