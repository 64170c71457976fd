"""The reception hears a call once, and reads which visits several masked registrations claim."""

import pytest
from playwright.sync_api import expect

from contracts.gateway_api import Explanation
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.consultant.test_alerts import CHIME, COUNT_SOUNDS
from tests.kiosk_ui.judging_samples import a_conflict
from tests.kiosk_ui.reception.test_desk import waiting
from tests.kiosk_ui.reception.test_reception import signed_in
from tests.support.processes import until

pytestmark = pytest.mark.browser


def test_a_call_sounds_once_and_its_place_in_the_ladder_changes_nothing(screens: Screens) -> None:
    desk = signed_in(screens)
    desk.page.evaluate("() => {" + COUNT_SOUNDS + "}")
    desk.at("sound").click()
    expect(desk.at("sound")).to_have_attribute("data-on", "1")
    assert desk.page.evaluate("window.sounds") == CHIME
    party = waiting(4, number=8, escalation="manager")
    screens.office.show_floor(waiting=[party])
    until(lambda: desk.page.evaluate("window.sounds") == 2 * CHIME, seconds=5, what="the chime")
    screens.office.show_floor(waiting=[party.model_copy(update={"party_size": 5})])
    expect(desk.at("visit-row")).to_contain_text("5")
    assert desk.page.evaluate("window.sounds") == 2 * CHIME


def test_several_masked_registrations_and_nothing_else_are_listed_until_something_decides(screens: Screens) -> None:
    party = waiting(4, number=12)
    screens.office.judging.conflicts = [a_conflict(visit_id=party.visit_id)]
    screens.office.desk.explanations[party.visit_id] = Explanation(visit_id=party.visit_id, verdicts=[], turns=[])
    desk = signed_in(screens)
    screens.office.show_floor(waiting=[party])
    expect(desk.at("conflict-who")).to_contain_text("12 号")
    expect(desk.at("conflict-claim")).to_have_count(2)
    expect(desk.at("conflict-claim").first).to_contain_text("安居渠道 · 韩梅")
    expect(desk.at("due-now")).to_have_text("1")
    desk.at("conflict-open").click()
    expect(desk.at("opened-close")).to_be_visible()
    screens.office.judging.conflicts = []
    expect(desk.at("conflict")).to_have_count(0)
