"""The page tells its language to screen readers, and keeps it when the page framework starts or is reloaded."""

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.conftest import Screen, Screens

pytestmark = pytest.mark.browser


def assert_stays(screen: Screen, language: str) -> None:
    """Also when something else sets another language later, as Quasar does with the process's."""
    root = screen.page.locator("html")
    expect(root).to_have_attribute("lang", language)
    screen.page.evaluate("document.documentElement.lang = 'fr'")
    expect(root).to_have_attribute("lang", language)


def test_the_kiosk_speaks_the_language_of_its_visitor_after_a_reload(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    assert_stays(kiosk, "zh-CN")
    kiosk.at("kiosk-start").click()
    expect(kiosk.at("key-1")).to_be_visible()
    kiosk.at("language-en").click()
    assert_stays(kiosk, "en")
    kiosk.page.reload()
    expect(kiosk.at("key-1")).to_be_visible()
    assert_stays(kiosk, "en")


def test_the_tablet_speaks_the_language_of_its_consultant_signed_in_or_out(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800, own=True)
    tablet.page.locator('input[data-test="staff-no"]').fill("A01")
    tablet.press("2468", pad="pin")
    tablet.at("sign-in").click()
    tablet.at("language-en").click()
    expect(tablet.at("language-zh-CN")).to_be_visible()
    assert_stays(tablet, "en")
    tablet.at("sign-out").click()
    expect(tablet.at("signin")).to_contain_text("Consultant sign-in")
    tablet.page.reload()
    expect(tablet.at("signin")).to_be_visible()
    assert_stays(tablet, "en")
