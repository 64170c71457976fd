"""Who brought a visitor and whom they ask for, at the kiosk: by scanner, by hand, by touch, and never in the way."""

import pytest
from playwright.sync_api import expect

from contracts.checkin_api import AskableConsultant, CheckInForm, GateAnswers, ProjectOption
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.samples import COLLEAGUE, PERSON
from tests.kiosk_ui.visitor.test_kiosk import at_party

pytestmark = pytest.mark.browser
CODE = "AC1.YUNQI..AGMOLL2QAAAHAAEAAAAAAAAAAE.59100000.ABCDEFGHIJKLMNOP"


def scan(kiosk: Screen, text: str = CODE) -> None:
    """As a keyboard wedge does."""
    kiosk.page.keyboard.type(text)
    kiosk.page.keyboard.press("Enter")


def finish(kiosk: Screen) -> None:
    kiosk.at("party-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_be_visible()


def test_a_code_scanned_over_the_number_pad_is_read_and_types_no_digit(screens: Screens) -> None:
    kiosk = screens.open("/kiosk")
    kiosk.at("kiosk-start").click()
    kiosk.press("138")
    scan(kiosk)
    expect(kiosk.at("toast")).to_contain_text("何*")
    expect(kiosk.at("phone-pad-typed")).to_have_text("138")
    kiosk.press("00112345")
    kiosk.at("phone-next").click()
    expect(kiosk.at("wish-agent")).to_contain_text("何*")
    finish(kiosk)
    expect(kiosk.at("ticket-agent")).to_contain_text("安家")
    (read,) = screens.office.scans
    assert (read.code, [read.checkin]) == (CODE, list(screens.office.asked))


def test_a_refused_code_is_told_in_the_visitor_s_language_and_stops_nothing(screens: Screens) -> None:
    screens.office.refuse_code = "expired"
    kiosk = screens.open("/kiosk")
    kiosk.at("language-en").click()
    expect(kiosk.at("language-zh-CN")).to_be_visible()
    scan(kiosk)
    expect(kiosk.at("toast")).to_contain_text("run out")
    kiosk.at("phone-skip").click()
    finish(kiosk)
    expect(kiosk.at("ticket-agent")).to_contain_text("run out")


def test_a_code_typed_by_hand_is_read_and_a_second_one_may_follow_a_refused(screens: Screens) -> None:
    screens.office.refuse_code = "used_before"
    kiosk = at_party(screens)
    kiosk.at("wish-agent").click()
    kiosk.field("agent-code").fill(CODE.lower())
    kiosk.at("agent-enter").click()
    expect(kiosk.at("agent-said")).to_contain_text("已用过")
    screens.office.refuse_code = ""
    kiosk.field("agent-code").fill(CODE)
    kiosk.page.keyboard.press("Enter")
    expect(kiosk.at("agent-said")).to_contain_text("何*")
    kiosk.at("agent-done").click()
    expect(kiosk.at("agent-sheet")).to_have_count(0)
    expect(kiosk.at("wish-agent")).to_contain_text("何*")


def test_a_consultant_is_asked_for_by_name_among_those_of_today(screens: Screens) -> None:
    here = [AskableConsultant(person_id=PERSON, name="李明"), AskableConsultant(person_id=COLLEAGUE, name="王芳")]
    screens.office.askable = here
    kiosk = at_party(screens)
    kiosk.at("wish-consultant").click()
    expect(kiosk.at("ask-name")).to_have_text(["person李明", "person王芳"])
    kiosk.at("ask-name").nth(1).click()
    expect(kiosk.at("wish-consultant")).to_contain_text("王芳")
    finish(kiosk)
    expect(kiosk.at("ticket-host")).to_contain_text("王芳 顾问暂时走不开")
    assert screens.office.requests[0].asked_for == COLLEAGUE


def test_who_says_nothing_is_asked_nothing(screens: Screens) -> None:
    kiosk = at_party(screens)
    finish(kiosk)
    assert (screens.office.requests[0].asked_for, screens.office.scans) == (None, [])
    expect(kiosk.at("ticket-agent")).to_have_count(0)


def test_the_gate_questions_are_asked_where_the_office_wants_it_and_may_be_left_out(screens: Screens) -> None:
    screens.office.form = CheckInForm(gate_questions=True)
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("first_visit-no").click()
    kiosk.at("contacted-yes").click()
    kiosk.at("contacted-yes").click()
    expect(kiosk.at("contacted-yes")).to_have_attribute("aria-pressed", "false")
    kiosk.at("gate-next").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_be_visible()
    assert screens.office.requests[0].gate == GateAnswers(first_visit=False)


def test_the_project_is_chosen_with_one_touch(screens: Screens) -> None:
    lake = ProjectOption(project="lake", name="湖岸一期", name_en="Lakeside I")
    hill = ProjectOption(project="hill", name="山境", name_en="Hillside")
    screens.office.form = CheckInForm(projects=[lake, hill])
    kiosk = at_party(screens)
    kiosk.at("party-next").click()
    kiosk.at("project-hill").click()
    kiosk.at("purpose-view_home").click()
    expect(kiosk.at("ticket-number")).to_be_visible()
    assert screens.office.requests[0].project == "hill"


_CUT_OFF = """() => {
    const box = (name) => document.querySelector(name).getBoundingClientRect();
    const ticket = box('.k-ticket'), foot = box('.k-foot'), last = document.querySelector('.k-done').lastElementChild;
    const inside = ['.k-ticket-label', '.k-ticket-number', '.k-ticket-facts'].map(box);
    return Math.round(Math.max(ticket.top - inside[0].top, inside[2].bottom - ticket.bottom,
        inside[0].bottom - inside[1].top, inside[1].bottom - inside[2].top,
        last.getBoundingClientRect().bottom - foot.top));
}"""
"""By how many pixels something of the page lies over something else, or outside."""


@pytest.mark.parametrize("big", [False, True], ids=["text", "large text"])
@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1280, 800)])
def test_the_number_has_its_place_whatever_else_is_told(screens: Screens, width: int, height: int, big: bool) -> None:
    screens.office.joined, screens.office.refuse_code = True, "expired"
    screens.office.paper, screens.office.faces.answer = "failed", "ask"
    kiosk = screens.open("/kiosk", width=width, height=height, own=True)
    kiosk.at("language-en").click()
    expect(kiosk.at("kiosk-start")).to_contain_text("Check in")
    if big:
        kiosk.at("kiosk-large").click()
    kiosk.at("kiosk-start").click()
    kiosk.press("13800112345")
    kiosk.at("phone-next").click()
    scan(kiosk)
    expect(kiosk.at("toast")).to_be_visible()
    finish(kiosk)
    expect(kiosk.at("face-open")).to_be_visible()
    assert kiosk.page.evaluate(_CUT_OFF) <= 1
