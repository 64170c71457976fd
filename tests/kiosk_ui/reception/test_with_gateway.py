"""The desk with the real gateway behind it: found by initials, checked in, given to a consultant."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contracts.ids import uuid7
from tests.kiosk_ui.conftest import Screen
from tests.kiosk_ui.reception.test_desk import searched
from tests.kiosk_ui.reception.test_reception import sign_in
from tests.support.browser import chromium
from tests.support.office import Office
from tests.support.processes import until

pytestmark = pytest.mark.browser


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Central, gateway and screens; no broker: nobody comes through a door."""
    opened = Office(tmp_path)
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
