"""Consent and enrolment at the kiosk, in a real browser: the ticket first, two equal answers, nothing without a yes."""

import re

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.face_samples import consent_text
from tests.kiosk_ui.faces import Faces
from tests.kiosk_ui.preview import looking

pytestmark = pytest.mark.browser
LOOKS = ["color", "backgroundColor", "fontSize", "fontWeight", "borderColor", "borderWidth", "opacity", "boxShadow"]


def checked_in(screens: Screens, *, language: str = "zh-CN", answer: str = "ask") -> Screen:
    screens.office.faces.answer = answer
    kiosk = screens.open("/kiosk")
    if language == "en":
        kiosk.at("language-en").click()
        expect(kiosk.at("kiosk-start")).to_contain_text("Check in")
    kiosk.at("kiosk-start").click()
    kiosk.press("13800112345")
    kiosk.at("phone-next").click()
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    return kiosk


def reading(screens: Screens, *, language: str = "zh-CN") -> Screen:
    kiosk = checked_in(screens, language=language)
    kiosk.at("face-open").click()
    expect(kiosk.at("consent-title")).to_be_visible()
    return kiosk


def looking_into_camera(screens: Screens) -> tuple[Screen, str]:
    kiosk = reading(screens)
    kiosk.at("consent-yes").click()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on")
    (consent_id,) = screens.office.faces.enrolments
    return kiosk, consent_id


def answers(faces: Faces) -> list[str]:
    return [request.answer for request in faces.consents.values()]


@pytest.mark.parametrize("answer", ["unavailable", "refused", "enrolled"])
def test_only_who_may_be_asked_is_asked(screens: Screens, answer: str) -> None:
    kiosk = checked_in(screens, answer=answer)
    expect(kiosk.at("face-open")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_text_is_shown_word_for_word(screens: Screens, language: str) -> None:
    kiosk = reading(screens, language=language)
    text = consent_text(language)
    expect(kiosk.at("consent-title")).to_have_text(text.title)
    expect(kiosk.at("consent-summary")).to_have_text(text.summary)
    for section in text.sections:
        expect(kiosk.at(f"consent-{section.code}")).to_contain_text(section.title)
        expect(kiosk.at(f"consent-{section.code}").locator("p")).to_have_text(section.text)
    expect(kiosk.at("consent-yes")).to_have_text(text.yes)
    expect(kiosk.at("consent-no")).to_have_text(text.no)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_both_answers_are_equal_in_every_respect(screens: Screens, language: str) -> None:
    kiosk = reading(screens, language=language)
    for large in (False, True):
        if large:
            kiosk.at("kiosk-large").click()
            expect(kiosk.page.locator(".k-big")).to_have_count(1)
        yes, no = kiosk.at("consent-yes").bounding_box(), kiosk.at("consent-no").bounding_box()
        assert yes is not None
        assert no is not None
        assert (yes["width"], yes["height"], yes["y"]) == (no["width"], no["height"], no["y"])
        looks = f"e => {LOOKS}.map(name => getComputedStyle(e)[name])"
        assert kiosk.at("consent-yes").evaluate(looks) == kiosk.at("consent-no").evaluate(looks)
        chosen = kiosk.page.locator(":is(input[type=checkbox], [aria-pressed=true], [aria-checked=true], .k-chosen)")
        expect(chosen).to_have_count(0)


def test_a_no_is_taken_once_and_nothing_is_asked_again(screens: Screens) -> None:
    kiosk = reading(screens)
    kiosk.at("consent-no").click()
    expect(kiosk.at("face-refused")).to_contain_text("没关系")
    expect(kiosk.at("ticket-number")).to_have_text("012")
    kiosk.page.reload()
    expect(kiosk.at("face-refused")).to_be_visible()
    expect(kiosk.at("face-open")).to_have_count(0)
    assert answers(screens.office.faces) == ["no"]


def test_leaving_the_text_is_no_answer(screens: Screens) -> None:
    kiosk = reading(screens)
    kiosk.at("face-skip").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    expect(kiosk.at("face-open")).to_be_visible()
    assert answers(screens.office.faces) == []


def test_nobody_there_is_no_answer(screens: Screens) -> None:
    screens.office.faces.answer = "ask"
    kiosk = screens.open("/kiosk", own=True)
    kiosk.page.clock.install()
    kiosk.page.reload()
    kiosk.at("kiosk-start").click()
    kiosk.at("phone-skip").click()
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    kiosk.at("face-open").click()
    expect(kiosk.at("consent-title")).to_be_visible()
    kiosk.page.clock.fast_forward(160_000)
    expect(kiosk.at("kiosk-start")).to_be_visible()
    assert answers(screens.office.faces) == []


def test_a_yes_takes_three_pictures_and_says_how_to_undo_it(screens: Screens) -> None:
    faces = screens.office.faces
    kiosk, consent_id = looking_into_camera(screens)
    assert answers(faces) == ["yes"]
    faces.preview = looking(shots=1, hint="closer")
    expect(kiosk.at("enrol-hint")).to_have_text("请靠近一点")
    expect(kiosk.page.locator(".k-arc-full")).to_have_count(1)
    faces.preview = looking(shots=2, hint="several_faces")
    expect(kiosk.at("enrol-hint")).to_have_text("请只留一位在镜头前")
    expect(kiosk.at("enrol-shots")).to_have_text("已拍 2 / 3")
    faces.state(consent_id, state="done", shots=3)
    expect(kiosk.at("enrolled-title")).to_be_visible()
    expect(kiosk.page.locator(".k-enrolled")).to_contain_text("90 天")
    expect(kiosk.at("face-skip")).to_have_count(0)
    expect(kiosk.at("strip-ticket")).to_contain_text("012")
    assert faces.cancelled == []


def test_two_quick_touches_on_yes_are_one_consent_and_one_camera(screens: Screens) -> None:
    kiosk = reading(screens)
    kiosk.at("consent-yes").dblclick()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on")
    assert answers(screens.office.faces) == ["yes"]
    assert (screens.office.faces.starts, screens.office.faces.cancelled) == (1, [])


def test_without_a_picture_the_hints_still_lead(screens: Screens) -> None:
    screens.office.faces.preview_works = False
    screens.office.faces.preview = looking(shots=0, hint="straight")
    kiosk = reading(screens)
    kiosk.at("consent-yes").click()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "none")
    expect(kiosk.at("enrol-fallback")).to_be_visible()
    expect(kiosk.at("enrol-hint")).to_have_text("请正对镜头")


