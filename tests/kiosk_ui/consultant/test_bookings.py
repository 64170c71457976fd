"""A consultant's own bookings at the tablet, in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.checkin_api import CheckInForm, ProjectOption
from tests.kiosk_ui.bookings import a_booking
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.consultant.test_tablet import signed_in
from tests.kiosk_ui.samples import PERSON

pytestmark = pytest.mark.browser


def test_a_consultant_books_a_customer_for_themselves_and_shows_the_code(screens: Screens) -> None:
    lake = ProjectOption(project="lake", name="湖岸一期", name_en="Lakeside I")
    screens.office.form = CheckInForm(projects=[lake])
    tablet = signed_in(screens)
    tablet.at("tool-bookings").click()
    expect(tablet.at("bookings-none")).to_be_visible()
    tablet.at("booking-new").click()
    tablet.field("booking-phone").fill("13800112345")
    tablet.field("booking-time").fill("15:30")
    tablet.at("booking-project-lake").click()
    expect(tablet.at("booking-consultant")).to_have_count(0)
    tablet.at("booking-confirm").click()
    expect(tablet.at("booking-token")).to_have_text("ABCD-EFGH-JKLM")
    expect(tablet.at("booking-row")).to_have_count(1)
    (sent,) = screens.office.bookings.made
    assert (sent.phone, sent.consultant_id, sent.project) == ("+8613800112345", PERSON, "lake")


def test_a_booking_of_mine_is_cancelled(screens: Screens) -> None:
    screens.office.bookings.items = [a_booking()]
    tablet = signed_in(screens)
    tablet.at("tool-bookings").click()
    tablet.at("booking-cancel").click()
    expect(tablet.at("booking-state")).to_have_text(["已取消"])
