"""Identity cards that the reader at the front desk reads."""

from typing import Any

import pytest
from playwright.sync_api import expect

from contracts.ids import uuid7
from contracts.readings_api import Reading
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.reception.test_desk import searched, two_files
from tests.kiosk_ui.reception.test_reception import signed_in
from tests.kiosk_ui.samples import a_customer

pytestmark = pytest.mark.browser


def a_card(**fields: Any) -> Reading:
    told = {"name_masked": "赵**", "number_masked": "33************1236", "at": utc_now(), **fields}
    return Reading.model_validate({"reading_id": uuid7(), "kind": "id_card", **told})


def test_an_identity_card_opens_the_file_it_stands_on(screens: Screens) -> None:
    desk = signed_in(screens)
    screens.office.lay(a_card(customers=[a_customer(name="赵**", phone="139****6688")]))
    expect(desk.at("id-card")).to_contain_text("33************1236")
    desk.at("id-card-open").click()
    expect(desk.at("id-card-note")).to_have_count(0)
    expect(desk.page.get_by_text("139****6688").first).to_be_visible()
    desk.at("id-card-aside").click()
    expect(desk.at("id-card")).to_have_count(0)


def test_an_identity_card_is_noted_on_the_file_that_is_open(screens: Screens) -> None:
    first, _ = two_files(screens)
    desk = signed_in(screens)
    searched(desk, "王")
    desk.at("found-open").first.click()
    card = a_card()
    screens.office.lay(card)
    desk.at("id-card-note").click()
    expect(desk.at("id-card")).to_have_count(0)
    assert screens.office.noted_cards == [(card.reading_id, first.customer.customer_id)]
