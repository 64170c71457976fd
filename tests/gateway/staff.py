"""People who work at the test's office."""

from contracts.ids import uuid7
from contracts.rest import Roster, RosterEntry
from tests.support.pins import quick_hash

PIN = "2468"


def entry(staff_no: str, name: str, role: str = "consultant", *, person_id: str | None = None) -> RosterEntry:
    return RosterEntry.model_validate(
        {
            "person_id": person_id or uuid7(),
            "staff_no": staff_no,
            "name": name,
            "role": role,
            "pin_hash": quick_hash(PIN),
        }
    )


def roster(people: list[RosterEntry], *, version: int = 1) -> Roster:
    return Roster(office="yunqi", version=version, people=people)
