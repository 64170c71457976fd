"""A staff passage at a real door, badge and gateway: subtracted with its reason, once, whatever is killed."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.edge_agent.support import Wire
from tests.support.devices import ModbusDoor, modbus_toml
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
STAFF = bytes.fromhex("0236324533303836434544303803")
COURIER = bytes.fromhex("0230313030303733344530443203")


class Door:
    """The office's door: a counter, a badge reader beside it, and what the desk reads of both."""

    def __init__(self, office: Office, counter: ModbusDoor, badges: Wire, desk: httpx.Client) -> None:
        self.office, self.counter, self.badges, self.desk = office, counter, badges, desk

    def net(self) -> tuple[int, int, int, int]:
        """Counted, staff, other non-customers, net."""
        total = self.desk.get("/v1/capture").json()["total"]
        return total["counted"], total["staff"], total["non_customers"], total["net"]

    def shows(self, *expected: int) -> None:
        until(lambda: self.net() == expected, seconds=20, what=f"the net count {expected}", every=0.1)

    def reasons(self) -> list[tuple[str, str]]:
        return sorted((mark["reason"], mark["how"]) for mark in self.desk.get("/v1/door/non-customers").json())


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    office = Office(tmp_path, with_central=False)
    counter, badges = ModbusDoor(tmp_path / "tty-door"), Wire(tmp_path / "tty-badge")
    reader = (
        f'[[devices]]\nid = "badge-door"\ndriver = "badge_reader"\nurl = "{badges.path}"\nagain_seconds = 0\n'
        f'key_file = "{tmp_path}/keys/badges.key"\nstaff = ["3808980205"]\n'
        'non_customers = { "01000734E0" = "courier" }\n'
    )
    try:
        office.write_configs(modbus_toml("door-main", counter.link) + reader)
        token = sha256(b"desk-token").hexdigest()
        for role in ("reception", "manager"):
            with (tmp_path / "gateway.toml").open("a") as file:
                file.write(f'[devices.desk-{role}]\nrole = "{role}"\ntoken_sha256 = "{token}"\n')
            token = sha256(b"manager-token").hexdigest()
        office.start_broker()
        office.start_gateway()
        office.start_agent()
        with office.client("desk-token") as desk:
            until(lambda: counter.polls > 0, seconds=20, what="the door to be polled")
            until(lambda: "badge-door" in desk.get("/v1/nodes").text, seconds=20, what="the reader to be known")
            yield Door(office, counter, badges, desk)
    finally:
        office.stop()


def test_a_staff_passage_is_subtracted_once_though_told_twice_and_both_ends_killed(door: Door) -> None:
    door.counter.walk(people_in=3)
    door.shows(3, 0, 0, 3)
    door.badges.write(STAFF)
    door.shows(3, 1, 0, 2)
    door.badges.write(STAFF)  # the same badge a moment later is the same passage

    door.office.programs["gateway"].kill()
    door.badges.write(COURIER)
    outbox = door.office.folder / "lobby-outbox.db"
    until(lambda: b"courier" in _bytes(outbox), seconds=10, what="the courier to be accepted by the node")
    door.office.programs["lobby"].kill()
    door.office.start_gateway()
    door.office.start_agent()

    door.shows(3, 1, 1, 1)
    assert door.reasons() == [("courier", "badge"), ("staff", "badge")]
    assert "62E3086CED" not in door.desk.get("/v1/door/non-customers").text


def _bytes(outbox: Path) -> bytes:
    """What the node has on disk, with SQLite's own log."""
    return b"".join(path.read_bytes() for path in outbox.parent.glob(f"{outbox.name}*"))
