"""What is held before a serial reader becomes evidence of the visit: real lines, agent, broker and gateway."""

import os
import select
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.ids import uuid7
from contracts.values import utc_now
from edge_agent.devices.id_card_frames import FIND, READ, SELECT
from gateway.keys import Keys
from tests.edge_agent.devices import fixture
from tests.edge_agent.support import Wire
from tests.support.office import Office
from tests.support.processes import until

pytestmark = pytest.mark.timeout(120)
CARD = fixture("id_reader")
PHONE = "13800112345"


class CardReader:
    """Answers as the reader does while a card lies on it, and while none does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.lies_there = threading.Event()
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        said = {name: bytes.fromhex(data) for name, data in CARD["exchange"].items()}
        there = {FIND: said["found"], SELECT: said["selected"], READ: bytes.fromhex(CARD["card"]["answer"])}
        while not self.stopping.is_set():
            if select.select([self._wire.master], [], [], 0.05)[0]:
                question = self._wire.read()
                os.write(self._wire.master, there.get(question, b"") if self.lies_there.is_set() else said["no_card"])

    def stop(self) -> None:
        self.stopping.set()
        self._thread.join(5)


class Hall:
    """A kiosk with a code reader, and a reception with a card reader."""

    def __init__(self, office: Office, codes: Wire, cards: CardReader, desk: httpx.Client) -> None:
        self.office, self.codes, self.cards, self.desk = office, codes, cards, desk

    def lying(self, screen: httpx.Client) -> Any:
        return until(lambda: screen.get("/v1/readings").json()["items"], seconds=15, what="a reading", every=0.1)[0]

    def post(self, screen: httpx.Client, path: str, body: dict[str, Any]) -> Any:
        answer = screen.post(path, json=body, headers={"Idempotency-Key": uuid7()})
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    office = Office(tmp_path, with_central=False)
    codes, cards = Wire(tmp_path / "tty-codes"), Wire(tmp_path / "tty-cards")
    reader = CardReader(cards)
    try:
        office.write_configs()
        with (tmp_path / "gateway.toml").open("a") as file:
            file.write(f'[devices.desk-1]\nrole = "reception"\ntoken_sha256 = "{sha256(b"desk-token").hexdigest()}"\n')
        office.start_broker()
        office.start_gateway()
        key = Keys.load_or_create(tmp_path / "gateway.keys").reader_key
        beside = f'gateway_key = "{key}"\n'
        office.write_agent_config(
            f'[[devices]]\nid = "codes"\ndriver = "serial_reader"\nurl = "{codes.path}"\nscreen = "kiosk-1"\n{beside}'
            f'[[devices]]\nid = "cards"\ndriver = "id_reader"\nurl = "{cards.path}"\nscreen = "reception"\n'
            f"poll_seconds = 0.2\nagain_seconds = 0\n{beside}"
        )
        office.start_agent()
        with office.client("desk-token") as desk:
            until(lambda: known(desk) >= {"cards", "codes"}, seconds=20, what="both readers to be known", every=0.1)
            yield Hall(office, codes, reader, desk)
    finally:
        reader.stop()
        office.stop()


def test_a_booked_visitors_code_and_card_are_evidence_of_their_visit(hall: Hall) -> None:
    booked = {"phone": PHONE, "name": "赵小云", "at": (utc_now() + timedelta(minutes=30)).isoformat()}
    booking = hall.post(hall.desk, "/v1/bookings", booked)
    hall.codes.write(booking["code"].encode() + b"\r\n")
    with hall.office.kiosk() as kiosk:
        read = hall.lying(kiosk)
        assert (read["kind"], read["text"]) == ("code", booking["code"])
        found = hall.post(kiosk, "/v1/booking-codes", {"code": read["text"]})
        arrived = hall.post(kiosk, "/v1/booking-checkins", {"booking_id": found["booking_id"]})
        assert kiosk.delete(f"/v1/readings/{read['reading_id']}").status_code == 204

    told = hall.desk.get(f"/v1/visits/{arrived['visit_id']}/explanation").json()
    [step] = [step for step in told["steps"] if step["rule"] == "booking_code"]
    assert step["facts"]["booking_id"] == booking["booking_id"]
    assert [s["facts"]["signal"]["kind"] for s in told["steps"] if "signal" in s["facts"]] == ["qr"]

    hall.cards.lies_there.set()
    card = hall.lying(hall.desk)
    hall.cards.lies_there.clear()
    assert (card["kind"], card["number_masked"], card["customers"]) == ("id_card", "33************1236", [])
    visitor = hall.desk.get(f"/v1/visits/{arrived['visit_id']}").json()["customer"]["customer_id"]
    hall.post(hall.desk, f"/v1/readings/{card['reading_id']}/id-number", {"customer_id": visitor})
    named = until(lambda: again(hall), seconds=15, what="the card to name the visitor", every=0.1)
    assert named == [visitor]

    for file in (*hall.office.folder.glob("*.db*"), *hall.office.folder.glob("*.log")):
        assert CARD["card"]["number"].encode() not in file.read_bytes(), file.name


def known(desk: httpx.Client) -> set[str]:
    return {device["device"] for node in desk.get("/v1/nodes").json() for device in node["devices"]}


def again(hall: Hall) -> list[str]:
    """Whose card it is, once it was laid there again."""
    hall.cards.lies_there.set()
    items = hall.desk.get("/v1/readings").json()["items"]
    return [file["customer_id"] for item in items for file in item["customers"]][:1]
