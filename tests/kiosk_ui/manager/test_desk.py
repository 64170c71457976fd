"""The manager's desk, in a real browser; behind it a stand-in with the gateway's routes and models."""

import pytest
from playwright.sync_api import expect

from contracts.policy import PolicyConfig
from contracts.values import utc_now
from tests.kiosk_ui import floors
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.desk import a_merge
from tests.kiosk_ui.judging_samples import a_dead_letter, a_push, a_receipt, a_verdict, an_appeal, explained, in_pool
from tests.kiosk_ui.samples import COLLEAGUE, PERSON, a_customer

pytestmark = pytest.mark.browser


def signed_in(screens: Screens, staff_no: str = "M01") -> Screen:
    desk = screens.open("/desk", width=1280, height=900)
    desk.page.locator('[data-test="staff-no"] input, input[data-test="staff-no"]').first.fill(staff_no)
    desk.press("2468", pad="pin")
    desk.at("sign-in").click()
    return desk


def tab(desk: Screen, name: str) -> None:
    desk.at(f"tab-{name}").click()
    expect(desk.at(f"tab-{name}")).to_have_attribute("aria-current", "page")


def give_reason(desk: Screen, words: str) -> None:
    desk.page.locator('textarea[data-test="reason"], [data-test="reason"] textarea').first.fill(words)
    desk.at("decide").click()


def a_floor(screens: Screens, **fields: object) -> None:
    screens.office.desk.floor = floors.floor(now=utc_now(), **fields)


def test_only_a_manager_sits_here(screens: Screens) -> None:
    desk = signed_in(screens, "A01")
    expect(desk.at("signin-error")).to_contain_text("顾问平板")


def test_whom_nobody_accepted_comes_first_and_is_assigned_with_a_reason(screens: Screens) -> None:
    now = utc_now()
    calm = floors.visit(9, now=now, number=3)
    nobody = floors.visit(4, now=now, number=7, escalation="manager")
    free, busy = floors.consultant("王芳", "free", place=1), floors.consultant("李明", "serving")
    a_floor(screens, waiting=[calm, nobody], rota=[busy, free])
    desk = signed_in(screens)
    expect(desk.at("count-parties")).to_have_text("1")
    expect(desk.at("party").first).to_contain_text("007")
    desk.at("assign").first.click()
    desk.at(f"assign-to-{free.consultant_id}").click()
    expect(desk.at("assign-then")).to_contain_text("不占用轮次")
    desk.at("decide").click()
    expect(desk.at("reason-error")).to_contain_text("原因")
    give_reason(desk, "客户会说粤语")
    expect(desk.at("count-parties")).to_have_count(0)
    ((visit_id, assignment),) = screens.office.desk.assigned
    assert (visit_id, assignment.consultant_id, assignment.reason) == (
        nobody.visit_id,
        free.consultant_id,
        "客户会说粤语",
    )


def test_nobody_waiting_says_what_will_appear_here(screens: Screens) -> None:
    desk = signed_in(screens)
    expect(desk.at("parties-none")).to_contain_text("无人应接")


def test_a_merge_is_decided_with_what_follows_said_before(screens: Screens) -> None:
    merge = a_merge(kept=a_customer(), merged=a_customer(name="陈*", owner_name=None))
    screens.office.desk.merges = [merge]
    desk = signed_in(screens)
    tab(desk, "merges")
    desk.at("merge-accept").click()
    expect(desk.at("merge-then")).to_contain_text("重新判客")
    give_reason(desk, "证件一致")
    expect(desk.at("merge")).to_have_attribute("data-state", "merged")
    desk.at("merge-end").click()
    give_reason(desk, "是父子两人")
    expect(desk.at("merge")).to_have_attribute("data-state", "ended")
    steps = [(step, reason) for _, step, reason in screens.office.desk.merge_decisions]
    assert steps == [("accept", "证件一致"), ("end", "是父子两人")]


def test_a_merge_that_a_colleague_changed_meanwhile_is_shown_anew(screens: Screens) -> None:
    merge = a_merge(kept=a_customer(), merged=a_customer(name="陈*", owner_name=None))
    screens.office.desk.merges = [merge]
    desk = signed_in(screens)
    tab(desk, "merges")
    desk.at("merge-accept").click()
    screens.office.desk.merges = [merge.model_copy(update={"state": "refused", "revision": 2})]
    give_reason(desk, "证件一致")
    expect(desk.at("toast")).to_contain_text("刚才有人改过")
    expect(desk.at("merge")).to_have_attribute("data-state", "refused")
    assert screens.office.desk.merge_decisions == []


def test_alerts_that_nobody_saw_say_whether_the_tablet_is_awake(screens: Screens) -> None:
    unseen = a_receipt()
    a_floor(screens, unseen=[unseen])
    screens.office.judging.receipts = [unseen, a_receipt(kind="offer", read_at=utc_now())]
    screens.office.judging.dead_letters = [a_dead_letter()]
    desk = signed_in(screens)
    expect(desk.at("count-alerts")).to_have_text("1")
    tab(desk, "alerts")
    expect(desk.at("unseen")).to_contain_text("平板休眠")
    expect(desk.at("receipt")).to_contain_text("已读")
    expect(desk.at("dead-letter")).to_contain_text("内容不符合格式")


