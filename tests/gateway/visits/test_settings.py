"""Every number of the visits' rules is a setting; and how long a visit lasted."""

import pytest

from gateway.policy import PolicyConfig
from gateway.visits.assembly import assemble
from gateway.visits.signals import Signal
from tests.gateway.visits.days import ZONE, at, door, finish, kiosk, lines, mark

LI = kiosk("10:05", "li")

SET_OTHERWISE = [
    pytest.param({"checkin_door_minutes": 5}, [door("09:59:59"), LI], "li 1 10:05- here", id="5 minutes to the door"),
    pytest.param(
        {"step_out_minutes": 30},
        [LI, finish("10:30", LI), kiosk("11:00", "li")],
        "li 1 10:05- here",
        id="30 minutes outside",
    ),
    pytest.param({"closing_time": "18:00"}, [LI, door("18:00")], "li 1 10:05-18:00 office_closed", id="closes at six"),
    pytest.param(
        {"badge_door_seconds": 0},
        [mark("10:03:59", "agent", "badge"), door("10:04"), LI],
        "li 1 10:04- here",
        id="a badge at the very second",
    ),
]


@pytest.mark.parametrize(("rules", "signals", "visit"), SET_OTHERWISE)
def test_every_number_is_a_setting(rules: dict[str, object], signals: list[Signal], visit: str) -> None:
    assert lines(assemble(signals, PolicyConfig.model_validate(rules), ZONE)) == [visit]


def test_dwell_is_measured_from_door_to_departure_and_unknown_when_the_office_closed() -> None:
    (measured,) = assemble([door("10:00"), LI, finish("10:30", LI)], PolicyConfig(), ZONE).visits
    (closed,) = assemble([LI], PolicyConfig(), ZONE, until=at("21:00")).visits
    assert measured.dwell is not None
    assert measured.dwell.total_seconds() == 1800
    assert closed.dwell is None
