"""Central away: the office does not notice, and afterwards the totals agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import roster_known
from tests.support.devices import ModbusDoor, modbus_toml
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
VISITORS = 40


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Office, ModbusDoor]]:
    office = Office(tmp_path)
    door = ModbusDoor(tmp_path / "tty-door")
    try:
        office.write_configs(modbus_toml("door-main", door.link))
        office.start_broker()
        office.start_central()
        office.provision_central()
        office.start_gateway()
        office.start_agent()
        until(lambda: roster_known(office), seconds=40, what="the roster to arrive")
        until(lambda: door.polls > 0, seconds=20, what="the agent to poll the door")
        yield office, door
    finally:
        door.unplug()
        office.stop()


def test_a_busy_day_without_central_is_complete_afterwards(office: tuple[Office, ModbusDoor]) -> None:
    here, door = office
    here.programs["central"].kill()
    consultant = here.sign_in("A01")
    assert consultant.post("/v1/rota/sign-in").status_code == 200
    contract_fen = 0
    with here.kiosk() as kiosk:
        for n in range(VISITORS):
            door.walk(people_in=2, people_out=1)
            answer = kiosk.post(
                "/v1/checkins",
                json={"phone": f"1380011{n:04d}", "party_size": 2},
                headers={"Idempotency-Key": f"away-visit-{n}"},
            )
            assert answer.status_code == 201, answer.text
            offer = until(lambda: consultant.get("/v1/me").json()["offers"], seconds=10, what="the offer")[0]
            visit = consultant.post(f"/v1/offers/{offer['offer_id']}/accept").json()
            if n % 10 == 0:
                contract_fen += 100_000_00 + n
                sale = {
                    "customer_id": visit["customer"]["customer_id"],
                    "kind": "contract",
                    "amount_fen": 100_000_00 + n,
                    "visit_id": visit["visit_id"],
                }
                made = consultant.post("/v1/sales", json=sale, headers={"Idempotency-Key": f"away-sale-{n}"})
                assert made.status_code == 201, made.text
            assert consultant.post(f"/v1/visits/{visit['visit_id']}/finish", json={}).status_code == 200
    with here.client(here.tokens["board"]) as board:
        floor = until(
            lambda: (f := board.get("/v1/floor").json())["count_in"] == door.total_in and f,
            seconds=20,
            what="the office itself to have counted everyone",
        )
    assert floor["link"]["online"] is False
    assert floor["link"]["pending"] > VISITORS

    here.programs["gateway"].kill()
    here.programs["gateway"].start()
    here.programs["central"].start()

    with here.headquarters() as hq:
        today = until(
            lambda: (
                (t := hq.get("/v1/overview").json()["offices"][0]["today"])["count_in"] == door.total_in
                and t["contracts"] == VISITORS // 10
                and t
            ),
            seconds=60,
            what="central to know the whole day",
            every=0.2,
        )
    assert today["count_out"] == door.total_out
    assert today["visits"] == VISITORS == floor["first_visits"]
    assert today["registered_people"] == 2 * VISITORS
    assert today["contract_fen"] == contract_fen
