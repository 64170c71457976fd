"""A visitor at the kiosk, in a real browser; the gateway behind it is a stand-in with the real routes and models."""

import re

import pytest
from playwright.sync_api import expect

from contracts.gateway_api import CheckInRequest, CheckInResult, TicketView
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screen, Screens

pytestmark = pytest.mark.browser


def at_party(screens: Screens, phone: str = "13800112345") -> Screen:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.press(phone)
    kiosk.at("phone-next").click()
    expect(kiosk.at("party-2")).to_be_visible()
    return kiosk


def test_a_visitor_checks_in_and_gets_a_number(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-3").click()
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    expect(kiosk.at("ticket-ahead")).to_have_text("1")
    expect(kiosk.at("ticket-wait")).to_have_text("4")
    (request,) = screens.office.requests
    assert (request.phone, request.party_size, request.purpose) == ("+8613800112345", 3, "view_home")


def test_quick_touches_through_the_party_page_are_all_kept(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.page.evaluate(
        """() => ["party-4", "party-next", "party-next"]
        .forEach((name) => document.querySelector(`[data-test=${name}]`).click())"""
    )
    kiosk.at("purpose-contract").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    (request,) = screens.office.requests
    assert (request.party_size, request.purpose) == (4, "contract")


def test_two_quick_touches_on_the_last_tile_are_one_check_in(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("purpose-other").dblclick()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    assert len(screens.office.requests) == 1


def test_a_reload_in_mid_typing_keeps_the_digits_and_the_language(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("language-en").click()
    expect(kiosk.at("language-zh-CN")).to_be_visible()
    kiosk.at("kiosk-start").click()
    kiosk.press("1380011")
    expect(kiosk.at("phone-pad-typed")).to_have_text("138 0011")
    kiosk.page.wait_for_url("**/kiosk?d=*")
    saved = [d for d in screens.office.drafts.values() if d.digits == "1380011"]
    for _ in range(50):
        if saved:
            break
        kiosk.page.wait_for_timeout(50)
        saved = [d for d in screens.office.drafts.values() if d.digits == "1380011"]
    kiosk.page.reload()
    expect(kiosk.at("phone-pad-typed")).to_have_text("138 0011")
    assert kiosk.page.evaluate("document.documentElement.lang") == "en"


def test_a_reload_on_the_last_page_shows_the_same_ticket(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    kiosk.page.reload()
    expect(kiosk.at("ticket-number")).to_have_text("012")
    assert len(screens.office.requests) == 1


def test_a_ticket_that_does_not_come_out_is_told_while_the_number_is_on_the_screen(screens: Screens) -> None:
    screens.office.paper = "sent"
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-paper")).to_contain_text("正在打印")
    screens.office.paper = "failed"
    expect(kiosk.at("ticket-paper")).to_contain_text("请拍下屏幕上的号码")
    expect(kiosk.at("ticket-number")).to_have_text("012")


def test_a_short_number_is_told_at_the_field_and_typing_on_clears_it(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.press("1380011")
    kiosk.at("phone-next").click()
    expect(kiosk.at("phone-error")).to_contain_text("还差几位")
    kiosk.press("2")
    expect(kiosk.at("phone-error")).not_to_contain_text("还差几位")
    expect(kiosk.at("phone-pad-typed")).to_have_text("138 0011 2")


def test_what_the_gateway_refuses_is_told_at_the_field_in_english(screens: Screens) -> None:
    screens.office.refuse_phone = "phone_too_short"
    kiosk = at_party(screens)
    kiosk.at("language-en").click()
    expect(kiosk.at("party-next")).to_have_text(re.compile("Next"))
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("phone-error")).to_have_text(re.compile("^Some digits are missing"))


def test_a_reader_that_types_may_enter_the_number(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.page.locator("[data-ready]").wait_for()
    kiosk.page.keyboard.type("13800112345")
    kiosk.page.keyboard.press("Enter")
    expect(kiosk.at("party-2")).to_be_visible()


def test_nobody_has_to_leave_a_number(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.at("phone-skip").click()
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_be_visible()
    assert screens.office.requests[0].phone is None


def test_a_gateway_away_loses_nothing_and_goes_on_by_itself(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    expect(kiosk.at("purpose-view_home")).to_be_visible()
    screens.office.down = True
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("kiosk-trouble")).to_be_visible(timeout=8_000)
    screens.office.down = False
    expect(kiosk.at("ticket-number")).to_have_text("012", timeout=8_000)
    assert len(screens.office.requests) == 1


def test_a_check_in_whose_answer_got_lost_stands_whatever_was_changed_since(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    expect(kiosk.at("purpose-view_home")).to_be_visible()
    (draft_id,) = screens.office.drafts
    screens.office.asked[draft_id] = CheckInRequest(phone=None, party_size=7)
    screens.office.checkins[draft_id] = CheckInResult(
        visit_id=uuid7(),
        kind="first",
        ticket=TicketView(ticket_id=uuid7(), number=57, state="waiting", ahead=0, wait_minutes=1, issued_at=utc_now()),
    )
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_have_text("057")
    assert screens.office.requests == []


def test_back_keeps_what_was_entered(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-4").click()
    kiosk.at("kiosk-back").click()
    expect(kiosk.at("phone-pad-typed")).to_have_text("138 0011 2345")
    kiosk.at("phone-next").click()
    expect(kiosk.at("party-size")).to_have_text("4")


def test_the_result_leaves_by_itself_with_a_countdown(screens: Screens) -> None:
    kiosk = screens.open("/kiosk", own=True)
    kiosk.page.clock.install()
    kiosk.page.reload()
    kiosk.at("kiosk-start").click()
    kiosk.at("phone-skip").click()
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("return-seconds")).to_have_text(re.compile("^(20|19|18)$"))
    kiosk.page.clock.fast_forward(21_000)
    expect(kiosk.at("kiosk-start")).to_be_visible()
    expect(kiosk.page).not_to_have_url(re.compile("d="))


def test_an_abandoned_check_in_is_warned_about_then_forgotten(screens: Screens) -> None:
    kiosk = screens.open("/kiosk", own=True)
    kiosk.page.clock.install()
    kiosk.page.reload()
    kiosk.at("kiosk-start").click()
    kiosk.press("138")
    kiosk.page.clock.fast_forward(50_000)
    expect(kiosk.at("kiosk-idle")).to_be_visible()
    kiosk.at("kiosk-stay").click()
    expect(kiosk.at("kiosk-idle")).to_be_hidden()
    kiosk.page.clock.fast_forward(61_000)
    expect(kiosk.at("kiosk-start")).to_be_visible()
    kiosk.at("kiosk-start").click()
    expect(kiosk.at("phone-pad-typed")).to_have_text("")


def test_the_last_page_says_who_is_coming_once_somebody_is(screens: Screens) -> None:
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_be_visible()
    (result,) = screens.office.checkins.values()
    screens.office.called[result.visit_id] = "李明"
    expect(kiosk.at("ticket-host")).to_contain_text("李明")


def test_every_target_is_large_enough_for_a_finger(screens: Screens) -> None:
    kiosk = at_party(screens)
    sizes = kiosk.page.eval_on_selector_all(
        "button", "all => all.filter(b => b.offsetParent).map(b => [b.dataset.test, b.offsetWidth, b.offsetHeight])"
    )
    assert sizes
    assert [name for name, width, height in sizes if min(width, height) < 56] == []
