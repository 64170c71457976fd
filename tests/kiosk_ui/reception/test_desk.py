"""The front desk's day in a real browser: who waits, who nobody accepted, search, check-in, files that may be one."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from contracts.floor_api import LinkView
from contracts.gateway_api import Explanation, TurnCandidate, TurnDecision, VisitView
from contracts.identity_api import FoundCustomer, PartyMember
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.desk import a_merge
from tests.kiosk_ui.floors import consultant, served, visit
from tests.kiosk_ui.reception.test_reception import signed_in
from tests.kiosk_ui.samples import a_customer, in_two_projects
from tests.support.processes import until

pytestmark = pytest.mark.browser

FREE = consultant("王芳", "free", place=1)
BUSY = consultant("李明", "serving", place=2)


def waiting(minutes: float = 3, **fields: Any) -> VisitView:
    return visit(minutes, now=utc_now(), **fields)


def with_floor(screens: Screens, *parties: VisitView, **fields: Any) -> Screen:
    """The desk, signed in, with these parties waiting and two consultants."""
    desk = signed_in(screens)
    screens.office.show_floor(waiting=list(parties), rota=[FREE, BUSY], **fields)
    expect(desk.at("count-waiting")).to_have_text(str(len(parties)))
    expect(desk.at("count-serving")).to_have_text(str(len(fields.get("serving", ()))))
    return desk


def typed(desk: Screen, name: str, text: str) -> None:
    desk.page.locator(f'input[data-test="{name}"], [data-test="{name}"] input').first.fill(text)


def searched(desk: Screen, text: str) -> None:
    typed(desk, "search", text)
    desk.page.locator('input[data-test="search"], [data-test="search"] input').first.press("Enter")


def two_files(screens: Screens) -> tuple[FoundCustomer, FoundCustomer]:
    first = FoundCustomer(customer=a_customer(name="王**", phone="139****6688"), reasons=["name", "initials"])
    second = FoundCustomer(customer=a_customer(name="汪**", phone="137****0021", owner_name="王芳"), reasons=["pinyin"])
    screens.office.desk.found = [first, second]
    return first, second


# ---- parties
def test_a_party_that_arrives_is_on_the_list_at_once_with_its_wait(screens: Screens) -> None:
    desk = with_floor(screens, waiting(number=12, party_size=3))
    row = desk.at("visit-row")
    expect(row).to_contain_text("12")
    expect(row).to_contain_text("陈**")
    expect(row).to_contain_text("3 位")
    expect(row).to_contain_text(re.compile(r"[3-9]:\d\d"))


def test_the_list_says_who_is_being_called(screens: Screens) -> None:
    party = waiting(state="offered")
    called = consultant("赵磊", "offered", place=1, visit_id=party.visit_id)
    desk = signed_in(screens)
    screens.office.show_floor(waiting=[party], rota=[called])
    expect(desk.at("visit-row")).to_contain_text("正在呼叫赵磊")


def test_a_party_keeps_its_row_while_others_come_and_go(screens: Screens) -> None:
    first, second, third = (waiting(9 - n, number=n) for n in (1, 2, 3))
    desk = with_floor(screens, first, second)
    desk.at("visit-open").nth(1).focus()
    screens.office.show_floor(waiting=[second, third])
    expect(desk.at("visit-row")).to_have_count(2)
    expect(desk.at("visit-open").nth(0)).to_be_focused()
    expect(desk.at("visit-row").nth(1)).to_contain_text("3")


def test_who_is_received_and_who_has_left_have_lists_of_their_own(screens: Screens) -> None:
    over = waiting(30, state="closed", closed_at=utc_now() - timedelta(seconds=1), close_reason="toured")
    screens.office.desk.closed = [over]
    desk = with_floor(screens, serving=[served("李明", 12, now=utc_now())])
    desk.at("list-serving").click()
    expect(desk.at("row-with")).to_have_text("李明")
    desk.at("list-left").click()
    expect(desk.at("rows-left").locator('[data-test="visit-row"]')).to_contain_text("已参观")


# ---- calls
def test_a_party_nobody_accepted_stands_on_top_with_who_was_asked(screens: Screens) -> None:
    party = waiting(4, number=8, escalation="reception")
    asked = TurnCandidate(consultant_id=uuid7(), name="赵磊", place=1, outcome="skipped", reason="already_asked")
    turn = TurnDecision(decided_at=utc_now(), offer_id=None, rule="rota.reception", uses_turn=False, candidates=[asked])
    screens.office.desk.explanations[party.visit_id] = Explanation(visit_id=party.visit_id, verdicts=[], turns=[turn])
    desk = with_floor(screens, party)
    expect(desk.at("call-title")).to_have_text("无人应接：8 号 陈**")
    expect(desk.at("call-words")).to_contain_text("已问过：赵磊")


def test_a_call_is_answered_with_a_consultant_and_a_reason(screens: Screens) -> None:
    party = waiting(4, escalation="reception")
    desk = with_floor(screens, party)
    desk.at("call-give").click()
    desk.at("give-confirm").click()
    expect(desk.at("call")).to_have_count(0)
    ((visit_id, request),) = screens.office.desk.assigned
    assert (visit_id, request.consultant_id, request.reason) == (party.visit_id, FREE.consultant_id, "无人应接")


def test_a_call_that_the_desk_shows_is_confirmed(screens: Screens) -> None:
    party = waiting(4, escalation="reception")
    desk = with_floor(screens, party)
    alert = screens.office.alert(kind="unanswered", visit_id=party.visit_id, step="reception")
    expect(desk.at("call")).to_be_visible()
    until(lambda: (alert.alert_id, "shown") in confirmed(screens), seconds=15, what="the desk to confirm the call")
    assert (alert.alert_id, "read") not in confirmed(screens)


def confirmed(screens: Screens) -> list[tuple[str, str]]:
    return [(item.alert_id, item.stage) for receipts in screens.office.receipts for item in receipts.items]


def test_another_reason_is_asked_for_in_words(screens: Screens) -> None:
    desk = with_floor(screens, waiting())
    desk.at("row-assign").click()
    desk.at("give-why-other").click()
    desk.at("give-confirm").click()
    expect(desk.at("give-error")).to_contain_text("原因")
    typed(desk, "give-more", "约好的看房")
    desk.at("give-confirm").click()
    expect(desk.at("give-dialog")).to_have_count(0)
    assert screens.office.desk.assigned[0][1].reason == "约好的看房"


def test_a_colleagues_customer_is_handed_over(screens: Screens) -> None:
    party = served("李明", 5, now=utc_now(), consultant_id=BUSY.consultant_id)
    desk = with_floor(screens, serving=[party])
    desk.at("list-serving").click()
    desk.at("visit-open").click()
    desk.at("hand-over").click()
    desk.at("give-confirm").click()
    expect(desk.at("course-with")).to_have_text("王芳")
    ((_, request),) = screens.office.desk.handed_over
    assert (request.consultant_id, request.reason) == (FREE.consultant_id, "同事的客户")


# ---- people who join, leave, or are no customers
def opened(screens: Screens, party: VisitView) -> Screen:
    desk = with_floor(screens, party)
    desk.at("visit-open").click()
    expect(desk.at("visit-panel")).to_be_visible()
    return desk


def test_late_joiners_make_the_party_larger(screens: Screens) -> None:
    desk = opened(screens, waiting(party_size=2))
    desk.at("join").click()
    desk.at("join-more").click()
    desk.at("join-confirm").click()
    expect(desk.at("visit-row")).to_contain_text("4 位")


def test_a_party_that_left_is_among_those_who_left(screens: Screens) -> None:
    desk = opened(screens, waiting())
    desk.at("depart").click()
    desk.at("depart-confirm").click()
    expect(desk.at("count-waiting")).to_have_text("0")
    expect(desk.at("count-left")).to_have_text("1")


def test_a_courier_is_marked_with_a_reason_and_taken_back(screens: Screens) -> None:
    desk = opened(screens, waiting())
    desk.at("mark").click()
    desk.at("mark-why-courier").click()
    desk.at("mark-confirm").click()
    desk.at("list-left").click()
    expect(desk.at("rows-left").locator('[data-test="visit-row"]')).to_contain_text("快递")
    desk.at("unmark").click()
    expect(desk.at("count-waiting")).to_have_text("1")
    expect(desk.at("count-left")).to_have_text("0")


def test_people_at_the_door_are_taken_out_of_the_count_and_put_back(screens: Screens) -> None:
    desk = signed_in(screens)
    desk.at("door-open").click()
    desk.at("door-more").click()
    desk.at("mark-why-cleaner").click()
    desk.at("door-confirm").click()
    expect(desk.at("door-dialog")).to_have_count(0)
    assert [(m.people, m.reason) for m in screens.office.desk.marked] == [(2, "cleaner")]
    desk.at("door-open").click()
    desk.at("door-undo").click()
    expect(desk.at("door-marked")).to_have_count(0)
    assert screens.office.desk.marked[0].undone


# ---- search
def test_the_search_field_has_the_focus_and_enter_finds_and_opens(screens: Screens) -> None:
    first, _ = two_files(screens)
    desk = signed_in(screens)
    expect(desk.page.locator(".r-search input")).to_be_focused()
    desk.page.keyboard.type("wx")
    desk.page.keyboard.press("Enter")
    expect(desk.at("found-row").nth(0)).to_contain_text("首字母")
    expect(desk.at("found-open").nth(0)).to_be_focused()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.at("found-open").nth(1)).to_be_focused()
    desk.page.keyboard.press("ArrowUp")
    desk.page.keyboard.press("Enter")
    expect(desk.at("file-phone")).to_have_text(first.customer.phone)
    assert screens.office.desk.searched == ["wx"]


def test_a_file_says_whose_customer_they_are_in_each_project(screens: Screens) -> None:
    screens.office.desk.found = [FoundCustomer(customer=in_two_projects(), reasons=["name"])]
    desk = signed_in(screens)
    searched(desk, "6688")
    expect(desk.at("found-row")).to_contain_text("湖岸一期：李明；云栖山境：暂无归属")
    desk.at("found-open").click()
    expect(desk.at("course-owner")).to_have_text(["李明", "暂无归属"])
    expect(desk.at("file-panel")).to_contain_text("归属顾问 · 云栖山境")


def test_escape_goes_back_step_by_step_to_the_search_field(screens: Screens) -> None:
    two_files(screens)
    desk = signed_in(screens)
    searched(desk, "6688")
    desk.at("found-open").nth(0).click()
    expect(desk.at("file-panel")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.at("found-row")).to_have_count(2)
    desk.page.keyboard.press("Escape")
    expect(desk.at("found-row")).to_have_count(0)
    expect(desk.page.locator(".r-search input")).to_be_focused()


@pytest.mark.parametrize(("code", "words"), [("unreadable_search", "后四位"), ("too_many_lookups", "一分钟")])
def test_a_search_that_cannot_be_made_says_why(screens: Screens, code: str, words: str) -> None:
    screens.office.desk.search_problem = code
    desk = signed_in(screens)
    searched(desk, "12")
    expect(desk.at("search-complaint")).to_contain_text(words)


def test_nobody_found_offers_to_check_in(screens: Screens) -> None:
    desk = signed_in(screens)
    searched(desk, "13900116688")
    desk.at("found-check-in").click()
    expect(desk.at("checkin-dialog")).to_be_visible()


def test_a_file_shows_visits_and_party_and_reveals_a_number_to_the_receptionist(screens: Screens) -> None:
    first, second = two_files(screens)
    screens.office.desk.closed = [waiting(90, customer=first.customer, state="closed", closed_at=utc_now())]
    spouse = PartyMember(customer=second.customer, relation="spouse", linked_at=utc_now(), linked_by="何静")
    screens.office.desk.party = [spouse]
    desk = signed_in(screens)
    searched(desk, "wang")
    desk.at("found-open").nth(0).click()
    expect(desk.at("past-visit")).to_have_count(1)
    expect(desk.at("file-party")).to_contain_text("配偶")
    desk.at("reveal").click()
    expect(desk.at("file-phone")).to_contain_text("2345")
    assert screens.office.revealed == [first.customer.customer_id]
    desk.at("past-visit").click()
    expect(desk.at("visit-panel")).to_be_visible()


def test_what_is_read_late_of_a_file_takes_no_button_from_under_a_hand(screens: Screens) -> None:
    first, _ = two_files(screens)
    screens.office.desk.closed = [waiting(90, customer=first.customer, state="closed", closed_at=utc_now())]
    screens.office.desk.slow = threading.Event()
    desk = signed_in(screens)
    searched(desk, "wang")
    desk.at("found-open").nth(0).click()
    desk.at("reveal").click()
    expect(desk.at("file-phone")).to_contain_text("2345")
    button = desk.at("file-check-in").element_handle()
    screens.office.desk.slow.set()
    expect(desk.at("past-visit")).to_have_count(1)
    assert button is not None and button.evaluate("one => one.isConnected")
    expect(desk.at("file-phone")).to_contain_text("2345")


# ---- check-in
def test_whom_the_search_found_is_checked_in_without_typing_a_number(screens: Screens) -> None:
    first, _ = two_files(screens)
    desk = signed_in(screens)
    searched(desk, "wang")
    desk.at("found-open").nth(0).click()
    desk.at("file-check-in").click()
    expect(desk.at("checkin-customer")).to_contain_text("139****6688")
    typed(desk, "checkin-agent", "AC1.YQ")
    desk.at("checkin-confirm").click()
    expect(desk.at("checkin-number")).to_have_text("12")
    (request,) = screens.office.requests
    assert (request.customer_id, request.phone, request.agent_code) == (first.customer.customer_id, None, "AC1.YQ")


def test_a_party_without_a_number_is_checked_in_by_keyboard(screens: Screens) -> None:
    desk = signed_in(screens)
    desk.page.keyboard.press("F2")
    expect(desk.page.locator('[data-test="checkin-phone"] input, input[data-test="checkin-phone"]')).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.at("checkin-number")).to_have_text("12")
    (request,) = screens.office.requests
    assert (request.phone, request.party_size, request.purpose, request.asked_for) == (None, 1, "view_home", None)


def test_number_party_purpose_and_consultant_are_sent(screens: Screens) -> None:
    desk = with_floor(screens)
    desk.at("check-in").click()
    typed(desk, "checkin-phone", "139 0011 6688")
    desk.at("party-more").click()
    desk.at("checkin-purpose-contract").click()
    typed(desk, "checkin-asked-for", "王芳")
    desk.page.get_by_role("option", name="王芳").click()
    desk.at("checkin-confirm").click()
    expect(desk.at("checkin-words")).to_contain_text("约 4 分钟")
    (request,) = screens.office.requests
    sent = (request.phone, request.party_size, request.purpose, request.asked_for)
    assert sent == ("+8613900116688", 2, "contract", FREE.consultant_id)


def test_a_wrong_number_is_told_at_the_field(screens: Screens) -> None:
    desk = signed_in(screens)
    desk.at("check-in").click()
    typed(desk, "checkin-phone", "1390011")
    desk.at("checkin-confirm").click()
    expect(desk.at("checkin-error")).to_contain_text("11 位")
    assert screens.office.requests == []


# ---- two files, one person?
def test_the_reception_proposes_that_two_files_are_one(screens: Screens) -> None:
    first, second = two_files(screens)
    desk = signed_in(screens)
    searched(desk, "wang")
    desk.at("found-open").nth(0).click()
    desk.at("merge-open").click()
    expect(desk.at("merge-kept")).to_contain_text("139****6688")
    expect(desk.at("merge-merged")).to_contain_text("137****0021")
    desk.at("merge-confirm").click()
    expect(desk.at("merge-error")).to_contain_text("原因")
    typed(desk, "merge-reason", "出示了两个号码")
    desk.at("merge-confirm").click()
    expect(desk.at("merge-dialog")).to_have_count(0)
    (request,) = screens.office.desk.merge_requests.values()
    assert (request.kept_id, request.merged_id) == (first.customer.customer_id, second.customer.customer_id)


def test_only_a_manager_decides_a_merge(screens: Screens) -> None:
    merge = a_merge(kept=a_customer(), merged=a_customer(name="汪**"))
    screens.office.desk.merges = [merge]
    desk = signed_in(screens)
    expect(desk.at("merge-card")).to_contain_text("等经理决定")
    expect(desk.at("merge-accept")).to_have_count(0)
    desk.at("sign-out").click()
    manager = signed_in(screens, "M01")
    manager.at("merge-refuse").click()
    typed(manager, "merge-why", "父子两人")
    manager.at("merge-decide").click()
    expect(manager.at("merge-card")).to_have_count(0)
    assert screens.office.desk.merge_decisions == [(merge.merge_id, "refuse", "父子两人")]


# ---- what does not work now
def test_without_head_office_the_page_says_what_goes_on(screens: Screens) -> None:
    alone = LinkView(configured=True, online=False, pending=17, last_ack_at=utc_now())
    desk = with_floor(screens, link=alone)
    expect(desk.at("banner-alone")).to_contain_text("待发送 17 条")
    expect(desk.at("banner-alone")).to_contain_text("照常")


def test_without_the_gateway_the_page_says_to_write_it_down_and_goes_on_afterwards(screens: Screens) -> None:
    desk = with_floor(screens, waiting())
    screens.office.down = True
    expect(desk.at("banner-cut")).to_contain_text("用纸记下")
    expect(desk.at("visit-row")).to_have_count(1)
    screens.office.down = False
    expect(desk.at("banner-cut")).to_have_count(0)


def test_targets_of_the_desk_are_large_enough_for_a_finger(screens: Screens) -> None:
    desk = with_floor(screens, *(waiting(n, number=n, escalation="reception") for n in (1, 2)))
    desk.at("visit-open").nth(0).click()
    expect(desk.at("visit-panel")).to_be_visible()
    sizes = desk.page.eval_on_selector_all(
        "button", "all => all.filter(b => b.offsetParent).map(b => [b.dataset.test, b.offsetWidth, b.offsetHeight])"
    )
    assert [name for name, width, height in sizes if min(width, height) < 44] == []
