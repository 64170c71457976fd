"""Alerts on the tablet in a real browser: shown once, sounded once, confirmed only while somebody can see the page."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.consultant.test_tablet import sign_in
from tests.support.processes import until

pytestmark = pytest.mark.browser

COUNT_SOUNDS = """
  window.sounds = 0;
  const ramps = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const through = { connect: (x) => x };
  window.AudioContext = class {
    constructor() { this.state = "running"; this.currentTime = 0; this.destination = {}; }
    resume() {}
    createOscillator() { return { ...through, frequency: {}, start() { window.sounds += 1; }, stop() {} }; }
    createGain() { return { ...through, gain: ramps }; }
  };
"""
CHIME = 3
"""Tones of one chime."""


def tablet_of(screens: Screens, **more: Any) -> Screen:
    tablet = screens.open("/tablet", width=1280, height=800, **more)
    sign_in(tablet)
    expect(tablet.at("alerts-open")).to_be_visible()
    return tablet


def hide(page: Page, hidden: bool) -> None:
    """As the browser does when the tab is covered or the screen is locked."""
    state = "hidden" if hidden else "visible"
    page.evaluate(
        "(state) => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


def stages(screens: Screens, alert_id: str) -> list[str]:
    return [item.stage for said in screens.office.receipts for item in said.items if item.alert_id == alert_id]


def test_a_card_is_drawn_and_confirmed_as_shown_then_read(screens: Screens) -> None:
    tablet = tablet_of(screens)
    alert = screens.office.alert(kind="silent_return", customer_name="陈**", silent_days=41)
    expect(tablet.at("alert-silent_return")).to_contain_text("已 41 天没有到访和跟进")
    expect(tablet.at("alerts-badge")).to_have_text("1")
    until(lambda: stages(screens, alert.alert_id) == ["shown"], seconds=5, what="shown")
    tablet.at("alert-read").click()
    until(lambda: stages(screens, alert.alert_id)[-1] == "read", seconds=5, what="read")
    expect(tablet.at("alert-silent_return")).to_have_count(0)
    expect(tablet.at("alerts-badge")).to_have_count(0)


def test_an_absent_owners_customer_is_told_with_both_names(screens: Screens) -> None:
    tablet = tablet_of(screens)
    screens.office.alert(kind="owner_absent", owner_name="王芳", receiver_name="李明")
    expect(tablet.at("alert-owner_absent")).to_contain_text("王芳")


def test_a_hidden_page_confirms_nothing_until_somebody_looks(screens: Screens) -> None:
    tablet = tablet_of(screens)
    hide(tablet.page, True)
    before = len(screens.office.receipts)
    alert = screens.office.alert()
    expect(tablet.at("alert-vip_return")).to_have_count(1)
    tablet.page.wait_for_timeout(300)  # a confirmation would be under way after 60 ms
    assert len(screens.office.receipts) == before
    hide(tablet.page, False)
    until(lambda: stages(screens, alert.alert_id) == ["shown"], seconds=5, what="shown")


def test_it_sounds_once_over_redelivery_reload_and_a_second_tab(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800, own=True)
    context = tablet.page.context
    context.add_init_script(COUNT_SOUNDS)
    tablet.page.reload()
    sign_in(tablet)
    expect(tablet.at("alerts-open")).to_be_visible()
    tablet.at("sound").click()
    assert tablet.page.evaluate("window.sounds") == CHIME
    alert = screens.office.alert(kind="owner_absent")
    until(lambda: tablet.page.evaluate("window.sounds") == 2 * CHIME, seconds=5, what="the chime")
    screens.office.alerts = [one.model_copy(update={"shown_at": None}) for one in screens.office.alerts]
    screens.office.tell()
    until(lambda: len(stages(screens, alert.alert_id)) >= 2, seconds=5, what="the second delivery confirmed")
    assert tablet.page.evaluate("window.sounds") == 2 * CHIME
    screens.office.alerts = [one.model_copy(update={"shown_at": None}) for one in screens.office.alerts]
    other = context.new_page()
    other.goto(tablet.page.url)
    expect(other.locator('[data-test="alert-owner_absent"]')).to_have_count(1)
    other.evaluate("anchang.enableSound()")
    screens.office.tell()
    other.wait_for_timeout(300)
    assert other.evaluate("window.sounds") == CHIME  # its own, from turning the sound on


def test_a_page_that_somebody_sees_says_so_by_itself(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800, own=True)
    tablet.page.clock.install()
    tablet.page.reload()
    sign_in(tablet)
    expect(tablet.at("alerts-open")).to_be_visible()
    before = len(screens.office.receipts)
    tablet.page.clock.fast_forward(10_500)
    until(lambda: len(screens.office.receipts) > before, seconds=5, what="a sign of life")
    assert screens.office.receipts[-1].visible


def test_the_list_keeps_the_day_and_reading_it_clears_the_badge(screens: Screens) -> None:
    tablet = tablet_of(screens)
    screens.office.alert(kind="vip_return", customer_name="陈**")
    screens.office.alert(kind="offer", live=False)
    expect(tablet.at("alerts-badge")).to_have_text("1")
    tablet.at("alerts-open").click()
    expect(tablet.at("alerts-line")).to_have_count(2)
    expect(tablet.at("alerts-badge")).to_have_count(0)
