"""A consultant at the tablet, in a real browser; behind it a stand-in with the gateway's routes and models."""

import re

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.conftest import Screen, Screens

pytestmark = pytest.mark.browser


def signed_in(screens: Screens) -> Screen:
    tablet = screens.open("/tablet", width=1280, height=800)
    sign_in(tablet)
    tablet.at("rota-sign-in").click()
    expect(tablet.at("rota-place")).to_be_visible()
    return tablet


def sign_in(tablet: Screen) -> None:
    tablet.page.locator('[data-test="staff-no"] input, input[data-test="staff-no"]').first.fill("A01")
    tablet.press("2468", pad="pin")
    tablet.at("sign-in").click()


def serving_one(screens: Screens) -> Screen:
    tablet = signed_in(screens)
    screens.office.offer()
    tablet.at("offer-accept").click()
    expect(tablet.at("serving-card")).to_be_visible()
    return tablet


def test_a_wrong_pin_is_told_and_the_token_never_reaches_the_page(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800)
    tablet.page.locator('[data-test="staff-no"] input, input[data-test="staff-no"]').first.fill("A01")
    tablet.press("1111", pad="pin")
    tablet.at("sign-in").click()
    expect(tablet.at("signin-error")).to_have_text("工号或密码不正确")
    tablet = signed_in(screens)
    assert "tablet-token" not in tablet.page.content()
    assert "tablet-token" not in tablet.page.url


def test_an_alert_says_who_why_and_what_next(screens: Screens) -> None:
    tablet = signed_in(screens)
    screens.office.offer()
    expect(tablet.at("offer-card")).to_contain_text("138****2345")
    expect(tablet.at("offer-why")).to_contain_text("这是您的客户")
    expect(tablet.at("offer-countdown")).to_have_text(re.compile(r"^(30|29|28|27)$"))
    expect(tablet.at("offer-last-note")).to_contain_text("约好本周末到访")
    expect(tablet.at("next-action")).to_contain_text("已认筹")


def test_the_timeline_goes_on_where_a_page_of_it_ends(screens: Screens) -> None:
    tablet = serving_one(screens)
    expect(tablet.at("timeline")).not_to_contain_text("首次到访")
    tablet.at("timeline-older").click()
    expect(tablet.at("timeline")).to_contain_text("首次到访")
    expect(tablet.at("timeline-older")).to_have_count(0)


def test_accepting_shows_the_customer_and_finishing_frees_me(screens: Screens) -> None:
    tablet = serving_one(screens)
    expect(tablet.at("timeline")).to_contain_text("看了 3 号楼")
    tablet.at("finish").click()
    tablet.at("outcome-deal").click()
    tablet.page.locator('textarea[data-test="finish-note"], [data-test="finish-note"] textarea').first.fill("签了")
    tablet.at("finish-save").click()
    expect(tablet.at("serving-card")).to_have_count(0)
    (finished,) = screens.office.finished
    assert (finished.outcome, finished.note) == ("deal", "签了")
    expect(tablet.at("recent")).to_contain_text("陈女士")


def test_declining_gives_a_reason(screens: Screens) -> None:
    tablet = signed_in(screens)
    screens.office.offer()
    tablet.at("offer-decline").click()
    tablet.at("decline-lunch").click()
    expect(tablet.at("offer-card")).to_have_count(0)
    assert screens.office.declined == ["lunch"]


def test_accepting_too_late_is_told(screens: Screens) -> None:
    tablet = signed_in(screens)
    screens.office.offer()
    expect(tablet.at("offer-accept")).to_be_visible()
    screens.office.me = screens.office.me.model_copy(update={"offers": []})
    tablet.at("offer-accept").click()
    expect(tablet.at("toast")).to_contain_text("晚了一步")
    expect(tablet.at("offer-card")).to_have_count(0)


def test_a_slow_answer_does_not_take_a_newer_alert_away(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800)
    sign_in(tablet)
    expect(tablet.at("link-state")).to_have_attribute("data-state", "online")
    screens.office.me_takes = 1.0
    tablet.at("rota-sign-in").click()
    expect(tablet.at("rota-place")).to_be_visible()
    screens.office.offer()
    expect(tablet.at("offer-card")).to_have_count(1)
    tablet.page.wait_for_timeout(1_500)  # the answer asked for before the alert has come by now
    expect(tablet.at("offer-card")).to_have_count(1)


