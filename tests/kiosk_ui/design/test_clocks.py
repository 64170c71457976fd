"""Durations that a page ticks by itself: minutes and seconds, and hours where there are any."""

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.conftest import Screens

pytestmark = pytest.mark.browser


def test_a_long_wait_is_told_in_hours(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    expect(kiosk.at("kiosk-start")).to_be_visible()
    for milliseconds, shown in ((65_000, "1:0"), (3_590_000, "59:5"), (7_958_000, "2:12:3")):
        kiosk.page.evaluate(
            "ms => document.body.insertAdjacentHTML('beforeend', `<p id='since-${ms}' data-elapsed='${ms}'></p>`)",
            milliseconds,
        )
        expect(kiosk.page.locator(f"#since-{milliseconds}")).to_contain_text(shown)
