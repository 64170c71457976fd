"""The gate questions (问岗三问) at the reception's check-in, in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.checkin_api import CheckInForm, GateAnswers
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.reception.test_reception import signed_in

pytestmark = pytest.mark.browser


def test_the_gate_questions_are_noted_at_the_desk_and_lead_to_a_search(screens: Screens) -> None:
    screens.office.form, screens.office.hints = CheckInForm(gate_questions=True), ["gate_visited_unknown"]
    desk = signed_in(screens)
    desk.at("check-in").click()
    desk.at("gate-first_visit-no").click()
    desk.at("checkin-confirm").click()
    expect(desk.at("checkin-hint")).to_contain_text("以前来过")
    assert screens.office.requests[0].gate == GateAnswers(first_visit=False)
    desk.at("checkin-search").click()
    expect(desk.page.locator(".r-search input")).to_be_focused()
