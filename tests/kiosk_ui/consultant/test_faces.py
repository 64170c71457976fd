"""Recognition on the consultant's tablet: it prompts, never covers an alert, and can be withdrawn for a customer."""

import pytest
from playwright.sync_api import expect

from contracts.gateway_api import RuleNote
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.consultant.test_tablet import serving_one, signed_in
from tests.kiosk_ui.face_samples import a_consent

pytestmark = pytest.mark.browser


def test_a_greeting_says_who_since_when_and_where_and_is_confirmed(screens: Screens) -> None:
    tablet = signed_in(screens)
    greeting = screens.office.greet()
    expect(tablet.at("greeting-name")).to_have_text("王**", timeout=1_000)
    expect(tablet.at("greeting-facts")).to_contain_text("13 天前")
    expect(tablet.at("greeting-facts")).to_contain_text("cam-door")
    tablet.at("greeting-confirm").click()
    expect(tablet.at("greeting-card")).to_have_count(0)
    assert screens.office.faces.settled == [(greeting.greeting_id, "confirm")]


def test_somebody_else_takes_the_link_back(screens: Screens) -> None:
    tablet = signed_in(screens)
    greeting = screens.office.greet()
    tablet.at("greeting-wrong").click()
    expect(tablet.at("greeting-card")).to_have_count(0)
    assert screens.office.faces.settled == [(greeting.greeting_id, "wrong")]


def test_a_greeting_stands_below_a_pending_alert(screens: Screens) -> None:
    tablet = signed_in(screens)
    screens.office.greet()
    screens.office.offer()
    expect(tablet.at("greeting-card")).to_be_visible()
    alert, greeting = tablet.at("offer-card").bounding_box(), tablet.at("greeting-card").bounding_box()
    assert alert is not None
    assert greeting is not None
    assert greeting["y"] >= alert["y"] + alert["height"]
    expect(tablet.at("offer-recognised")).to_have_count(0)


def test_an_alert_says_that_its_visitor_was_recognised(screens: Screens) -> None:
    tablet = signed_in(screens)
    note = RuleNote(rule="face", outcome="not_applicable", reason="recognised")
    screens.office.offer(why=[note])
    expect(tablet.at("offer-recognised")).to_contain_text("经本人同意")


def test_a_greeting_of_the_same_visit_is_evidence_on_its_alert(screens: Screens) -> None:
    tablet = signed_in(screens)
    offer = screens.office.offer()
    expect(tablet.at("offer-card")).to_be_visible()
    screens.office.greet(visit_id=offer.visit.visit_id)
    expect(tablet.at("offer-recognised")).to_be_visible()


def test_a_customer_without_consent_shows_none(screens: Screens) -> None:
    tablet = serving_one(screens)
    expect(tablet.at("face-state")).to_have_text("没有开启")
    expect(tablet.at("face-withdraw")).to_have_count(0)


def test_withdrawing_for_a_customer_follows_each_node_to_the_certificate(screens: Screens) -> None:
    faces = screens.office.faces
    faces.customer_consents = [a_consent()]
    tablet = serving_one(screens)
    expect(tablet.at("face-state")).to_contain_text("已开启")
    tablet.at("face-withdraw").click()
    tablet.at("reason-asked_by_phone").click()
    tablet.at("withdraw-confirm").click()
    expect(tablet.at("node-lobby")).to_have_attribute("data-state", "pending")
    ((withdrawal_id, request),) = faces.withdrawal_requests.items()
    assert request.reason == "客户来电提出"
    faces.confirm(withdrawal_id, "lobby")
    expect(tablet.at("node-lobby")).to_have_attribute("data-state", "confirmed")
    faces.confirm(withdrawal_id, "door")
    expect(tablet.at("certificate-no")).to_contain_text("YQ-2026-000017")
