"""The demo's telephone, in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.faces_api import SimulatedMessage
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screens

pytestmark = pytest.mark.browser


def test_a_code_arrives_newest_first_and_is_labelled_simulated(screens: Screens) -> None:
    telephone = screens.open("/phone", width=1280, height=800)
    expect(telephone.at("phone-simulated")).to_contain_text("没有真的发送")
    for code in ("111111", "222222"):
        message = SimulatedMessage(message_id=uuid7(), at=utc_now(), to="138****2345", text=f"验证码 {code}")
        screens.office.faces.messages.insert(0, message)
    expect(telephone.at("phone-text").first).to_have_text("验证码 222222")
    expect(telephone.at("phone-message")).to_have_count(2)


def test_the_doors_lead_to_it_and_to_the_front_desk(screens: Screens) -> None:
    home = screens.open("/?lang=en", width=1280, height=800)
    expect(home.at("door-phone")).to_have_attribute("href", "/phone")
    expect(home.at("door-reception")).to_have_attribute("href", "/reception")
