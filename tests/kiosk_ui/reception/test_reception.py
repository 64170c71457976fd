"""Greetings, questions, deletions and recognition at the front desk, in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.faces_api import ConsentView, CustomerFaceFile, NodeConfirmation, Withdrawal
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.face_samples import a_consent, a_review, an_overview
from tests.kiosk_ui.faces import Faces
from tests.kiosk_ui.samples import a_customer

pytestmark = pytest.mark.browser


def signed_in(screens: Screens, staff_no: str = "R01") -> Screen:
    desk = screens.open("/reception", width=1280, height=800)
    sign_in(desk, staff_no)
    expect(desk.at("my-name")).to_be_visible()
    expect(desk.at("link-state")).to_have_attribute("data-state", "online", timeout=15_000)
    return desk


def sign_in(desk: Screen, staff_no: str) -> None:
    desk.page.locator('[data-test="staff-no"] input, input[data-test="staff-no"]').first.fill(staff_no)
    desk.press("2468", pad="pin")
    desk.at("sign-in").click()


def a_withdrawal(faces: Faces) -> str:
    made = Withdrawal(
        withdrawal_id=uuid7(),
        state="pending",
        requested_at=utc_now(),
        requested_by="visitor",
        cause="withdrawn",
        consent_ids=[uuid7()],
        nodes=[
            NodeConfirmation(node="lobby", state="confirmed", vault=True, templates=3, at=utc_now()),
            NodeConfirmation(node="door", state="pending"),
        ],
    )
    faces.withdrawals[made.withdrawal_id] = made
    return made.withdrawal_id


def test_a_consultant_is_sent_to_the_tablet(screens: Screens) -> None:
    desk = screens.open("/reception", width=1280, height=800)
    sign_in(desk, "A01")
    expect(desk.at("signin-error")).to_contain_text("顾问平板")


def test_a_greeting_comes_at_once_and_is_answered(screens: Screens) -> None:
    desk = signed_in(screens)
    greeting = screens.office.greet()
    expect(desk.at("greeting-name")).to_have_text("王**", timeout=1_000)
    desk.at("greeting-confirm").click()
    expect(desk.at("greeting-card")).to_have_count(0)
    assert screens.office.faces.settled == [(greeting.greeting_id, "confirm")]


def test_candidates_stand_side_by_side_and_a_person_decides(screens: Screens) -> None:
    review = a_review()
    screens.office.faces.reviews = [review]
    desk = signed_in(screens)
    first, second = (desk.at("review-candidate").nth(n).bounding_box() for n in (0, 1))
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"]
    expect(desk.at("review-candidate").nth(0)).to_contain_text("0.58 / 0.55")
    expect(desk.at("review-candidate").nth(1)).to_contain_text("登记了这个手机号")
    desk.at("review-choose").nth(1).click()
    desk.at("decide-confirm").click()
    expect(desk.at("review-card")).to_have_count(0)
    (decision,) = screens.office.faces.decisions
    assert decision.customer_id == review.candidates[1].customer.customer_id


def test_none_of_them_is_an_answer_too(screens: Screens) -> None:
    screens.office.faces.reviews = [a_review()]
    desk = signed_in(screens)
    desk.at("review-none").click()
    desk.at("decide-confirm").click()
    expect(desk.at("review-card")).to_have_count(0)
    assert screens.office.faces.decisions[0].customer_id is None


def test_a_question_that_a_colleague_answered_is_told(screens: Screens) -> None:
    review = a_review()
    screens.office.faces.reviews = [review]
    desk = signed_in(screens)
    desk.at("review-choose").first.click()
    screens.office.faces.reviews = [review.model_copy(update={"state": "decided"})]
    desk.at("decide-confirm").click()
    expect(desk.at("toast")).to_contain_text("已有同事处理")
    expect(desk.at("review-card")).to_have_count(0)


def test_only_a_manager_may_write_off_a_node_and_says_why(screens: Screens) -> None:
    a_withdrawal(screens.office.faces)
    desk = signed_in(screens)
    desk.at("tab-faces").click()
    expect(desk.at("node-door")).to_have_attribute("data-state", "pending")
    expect(desk.at("release-door")).to_have_count(0)
    desk.at("sign-out").click()
    sign_in(desk, "M01")
    desk.at("tab-faces").click()
    desk.at("release-door").click()
    desk.at("release-confirm").click()
    expect(desk.at("release-error")).to_contain_text("原因")
    desk.page.locator('input[data-test="release-reason"], [data-test="release-reason"] input').first.fill("机器报废")
    desk.at("release-confirm").click()
    expect(desk.at("certificate-no")).to_have_text("YQ-2026-000017")
    assert screens.office.faces.released == [("door", "机器报废")]
    desk.at("open-certificate").click()
    expect(desk.at("certificate")).to_contain_text("YQ-2026-000017")


def looked_up(screens: Screens, *consents: ConsentView) -> Screen:
    """The reception has typed the number that a customer at the desk says."""
    file = CustomerFaceFile(
        customer=a_customer(name="王**", phone="139****6688"),
        consents=list(consents),
        templates_kept=any(one.state == "active" for one in consents),
    )
    screens.office.faces.files_by_number = {"+8613900116688": file}
    desk = signed_in(screens)
    desk.at("tab-faces").click()
    desk.at("forget-open").click()
    type_number(desk, "139 0011 6688")
    expect(desk.at("forget-customer")).to_contain_text("139****6688")
    return desk


def type_number(desk: Screen, number: str) -> None:
    desk.page.locator('input[data-test="forget-phone"], [data-test="forget-phone"] input').first.fill(number)
    desk.at("forget-find").click()


def test_the_reception_withdraws_for_a_customer_at_the_desk_and_says_how_it_made_sure(screens: Screens) -> None:
    desk = looked_up(screens, a_consent())
    expect(desk.at("forget-state")).to_contain_text("已开启")
    desk.at("forget-how-phone").click()
    desk.at("forget-confirm").click()
    expect(desk.at("withdrawal-card")).to_have_count(1)
    expect(desk.at("forget-dialog")).to_have_count(0)
    (request,) = screens.office.faces.withdrawal_requests.values()
    (file,) = screens.office.faces.files_by_number.values()
    assert (request.customer_id, request.grant) == (file.customer.customer_id, None)
    assert request.reason == "看了手机上的号码"


def test_where_nothing_is_kept_there_is_nothing_to_delete(screens: Screens) -> None:
    desk = looked_up(screens)
    expect(desk.at("forget-state")).to_contain_text("无需删除")
    expect(desk.at("forget-confirm")).to_have_count(0)


@pytest.mark.parametrize(("number", "words"), [("1390011", "11 位"), ("13700007777", "没有客户")])
def test_a_number_that_leads_nowhere_is_told(screens: Screens, number: str, words: str) -> None:
    desk = signed_in(screens)
    desk.at("tab-faces").click()
    desk.at("forget-open").click()
    type_number(desk, number)
    expect(desk.at("forget-error")).to_contain_text(words)
    expect(desk.at("forget-customer")).to_have_count(0)


def test_the_state_of_recognition_is_in_words(screens: Screens) -> None:
    screens.office.faces.overview = an_overview(
        alarms=["filing_duty_near", "not_yet_invented"], available=False, reason="camera_offline"
    )
    desk = signed_in(screens)
    desk.at("tab-faces").click()
    expect(desk.at("faces-active")).to_have_text("128")
    expect(desk.at("faces-alarm-filing_duty_near")).to_contain_text("备案")
    expect(desk.at("faces-alarm-not_yet_invented")).to_contain_text("not_yet_invented")
    expect(desk.at("faces-off")).to_contain_text("摄像头不在线")
    expect(desk.at("faces-node-lobby")).to_have_attribute("data-state", "matching")


def test_every_target_is_large_enough_for_a_finger(screens: Screens) -> None:
    screens.office.faces.reviews = [a_review()]
    a_withdrawal(screens.office.faces)
    desk = signed_in(screens, "M01")
    screens.office.greet()
    expect(desk.at("greeting-card")).to_be_visible()
    sizes = desk.page.eval_on_selector_all(
        "button", "all => all.filter(b => b.offsetParent).map(b => [b.dataset.test, b.offsetWidth, b.offsetHeight])"
    )
    assert [name for name, width, height in sizes if min(width, height) < 48] == []
