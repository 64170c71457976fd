"""The express lane: a booking's code at the kiosk, by scanner and by hand, in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.checkin_api import AskableConsultant, CheckInForm, GateAnswers
from tests.kiosk_ui.bookings import CODE
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.samples import PERSON
from tests.kiosk_ui.visitor.test_wishes import scan
from tests.support.processes import until

pytestmark = pytest.mark.browser


def scanned(screens: Screens) -> Screen:
    """On the first page."""
    kiosk = screens.open("/kiosk")
    expect(kiosk.at("home-queue")).not_to_be_empty()
    scan(kiosk, CODE)
    return kiosk


def test_a_scan_and_one_touch_check_in(screens: Screens) -> None:
    screens.office.bookings.consultant = AskableConsultant(person_id=PERSON, name="李明")
    kiosk = scanned(screens)
    expect(kiosk.page.locator("h1")).to_contain_text("陈**")
    expect(kiosk.at("booking-size")).to_have_text("2")
    kiosk.at("booking-next").click()
    expect(kiosk.at("ticket-number")).to_have_text("047")
    (sent,) = screens.office.bookings.redeemed
    assert (sent.party_size, sent.asked_for, screens.office.bookings.read) == (2, PERSON, [CODE])


def test_a_code_that_the_reader_beside_the_kiosk_read_is_used_once_as_if_it_had_been_scanned(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    expect(kiosk.at("home-queue")).not_to_be_empty()
    screens.office.read_code(CODE)
    kiosk.at("booking-next").click()
    expect(kiosk.at("ticket-number")).to_have_text("047")
    assert screens.office.readings == [] and screens.office.bookings.read == [CODE]


def test_size_and_consultant_may_be_changed_and_the_gate_questions_follow(screens: Screens) -> None:
    screens.office.bookings.consultant = AskableConsultant(person_id=PERSON, name="李明")
    screens.office.bookings.form = CheckInForm(gate_questions=True)
    kiosk = scanned(screens)
    kiosk.at("booking-more").click()
    kiosk.at("booking-consultant").click()
    expect(kiosk.at("booking-consultant")).to_have_attribute("aria-pressed", "false")
    kiosk.at("booking-next").click()
    kiosk.at("contacted-no").click()
    until(lambda: any(d.gate.contacted is False for d in screens.office.drafts.values()), seconds=5, what="the draft")
    kiosk.page.reload()
    expect(kiosk.at("contacted-no")).to_have_attribute("aria-pressed", "true")
    kiosk.at("gate-next").click()
    expect(kiosk.at("ticket-number")).to_be_visible()
    (sent,) = screens.office.bookings.redeemed
    assert (sent.party_size, sent.asked_for, sent.gate) == (3, None, GateAnswers(contacted=False))


def test_a_code_that_is_over_says_so_in_the_visitor_s_language_and_the_number_leads_in(screens: Screens) -> None:
    screens.office.bookings.refused = "used_before"
    kiosk = screens.open("/kiosk")
    kiosk.at("language-en").click()
    expect(kiosk.at("language-zh-CN")).to_be_visible()
    scan(kiosk, CODE)
    expect(kiosk.at("toast")).to_contain_text("used before")
    expect(kiosk.at("phone-next")).to_be_visible()


def test_typed_by_hand_a_wrong_code_may_be_followed_by_the_right_one(screens: Screens) -> None:
    screens.office.bookings.refused = "unknown"
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.at("phone-booking").click()
    kiosk.field("booking-code").fill("abcd-efgh-jkln")
    kiosk.at("booking-enter").click()
    expect(kiosk.at("booking-said")).to_contain_text("没有找到")
    screens.office.bookings.refused = ""
    kiosk.field("booking-code").fill("abcd-efgh-jklm")
    kiosk.page.keyboard.press("Enter")
    expect(kiosk.at("booking-next")).to_be_visible()


def test_without_a_keyboard_every_letter_is_a_touch(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.at("phone-booking").click()
    for letter in "XYZ":
        kiosk.at(f"letter-{letter}").click()
    expect(kiosk.field("booking-code")).to_have_value("XYZ")
    for _ in "XYZ":
        kiosk.at("letter-back").click()
    for letter in "ABCDEFGHJKLM":
        kiosk.at(f"letter-{letter}").click()
    expect(kiosk.field("booking-code")).to_have_value("ABCDEFGHJKLM")
    kiosk.at("booking-enter").click()
    expect(kiosk.at("booking-next")).to_be_visible()
    assert screens.office.bookings.read == ["ABCDEFGHJKLM"]


def test_a_screen_that_tried_too_many_sends_to_the_reception(screens: Screens) -> None:
    screens.office.bookings.tried = True
    kiosk = scanned(screens)
    expect(kiosk.at("toast")).to_contain_text("前台")
    expect(kiosk.at("kiosk-trouble")).to_have_count(0)


def test_a_booking_that_ends_before_the_last_touch_leads_in_by_number(screens: Screens) -> None:
    kiosk = scanned(screens)
    expect(kiosk.at("booking-next")).to_be_visible()
    screens.office.bookings.over = True
    kiosk.at("booking-next").click()
    expect(kiosk.at("toast")).to_contain_text("不能使用")
    expect(kiosk.at("phone-next")).to_be_visible()