def test_a_page_rebuilt_from_nothing_shows_the_same(screens: Screens) -> None:
    tablet = serving_one(screens)
    screens.office.offer(kind="first")
    expect(tablet.at("offer-card")).to_have_count(1)
    tablet.page.reload()
    expect(tablet.at("offer-card")).to_have_count(1)
    expect(tablet.at("serving-card")).to_have_count(1)
    expect(tablet.at("my-name")).to_have_text("李明")


def test_a_cut_stream_reconnects_without_losing_or_doubling(screens: Screens) -> None:
    tablet = signed_in(screens)
    expect(tablet.at("link-state")).to_have_attribute("data-state", "online")
    before = screens.office.streams
    screens.office.cut()
    screens.office.offer()
    expect(tablet.at("offer-card")).to_have_count(1, timeout=8_000)
    expect(tablet.at("link-state")).to_have_attribute("data-state", "online", timeout=8_000)
    assert screens.office.streams == before + 1


def test_silence_shows_as_offline(screens: Screens) -> None:
    tablet = screens.open("/tablet", width=1280, height=800, own=True)
    tablet.page.clock.install()
    sign_in(tablet)
    expect(tablet.at("link-state")).to_have_attribute("data-state", "online")
    screens.office.silent = True
    tablet.page.wait_for_timeout(600)
    tablet.page.clock.fast_forward(13_000)
    expect(tablet.at("link-state")).to_have_attribute("data-state", "offline")


def test_the_number_is_shown_only_on_request(screens: Screens) -> None:
    tablet = serving_one(screens)
    expect(tablet.at("customer-phone")).to_have_text("138****2345")
    assert screens.office.revealed == []
    tablet.at("reveal").click()
    expect(tablet.at("customer-phone")).to_have_text("13800112345")
    assert len(screens.office.revealed) == 1


def test_a_sale_is_entered_in_yuan_and_sent_in_fen_once(screens: Screens) -> None:
    tablet = serving_one(screens)
    tablet.at("sale").click()
    tablet.at("sale-subscription").click()
    amount = tablet.page.locator('input[data-test="sale-amount"], [data-test="sale-amount"] input').first
    amount.fill("五万")
    tablet.at("sale-save").click()
    expect(tablet.at("sale-error")).to_have_text("金额只能是数字")
    amount.fill("50,000")
    screens.office.down = True
    tablet.at("sale-save").click()
    expect(tablet.at("toast")).to_contain_text("网络不通")
    screens.office.down = False
    tablet.at("sale-save").click()
    expect(tablet.at("sale-dialog")).to_have_count(0)
    (sale,) = screens.office.facts.values()
    assert (sale.kind, sale.amount_fen) == ("subscription", 5_000_000)


def test_away_and_back(screens: Screens) -> None:
    tablet = signed_in(screens)
    tablet.at("rota-lunch").click()
    tablet.at("minutes-30").click()
    tablet.at("away-confirm").click()
    expect(tablet.at("rota-state")).to_have_text("暂离")
    tablet.at("rota-back").click()
    expect(tablet.at("rota-state")).to_have_text("空闲")


def test_one_persons_alert_never_shows_on_a_tablet_that_is_signed_out(screens: Screens) -> None:
    signed_in(screens)
    other = screens.open("/tablet", width=1280, height=800, own=True)
    screens.office.offer()
    expect(other.at("signin")).to_be_visible()
    expect(other.at("offer-card")).to_have_count(0)


def test_editing_without_revealing_keeps_the_name(screens: Screens) -> None:
    tablet = serving_one(screens)
    tablet.at("edit-customer").click()
    expect(tablet.field("edit-name")).to_have_value("")
    tablet.field("edit-needs").fill("三房，湖景")
    tablet.at("edit-save").click()
    expect(tablet.at("customer-needs")).to_contain_text("三房，湖景")
    assert screens.office.patches == [{"needs": "三房，湖景", "tags": ["学区", "近地铁"]}]


def test_an_edit_on_what_somebody_changed_meanwhile_is_told(screens: Screens) -> None:
    tablet = serving_one(screens)
    tablet.at("edit-customer").click()
    (visit,) = screens.office.me.serving
    assert visit.customer is not None
    screens.office.customers[visit.customer.customer_id] = visit.customer.model_copy(update={"edition": "2"})
    tablet.field("edit-needs").fill("四房")
    tablet.at("edit-save").click()
    expect(tablet.page.get_by_text("刚才有人改过")).to_be_visible()
    assert screens.office.patches == []
