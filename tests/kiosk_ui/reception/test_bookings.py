"""Who is expected: the desk's list of bookings and a new one with its code, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.bookings import a_booking
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.reception.test_reception import signed_in

pytestmark = pytest.mark.browser


def test_the_list_says_who_is_expected_has_come_and_did_not(screens: Screens) -> None:
    screens.office.bookings.items = [a_booking(state=state) for state in ("missed", "arrived", "expected")]
    desk = signed_in(screens)
    expect(desk.at("due-bookings")).to_have_text("1")
    desk.at("tab-bookings").click()
    expect(desk.at("booking-state")).to_have_text(["未到访", "已到访", "待到访"])
    desk.at("booking-cancel").click()
    expect(desk.at("booking-state")).to_have_text(["未到访", "已到访", "已取消"])


def test_a_visit_is_booked_and_its_code_shown(screens: Screens) -> None:
    desk = signed_in(screens)
    desk.at("tab-bookings").click()
    desk.at("booking-new").click()
    desk.field("booking-phone").fill("13800112345")
    desk.at("booking-confirm").click()
    expect(desk.at("booking-error")).to_contain_text("时间")
    desk.field("booking-time").fill("15:30")
    desk.at("booking-party-more").click()
    desk.at("booking-confirm").click()
    expect(desk.at("booking-token")).to_have_text("ABCD-EFGH-JKLM")
    expect(desk.page.locator(".ac-qr svg")).to_be_visible()
    (sent,) = screens.office.bookings.made
    assert (sent.phone, sent.party_size, sent.at.minute) == ("+8613800112345", 2, 30)
