"""Counters that tell what passed in an interval, through a whole office: kill -9 counts nobody twice and loses nobody.

A LoRaWAN counter's frames come through the office's broker, which brings again what was not acknowledged; an area
counter pushes by HTTP and sends again what was not answered. The agent is killed while both pour in.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import ledger
from tests.support.devices import mqtt_client
from tests.support.office import Office
from tests.support.processes import free_port, until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
EUI, TOPIC, SECRET = "24e124792d000001", "application/counters/device/24e124792d000001/event/up", "of-the-side-door"
REPORTS, KILLS = 240, 3
CROWD = "max_per_second = 1000\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path, with_central=False)
    yield office
    office.stop()


def tables(folder: Path, port: int) -> str:
    secret = folder / "side.secret"
    secret.write_text(SECRET)
    lora = f'[[devices]]\nid = "lora"\ndriver = "milesight_vs13x"\ntopic = "{TOPIC}"\ndev_eui = "{EUI}"\n'
    side = f'[[devices]]\nid = "side"\ndriver = "xovis_counter"\n{CROWD}[devices.push]\nsecret_file = "{secret}"\n'
    return f'[listener]\nport = {port}\n{lora}counts = "periods"\n{CROWD}{side}'


def frame(number: int) -> str:
    """One person in, none out, on line 1."""
    data = base64.b64encode(bytes.fromhex("05CC01000000")).decode()
    uplink = {"deviceInfo": {"devEui": EUI}, "devAddr": "00189440", "fCnt": number, "fPort": 85, "data": data}
    return json.dumps({**uplink, "time": f"2026-11-22T09:00:00.{number:09d}Z"})


def push(number: int) -> dict[str, Any]:
    """One person in, none out, in a minute of its own."""
    record = {
        "from": number * 60,
        "to": number * 60 + 60,
        "counts": [{"name": "fw", "value": 1}, {"name": "bw", "value": 0}],
    }
    logic = {"id": 1000, "name": "Side", "records": [record]}
    return {"logics_data": {"package_info": {"id": number}, "logics": [logic]}}


def send_all(port: int) -> None:
    """As the counter does: the next one only when this one is answered with 200."""
    with httpx.Client(headers={"Authorization": f"Bearer {SECRET}"}, timeout=3) as counter:
        for number in range(1, REPORTS + 1):
            while not _sent(counter, port, number):
                time.sleep(0.05)


def _sent(counter: httpx.Client, port: int, number: int) -> bool:
    try:
        return counter.post(f"http://127.0.0.1:{port}/devices/side", json=push(number)).status_code == 200
    except httpx.HTTPError:
        return False


def test_intervals_are_counted_once_through_kills_of_the_agent(office: Office, tmp_path: Path) -> None:
    port = free_port()
    office.write_configs(tables(tmp_path, port))
    office.start_broker()
    office.start_gateway()
    agent = office.start_agent()
    with office.client(office.tokens["board"]) as board:
        publisher = mqtt_client(office.ports["broker"], "network-server")
        until(lambda: _publish(publisher, 1) and _count(board) == 1, seconds=20, what="the first frame", every=0.2)
        pushing = threading.Thread(target=send_all, args=(port,), daemon=True)
        pushing.start()
        for number in range(2, REPORTS + 1):
            _publish(publisher, number)
            time.sleep(0.01)
            if number % (REPORTS // (KILLS + 1)) == 0 and number < REPORTS:
                agent.kill()
                agent.start()
        until(lambda: not pushing.is_alive(), seconds=60, what="every push to be answered")
        until(lambda: _count(board) == 2 * REPORTS, seconds=30, what="everybody, once", every=0.2)
        until(lambda: _all_arrived(office), seconds=20, what="the gateway to have all that the agent accepted")
        assert _count(board) == 2 * REPORTS
        publisher.disconnect()
        publisher.loop_stop()


def _publish(publisher: Any, number: int) -> bool:
    publisher.publish(TOPIC, frame(number), qos=1)
    return True


def _all_arrived(office: Office) -> bool:
    stream, last = ledger.accepted_through(office.folder / "lobby-outbox.db")
    return ledger.committed(office.gateway_db, stream) == last


def _count(board: httpx.Client) -> int:
    return int(board.get("/v1/floor").json()["count_in"])