def test_cancelling_ends_the_consent_and_keeps_the_ticket(screens: Screens) -> None:
    kiosk, consent_id = looking_into_camera(screens)
    kiosk.at("enrol-cancel").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    assert screens.office.faces.cancelled == [consent_id]
    expect(kiosk.at("face-open")).to_have_count(0)


def test_a_failure_is_told_plainly_and_may_be_tried_again(screens: Screens) -> None:
    faces = screens.office.faces
    kiosk, consent_id = looking_into_camera(screens)
    faces.state(consent_id, state="failed", reason="timeout")
    expect(kiosk.at("enrol-reason")).to_contain_text("时间到了")
    kiosk.at("enrol-again").click()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on")
    faces.state(consent_id, state="failed", reason="not_yet_invented")
    expect(kiosk.at("enrol-reason")).to_contain_text("摄像头现在用不了")
    kiosk.at("enrol-leave").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    assert faces.cancelled == [consent_id]


def test_a_reload_before_the_camera_goes_on_with_a_new_preview(screens: Screens) -> None:
    kiosk, consent_id = looking_into_camera(screens)
    kiosk.page.reload()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on")
    assert (screens.office.faces.starts, answers(screens.office.faces)) == (2, ["yes"])
    screens.office.faces.state(consent_id, state="done", shots=3)
    expect(kiosk.at("enrolled-title")).to_be_visible()
    kiosk.page.reload()
    expect(kiosk.at("enrolled-title")).to_be_visible()


def test_a_reload_on_the_text_and_the_other_language_keep_the_place(screens: Screens) -> None:
    kiosk = reading(screens)
    kiosk.at("language-en").click()
    expect(kiosk.at("consent-yes")).to_have_text(consent_text("en").yes)
    kiosk.page.reload()
    expect(kiosk.at("consent-yes")).to_have_text(consent_text("en").yes)


