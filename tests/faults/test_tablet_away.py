"""A tablet that lost its wireless for a minute: it says so, and comes back by itself with nothing lost or doubled."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Rooms, roster_known
from tests.e2e.test_walk_in import sign_in_tablet
from tests.support.browser import chromium
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.browser, pytest.mark.timeout(240)]


def test_an_offer_made_while_the_tablet_was_away_is_there_when_it_returns(tmp_path: Path) -> None:
    office = Office(tmp_path, policy="offer_seconds = 180")
    try:
        office.write_configs()
        office.start_broker()
        office.start_central()
        office.provision_central()
        office.start_gateway()
        office.start_screens()
        until(lambda: roster_known(office), seconds=40, what="the roster to arrive")
        with chromium() as browser:
            tablet = sign_in_tablet(Rooms(office, browser), "A01")
            cut = tablet.context.new_cdp_session(tablet)
            cut.send("Network.enable")
            cut.send(
                "Network.emulateNetworkConditions",
                {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
            )
            with office.kiosk() as kiosk:
                answer = kiosk.post(
                    "/v1/checkins", json={"phone": "13600112345"}, headers={"Idempotency-Key": "while-away-1"}
                )
            assert answer.status_code == 201
            tablet.wait_for_timeout(60_000)
            assert tablet.locator('[data-test="offer-card"]').count() == 0, "the wireless was not really gone"

            cut.send(
                "Network.emulateNetworkConditions",
                {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
            )

            card = tablet.locator('[data-test="offer-card"]')
            expect(card).to_have_count(1, timeout=45_000)
            expect(card).to_contain_text("136****2345")
            tablet.locator('[data-test="offer-accept"]').click()
            expect(tablet.locator('[data-test="serving-card"]')).to_have_count(1, timeout=10_000)
        with office.sign_in("M01") as manager:
            visits = manager.get("/v1/visits").json()
        assert [(v["state"], v["consultant_name"]) for v in visits] == [("serving", "李明")]
    finally:
        office.stop()
