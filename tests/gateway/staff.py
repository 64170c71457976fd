"""People who work at the test's office."""

from functools import cache

from contracts.ids import uuid7
from contracts.pins import hash_pin
from contracts.rest import Roster, RosterEntry

PIN = "2468"


@cache
def pin_hash() -> str:
    return hash_pin(PIN)


def entry(staff_no: str, name: str, role: str = "consultant", *, person_id: str | None = None) -> RosterEntry:
    return RosterEntry.model_validate(
        {
            "person_id": person_id or uuid7(),
            "staff_no": staff_no,
            "name": name,
            "role": role,
            "pin_hash": pin_hash(),
        }
    )


def roster(people: list[RosterEntry], *, version: int = 1) -> Roster:
    return Roster(office="yunqi", version=version, people=people)
