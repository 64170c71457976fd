"""«Welcome back» at the kiosk, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from contracts.checkin_api import CheckInForm, GateAnswers, ProjectOption
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screen, Screens
from tests.support.processes import until

pytestmark = pytest.mark.browser


def at_home(screens: Screens) -> Screen:
    until(lambda: _kiosk_listens(screens), seconds=10, what="the kiosk's stream")
    kiosk = screens.open("/kiosk")
    expect(kiosk.at("home-queue")).not_to_be_empty()
    expect(kiosk.at("greeting")).to_have_count(0)  # that of the test before may still be on its way off
    return kiosk


def _kiosk_listens(screens: Screens) -> bool:
    return any(topics == ["greetings"] for _, topics in screens.office.listeners.values())


def test_a_greeting_appears_within_a_second_with_the_family_name_only(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.greet()
    expect(kiosk.at("greeting-name")).to_have_text("王**，欢迎回来", timeout=1_000)
    assert "6688" not in kiosk.page.content()


def test_somebody_whose_name_nobody_knows_is_welcomed_without_one(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.greet(customer=screens.office.greet().customer.model_copy(update={"name": ""}))
    expect(kiosk.at("greeting-name")).to_have_text("欢迎回来")


def test_that_is_me_checks_in_and_shows_the_ticket(screens: Screens) -> None:
    kiosk = at_home(screens)
    greeting = screens.office.greet()
    kiosk.at("greeting-me").dblclick()
    expect(kiosk.at("ticket-number")).to_have_text("031")
    expect(kiosk.at("ticket-host")).to_contain_text("李明")
    expect(kiosk.at("face-open")).to_have_count(0)
    assert screens.office.faces.settled == [(greeting.greeting_id, "confirm")]
    kiosk.page.reload()
    expect(kiosk.at("ticket-number")).to_have_text("031")


def test_not_me_is_told_and_the_number_leads_in_as_ever(screens: Screens) -> None:
    kiosk = at_home(screens)
    greeting = screens.office.greet()
    kiosk.at("greeting-not-me").click()
    expect(kiosk.at("greeting")).to_have_count(0)
    until(lambda: screens.office.faces.settled == [(greeting.greeting_id, "wrong")], seconds=5, what="the answer")
    kiosk.at("kiosk-start").click()
    expect(kiosk.at("phone-next")).to_be_visible()
    expect(kiosk.at("greeting")).to_have_count(0)


def test_it_is_there_while_the_number_is_typed_and_covers_no_key(screens: Screens) -> None:
    kiosk = at_home(screens)
    kiosk.at("kiosk-start").click()
    kiosk.press("138")
    screens.office.greet()
    expect(kiosk.at("greeting")).to_be_visible()
    kiosk.press("0011")
    expect(kiosk.at("phone-pad-typed")).to_have_text("138 0011")


def test_it_goes_after_a_minute(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.greet(seen_at=utc_now() - timedelta(seconds=56))
    expect(kiosk.at("greeting")).to_be_visible()
    expect(kiosk.at("greeting")).to_have_count(0, timeout=6_000)


def test_a_greeting_of_the_past_is_never_shown(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.greet(seen_at=utc_now() - timedelta(seconds=61))
    screens.office.greet(customer=screens.office.greet().customer.model_copy(update={"name": "李**"}))
    expect(kiosk.at("greeting-name")).to_have_text("李**，欢迎回来")


def test_a_greeting_that_is_over_asks_for_the_number(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.greet()
    expect(kiosk.at("greeting")).to_be_visible()
    screens.office.faces.greetings = []
    kiosk.at("greeting-me").click()
    expect(kiosk.at("toast")).to_contain_text("请用手机号登记")
    expect(kiosk.at("kiosk-start")).to_be_visible()


def test_without_a_stream_the_route_is_asked(screens: Screens) -> None:
    kiosk = at_home(screens)
    screens.office.refuse_streams = True
    screens.office.cut()
    screens.office.greet()
    expect(kiosk.at("greeting")).to_be_visible(timeout=8_000)


def test_that_is_me_is_asked_for_the_project_and_at_the_gate_as_everybody_is(screens: Screens) -> None:
    sold = [ProjectOption(project=name, name=name, name_en=name) for name in ("lake", "hill")]
    screens.office.form = CheckInForm(gate_questions=True, questions=["family_visited", "contacted"], projects=sold)
    kiosk = at_home(screens)
    screens.office.greet()
    kiosk.at("greeting-me").click()
    kiosk.at("project-hill").click()
    expect(kiosk.at("first_visit-no")).to_have_count(0)
    kiosk.at("family_visited-yes").click()
    until(lambda: any(d.gate.family_visited for d in screens.office.drafts.values()), seconds=5, what="the draft")
    kiosk.page.reload()
    expect(kiosk.at("family_visited-yes")).to_have_attribute("aria-pressed", "true")
    kiosk.at("gate-next").click()
    expect(kiosk.at("ticket-number")).to_have_text("031")
    (sent,) = screens.office.faces.checkins
    assert (sent.project, sent.gate) == ("hill", GateAnswers(family_visited=True))


def test_a_greeting_that_is_over_before_the_last_answer_leads_in_by_number(screens: Screens) -> None:
    screens.office.form = CheckInForm(gate_questions=True)
    kiosk = at_home(screens)
    screens.office.greet()
    kiosk.at("greeting-me").click()
    expect(kiosk.at("gate-next")).to_be_visible()
    screens.office.faces.greetings = []
    kiosk.at("gate-next").click()
    expect(kiosk.at("phone-next")).to_be_visible()
    expect(kiosk.at("toast")).to_contain_text("请用手机号登记")