def test_a_gateway_away_loses_no_answer(screens: Screens) -> None:
    kiosk = reading(screens)
    screens.office.down = True
    kiosk.at("consent-yes").click()
    expect(kiosk.at("kiosk-trouble")).to_be_visible(timeout=8_000)
    screens.office.down = False
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on", timeout=10_000)
    assert answers(screens.office.faces) == ["yes"]


def test_a_gateway_away_before_the_camera_only_waits(screens: Screens) -> None:
    kiosk, consent_id = looking_into_camera(screens)
    screens.office.down = True
    expect(kiosk.at("enrol-hint")).to_have_text(re.compile("正在准备"))
    screens.office.down = False
    screens.office.faces.state(consent_id, state="done", shots=3)
    expect(kiosk.at("enrolled-title")).to_be_visible(timeout=8_000)


def test_a_renewed_text_is_shown_before_an_answer_counts(screens: Screens) -> None:
    kiosk = reading(screens)
    screens.office.faces.text_version = "2027-01"
    kiosk.at("consent-yes").click()
    expect(kiosk.at("consent-said")).to_contain_text("再看一遍")
    assert answers(screens.office.faces) == []
    kiosk.at("consent-yes").click()
    expect(kiosk.at("enrol-stage")).to_be_visible()
    (request,) = screens.office.faces.consents.values()
    assert request.text_version == "2027-01"


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "另一个号码"), ("en", "another number")])
def test_a_face_known_under_another_number_is_told_and_not_asked_again(
    screens: Screens, language: str, words: str
) -> None:
    kiosk = reading(screens, language=language)
    kiosk.at("consent-yes").click()
    expect(kiosk.at("enrol-stage")).to_have_attribute("data-picture", "on")
    (consent_id,) = screens.office.faces.enrolments
    screens.office.faces.state(consent_id, state="failed", reason="already_known", preview_url=None)
    expect(kiosk.at("enrol-reason")).to_contain_text(words)
    expect(kiosk.at("enrol-again")).to_have_count(0)
    expect(kiosk.at("face-skip")).to_have_count(0)
    kiosk.at("enrol-leave").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    expect(kiosk.at("face-open")).to_have_count(0)
    expect(kiosk.at("face-refused")).to_have_count(0)


def test_for_a_child_a_guardian_decides(screens: Screens) -> None:
    kiosk = reading(screens)
    kiosk.at("under-14").click()
    kiosk.at("guardian-next").click()
    expect(kiosk.at("guardian-error")).to_contain_text("关系")
    kiosk.at("relation-mother").click()
    kiosk.press("1390011")
    kiosk.at("guardian-next").click()
    expect(kiosk.at("phone-error")).to_contain_text("还差几位")
    kiosk.press("2233")
    kiosk.at("guardian-next").click()
    expect(kiosk.at("guardian-line")).to_contain_text("母亲（尾号 2233）")
    kiosk.page.reload()
    expect(kiosk.at("guardian-line")).to_contain_text("母亲（尾号 2233）")
    kiosk.at("consent-yes").click()
    expect(kiosk.at("enrol-stage")).to_be_visible()
    (request,) = screens.office.faces.consents.values()
    assert request.under_14
    assert request.guardian is not None
    assert (request.guardian.relation, request.guardian.phone) == ("mother", "+8613900112233")


def test_every_face_screen_has_targets_for_fingers_and_a_way_without(screens: Screens) -> None:
    kiosk = reading(screens)
    for opener in (None, "under-14"):
        if opener:
            kiosk.at(opener).click()
            expect(kiosk.at("guardian-next")).to_be_visible()
        sizes = kiosk.page.eval_on_selector_all(
            "button", "all => all.filter(b => b.offsetParent).map(b => [b.dataset.test, b.offsetWidth, b.offsetHeight])"
        )
        assert [name for name, width, height in sizes if min(width, height) < 48] == []
        expect(kiosk.at("face-skip")).to_be_visible()
