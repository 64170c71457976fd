"""The desk with the real gateway behind it: found by initials, checked in, given to a consultant."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from contracts.ids import uuid7
from tests.kiosk_ui.conftest import Screen
from tests.kiosk_ui.consultant.test_questions import fill
from tests.kiosk_ui.reception.test_desk import searched
from tests.kiosk_ui.reception.test_reception import sign_in
from tests.support.browser import chromium
from tests.support.office import Office
from tests.support.processes import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Central, gateway and screens; no broker: nobody comes through a door."""
    opened = Office(tmp_path_factory.mktemp("office"))
    opened.write_configs()
    try:
        opened.start_central()
        opened.provision_central()
        opened.start_gateway()
        opened.start_screens()
        with opened.client(opened.tokens["board"]) as board:
            until(lambda: board.get("/v1/floor").json()["rota"], seconds=60, what="the roster to arrive")
        yield opened
    finally:
        opened.stop()


def test_found_by_initials_checked_in_and_assigned(office: Office) -> None:
    with office.kiosk() as kiosk:
        body = {"phone": "13900116688", "name": "王小梅"}
        before = kiosk.post("/v1/checkins", json=body, headers={"Idempotency-Key": uuid7()}).json()
    with chromium() as browser:
        desk = Screen(browser.new_page(viewport={"width": 1280, "height": 800}))
        desk.page.goto(f"{office.screens_url}/reception")
        sign_in(desk, "R01")
        desk.at("visit-open").click(timeout=20_000)
        desk.at("depart").click()
        desk.at("depart-confirm").click()
        expect(desk.at("count-left")).to_have_text("1", timeout=20_000)
        searched(desk, "wxm")
        desk.at("found-open").click(timeout=20_000)
        desk.at("file-check-in").click()
        desk.at("checkin-confirm").click()
        expect(desk.at("checkin-number")).to_have_text(str(before["ticket"]["number"]), timeout=20_000)
        desk.at("checkin-close").click()
        desk.at("row-assign").click(timeout=20_000)
        desk.at(f"give-to-{office.person('A01').person_id}").click()
        desk.at("give-confirm").click()
        expect(desk.at("count-serving")).to_have_text("1", timeout=20_000)
    with office.sign_in("M01") as manager:
        visit = manager.get(f"/v1/visits/{before['visit_id']}").json()
    assert (visit["state"], visit["consultant_name"], visit["kind"]) == ("serving", "李明", "first")


def test_who_checked_in_without_a_number_is_given_one(office: Office) -> None:
    with office.kiosk() as kiosk:
        kiosk.post("/v1/checkins", json={}, headers={"Idempotency-Key": uuid7()}).raise_for_status()
    with chromium() as browser:
        desk = Screen(browser.new_page(viewport={"width": 1280, "height": 800}))
        desk.page.goto(f"{office.screens_url}/reception")
        sign_in(desk, "R01")
        desk.at("visit-open").filter(has_text="未留信息").click(timeout=20_000)
        desk.at("add-number").click()
        desk.at("number-save").click()
        expect(desk.at("number-error")).not_to_be_empty()
        fill(desk, "number-phone", "13900117799")
        fill(desk, "number-name", "赵晓兰")
        desk.at("number-save").click()
        expect(desk.at("toast")).to_contain_text("已补登")
        expect(desk.at("visit-panel")).to_contain_text("139****7799")
        expect(desk.at("add-number")).to_have_count(0)
