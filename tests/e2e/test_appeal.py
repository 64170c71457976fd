"""An appeal from the tablet to the manager's desk and back: real gateway, real screens, two browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from contracts.ids import uuid7
from tests.e2e.conftest import Rooms, open_rooms
from tests.e2e.test_walk_in import sign_in_tablet
from tests.support.processes import until

pytestmark = pytest.mark.browser
PHONE = "13800077001"


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    with open_rooms(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def test_an_appeal_filed_on_the_tablet_and_upheld_at_the_desk_is_a_new_verdict_on_the_tablet(rooms: Rooms) -> None:
    office = rooms.office
    with office.sign_in("A02") as colleague:
        call = colleague.post("/v1/calls", json={"phone": PHONE}, headers={"Idempotency-Key": uuid7()})
        assert call.json()["owner"] == "who_took_it", call.text
    tablet = sign_in_tablet(rooms, "A01")
    with office.kiosk() as kiosk:
        answer = kiosk.post("/v1/checkins", json={"phone": PHONE}, headers={"Idempotency-Key": uuid7()})
        assert answer.status_code == 201, answer.text
    at(tablet, "offer-accept").click(timeout=15_000)
    expect(at(tablet, "serving-card")).to_be_visible()

    open_verdict(tablet)
    expect(at(tablet, "verdict-words")).to_contain_text("归属：同事")
    type_into(tablet, "appeal-text", "客户上周就由我接待过，有合影为证")
    at(tablet, "appeal-file").click()
    expect(at(tablet, "verdict").first).to_contain_text("申诉中")
    at(tablet, "dialog-close").click()

    desk = rooms.browser.new_page(viewport={"width": 1280, "height": 900})
    desk.goto(f"{office.screens_url}/desk")
    sign_in(desk, "M01")
    at(desk, "tab-appeals").click()
    expect(at(desk, "appeal")).to_contain_text("有合影为证")
    expect(at(desk, "timeline")).to_contain_text("来电登记")
    at(desk, "appeal-uphold").click()
    expect(at(desk, "appeal-then")).to_contain_text("之后归属 李明")
    type_into(desk, "reason", "合影属实")
    at(desk, "decide").click()
    expect(at(desk, "appeals-none")).to_be_visible()

    open_verdict(tablet)
    expect(at(tablet, "verdict-words")).to_contain_text("归属：我")
    expect(at(tablet, "appeal-state")).to_contain_text("合影属实")
    with office.sign_in("M01") as manager:
        until(lambda: manager.get("/v1/appeals?state=open").json() == [], seconds=5, what="no appeal to be open")
    desk.close()
    tablet.context.close()


def at(page: Page, name: str) -> Locator:
    return page.locator(f'[data-test="{name}"]')


def type_into(page: Page, name: str, words: str) -> None:
    field = f'[data-test="{name}"] :is(input, textarea), :is(input, textarea)[data-test="{name}"]'
    page.locator(field).first.fill(words)


def sign_in(page: Page, staff_no: str) -> None:
    type_into(page, "staff-no", staff_no)
    for digit in "2468":
        page.locator(f'[data-ready] [data-test="pin-{digit}"]').click()
    at(page, "sign-in").click()
    expect(at(page, "my-name")).to_be_visible()


def open_verdict(tablet: Page) -> None:
    at(tablet, "tool-verdicts").click()
    at(tablet, "verdict").first.click()
