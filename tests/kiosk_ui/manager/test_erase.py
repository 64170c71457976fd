"""Erasing a customer who asked for it, at the manager's desk in a real browser."""

import pytest
from playwright.sync_api import expect

from contracts.identity_api import FoundCustomer
from tests.kiosk_ui.conftest import Screen, Screens
from tests.kiosk_ui.manager.test_desk import signed_in, tab
from tests.kiosk_ui.samples import a_customer

pytestmark = pytest.mark.browser


def found(screens: Screens, words: str = "2345") -> Screen:
    desk = signed_in(screens)
    tab(desk, "erase")
    desk.field("erase-search").fill(words)
    desk.at("erase-find").click()
    return desk


def test_a_customer_is_erased_only_once_their_last_digits_are_typed(screens: Screens) -> None:
    other, asked = (FoundCustomer(customer=a_customer(phone=f"138****{end}"), reasons=["name"]) for end in (6688, 2345))
    screens.office.desk.found = [other, asked]
    desk = found(screens)
    desk.at("erase-open").nth(1).click()
    expect(desk.at("erase-dialog")).to_contain_text("无法找回")
    desk.at("erase-go").click()
    desk.field("erase-typed").fill("6688")
    desk.at("erase-go").click()
    expect(desk.at("erase-error")).to_contain_text("2345")
    assert screens.office.desk.erased == []
    desk.field("erase-typed").fill("2345")
    desk.at("erase-go").click()
    expect(desk.at("erase-dialog")).to_have_count(0)
    expect(desk.at("erase-row")).to_have_count(0)
    assert screens.office.desk.erased == [asked.customer.customer_id]


def test_a_customer_without_a_number_is_erased_by_the_word(screens: Screens) -> None:
    screens.office.desk.found = [FoundCustomer(customer=a_customer(phone=""), reasons=["name"])]
    desk = found(screens, "陈")
    desk.at("erase-open").click()
    desk.field("erase-typed").fill("删除")
    desk.at("erase-go").click()
    expect(desk.at("erase-dialog")).to_have_count(0)
    assert len(screens.office.desk.erased) == 1


def test_who_is_not_found_and_what_cannot_be_searched_are_said(screens: Screens) -> None:
    desk = found(screens)
    expect(desk.at("erase-nobody")).to_be_visible()
    screens.office.desk.search_problem = "unreadable_search"
    desk.at("erase-find").click()
    expect(desk.at("erase-complaint")).to_be_visible()