def test_the_rules_in_force_say_what_each_number_means(screens: Screens) -> None:
    screens.office.judging.policy = PolicyConfig(offer_seconds=45)
    desk = signed_in(screens)
    tab(desk, "rules")
    expect(desk.at("policy-version")).to_contain_text("第 3 版")
    expect(desk.at("rule-offer_seconds")).to_contain_text("45 秒")
    expect(desk.at("rule-offer_seconds")).to_contain_text("没有应答")


def test_the_chosen_section_survives_a_reload(screens: Screens) -> None:
    desk = signed_in(screens)
    tab(desk, "line")
    desk.page.reload()
    expect(desk.at("tab-line")).to_have_attribute("aria-current", "page")
    expect(desk.at("link")).to_be_visible()


def test_every_button_is_large_enough_for_a_finger(screens: Screens) -> None:
    a_floor(screens, waiting=[floors.visit(4, now=utc_now(), escalation="manager")])
    desk = signed_in(screens)
    expect(desk.at("assign")).to_be_visible()
    for button in desk.page.locator(".d-page button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def appealed(screens: Screens) -> Screen:
    """A consultant has appealed against a verdict that gave the customer to a colleague."""
    verdict = a_verdict()
    screens.office.judging.verdicts = [verdict]
    screens.office.judging.appeals = [an_appeal(visit_id=verdict.visit_id, verdict_id=verdict.verdict_id)]
    screens.office.desk.explanations[verdict.visit_id] = explained(verdict)
    me = floors.consultant("李明", "free", consultant_id=PERSON, place=1)
    a_floor(screens, rota=[me, floors.consultant("王芳", "free", consultant_id=COLLEAGUE)])
    desk = signed_in(screens)
    tab(desk, "appeals")
    expect(desk.at("appeal-verdict")).to_contain_text("王芳")
    return desk


def test_both_sides_evidence_stands_on_one_line_of_time(screens: Screens) -> None:
    desk = appealed(screens)
    expect(desk.at("count-appeals")).to_have_text("1")
    places = [fact.get_attribute("data-place") for fact in desk.at("fact").all()]
    assert places == ["below", "above", "on", "above"]
    expect(desk.at("timeline")).to_contain_text("3 天")


def test_an_appeal_is_upheld_with_what_follows_said_before(screens: Screens) -> None:
    desk = appealed(screens)
    desk.at("appeal-uphold").click()
    expect(desk.at("appeal-then")).to_contain_text("之后归属 李明")
    give_reason(desk, "监控与微信记录属实")
    expect(desk.at("appeal")).to_have_attribute("data-state", "upheld")
    (decision,) = screens.office.judging.appeal_decisions
    assert decision.ruling is not None
    assert (decision.outcome, decision.ruling.owner_id, decision.reason) == ("upheld", PERSON, "监控与微信记录属实")


def test_an_appeal_is_rejected_with_a_reason(screens: Screens) -> None:
    desk = appealed(screens)
    desk.at("appeal-reject").click()
    expect(desk.at("appeal-then")).to_contain_text("判定不变")
    give_reason(desk, "来电在先")
    expect(desk.at("appeals-none")).to_be_visible()
    assert screens.office.judging.appeal_decisions[0].ruling is None


def test_a_departed_owners_customer_goes_to_somebody_with_a_reason(screens: Screens) -> None:
    entry, wang = in_pool(), floors.consultant("王芳", "free")
    screens.office.judging.pool = [entry]
    a_floor(screens, rota=[wang])
    desk = signed_in(screens)
    tab(desk, "pool")
    desk.at("pool-assign").click()
    desk.at(f"pool-to-{wang.consultant_id}").click()
    expect(desk.at("pool-then")).to_contain_text("归属转给 王芳")
    give_reason(desk, "同一户型")
    expect(desk.at("pool-none")).to_be_visible()
    ((customer_id, assignment),) = screens.office.judging.owners
    assert (customer_id, assignment.consultant_id) == (entry.customer.customer_id, wang.consultant_id)


def test_a_push_that_nobody_took_is_sent_again(screens: Screens) -> None:
    screens.office.judging.pushes = [a_push()]
    desk = signed_in(screens)
    tab(desk, "alerts")
    expect(desk.at("push")).to_contain_text("试了 8 次")
    desk.at("push-resend").click()
    expect(desk.at("push")).to_have_count(0)


def test_where_both_sides_changed_one_thing_the_desk_says_which_stands(screens: Screens) -> None:
    desk = signed_in(screens)
    tab(desk, "line")
    expect(desk.at("sync-conflict")).to_contain_text("以总部为准：姓名由总部更正")
