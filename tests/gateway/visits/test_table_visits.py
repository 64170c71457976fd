"""The decision table of visits, from the rules of the business: each case names the rule it shows."""

import pytest

from gateway.policy import PolicyConfig
from gateway.visits.assembly import assemble
from gateway.visits.signals import Signal
from tests.gateway.visits.days import ZONE, about, arrival, door, finish, kiosk, lines, mark, signal

LI, WANG = kiosk("10:05", "li"), kiosk("10:05", "wang")
TWO = kiosk("10:05", "li", 2)
NOBODY = arrival("button", "10:05")


def case(rule: str, name: str, signals: list[Signal], *visits: str) -> object:
    return pytest.param(signals, list(visits), id=f"{rule}: {name}")


DOOR = [
    case("a visit opens at its earliest signal", "no door at all", [LI], "li 1 10:05- here"),
    case("a visit opens at its earliest signal", "the door before", [door("10:03"), LI], "li 1 10:03- here"),
    case(
        "a visit opens at its earliest signal",
        "of three the first",
        [door("10:01"), door("10:02"), TWO],
        "li 2 10:01- here",
    ),
    case("up to 10 minutes before", "exactly 10 minutes", [door("09:55"), LI], "li 1 09:55- here"),
    case("up to 10 minutes before", "one second more", [door("09:54:59"), LI], "li 1 10:05- here"),
    case("kiosk before door", "the door 2 minutes after", [LI, door("10:07")], "li 1 10:05- here"),
    case(
        "kiosk before door",
        "two people, one each side",
        [door("10:04"), TWO, door("10:06"), door("10:07")],
        "li 2 10:04- here",
    ),
    case(
        "of several crossings the latest before",
        "a courier came earlier",
        [door("09:57"), door("10:04"), LI],
        "li 1 10:04- here",
    ),
    case(
        "of several crossings the ones before first",
        "one just after",
        [door("10:00"), LI, door("10:05:01")],
        "li 1 10:00- here",
    ),
    case(
        "one crossing of many people",
        "a report of three",
        [door("10:04", 3), kiosk("10:05", "li", 3)],
        "li 3 10:04- here",
    ),
    case(
        "a person at the door belongs to one visit",
        "one crossing, two parties",
        [door("10:04"), kiosk("10:05", "li"), kiosk("10:06", "wang")],
        "li 1 10:04- here",
        "wang 1 10:06- here",
    ),
    case(
        "a person at the door belongs to one visit",
        "a report of two, two parties",
        [door("10:04", 2), kiosk("10:05", "li"), kiosk("10:06", "wang")],
        "li 1 10:04- here",
        "wang 1 10:04- here",
    ),
    case("door without kiosk", "a count and no visit", [door("10:00", 4)]),
    case("door out", "who leaves opens nothing", [door("10:00", 0)]),
]
TWO_PARTIES = [
    case(
        "two parties at the door at once stay two",
        "two numbers",
        [door("10:04", 2), LI, WANG],
        "li 1 10:04- here",
        "wang 1 10:04- here",
    ),
    case(
        "two parties at the door at once stay two",
        "two tickets without a number",
        [door("10:04", 2), NOBODY, arrival("button", "10:05", id="other")],
        "? 1 10:04- here",
        "? 1 10:04- here",
    ),
    case(
        "two parties at the door at once stay two",
        "a number and a ticket",
        [LI, NOBODY],
        "? 1 10:05- here",
        "li 1 10:05- here",
    ),
    case(
        "two parties at the door at once stay two",
        "two families of 3 and 2, each with its own people",
        [door("10:00", 3), door("10:02", 2), kiosk("10:01", "li", 3), kiosk("10:03", "wang", 2)],
        "li 3 10:00- here",
        "wang 2 10:02- here",
    ),
]
JOINS = [
    case("one party, several signs", "face, then number", [arrival("face", "10:03", "li"), LI], "li 1 10:03- here"),
    case(
        "one party, several signs",
        "QR, ID card and reception",
        [arrival("qr", "10:03", "li"), arrival("id_card", "10:04", "li"), arrival("reception", "10:05", "li")],
        "li 1 10:03- here",
    ),
    case(
        "one party, several signs",
        "two kiosks at the same instant",
        [kiosk("10:05", "li", id="k1"), kiosk("10:05", "li", 3, id="k2")],
        "li 3 10:05- here",
    ),
    case("late joiners join", "reception adds two", [LI, about("joiner", "10:40", LI, people=2)], "li 3 10:05- here"),
    case("late joiners join", "the larger party counts", [LI, kiosk("11:00", "li", 4)], "li 4 10:05- here"),
    case("late joiners join", "a smaller number takes nobody away", [TWO, kiosk("11:00", "li")], "li 2 10:05- here"),
    case(
        "late joiners join",
        "their door does not move the arrival",
        [LI, door("10:38"), about("joiner", "10:40", LI, people=1)],
        "li 2 10:05- here",
    ),
    case(
        "late joiners join",
        "not a visit that is over",
        [LI, finish("10:30", LI), about("joiner", "10:31", LI)],
        "li 1 10:05-10:30 toured",
    ),
    case(
        "known afterwards",
        "a ticket turns out to be li's",
        [NOBODY, about("named", "10:20", NOBODY, party="li")],
        "li 1 10:05- here",
    ),
    case(
        "known afterwards + one party",
        "li's next sign joins it",
        [NOBODY, about("named", "10:20", NOBODY, party="li"), kiosk("10:30", "li")],
        "li 1 10:05- here",
    ),
    case(
        "known afterwards + two parties",
        "somebody else after all: li's next sign is a visit of its own",
        [LI, about("named", "10:20", LI), kiosk("10:30", "li")],
        "? 1 10:05- here",
        "li 1 10:30- here",
    ),
]
STEP_OUT = [
    case(
        "back within 15 minutes",
        "exactly 15 minutes",
        [LI, finish("10:30", LI), kiosk("10:45", "li")],
        "li 1 10:05- here",
    ),
    case(
        "back within 15 minutes",
        "one second more",
        [LI, finish("10:30", LI), kiosk("10:45:01", "li")],
        "li 1 10:05-10:30 toured",
        "li 1 10:45:01- here",
    ),
    case(
        "back within 15 minutes",
        "twice",
        [LI, finish("10:30", LI), kiosk("10:40", "li"), finish("10:50", LI), kiosk("11:05", "li")],
        "li 1 10:05- here",
    ),
    case(
        "back within 15 minutes",
        "counted from when they last left",
        [LI, finish("10:30", LI), kiosk("10:40", "li"), finish("10:50", LI), kiosk("11:05:01", "li")],
        "li 1 10:05-10:50 toured",
        "li 1 11:05:01- here",
    ),
    case(
        "back within 15 minutes",
        "after a deal too",
        [LI, finish("10:30", LI, "deal"), kiosk("10:40", "li")],
        "li 1 10:05- here",
    ),
    case(
        "back within 15 minutes",
        "by face",
        [LI, finish("10:30", LI), arrival("face", "10:40", "li")],
        "li 1 10:05- here",
    ),
    case(
        "back within 15 minutes",
        "back with one more",
        [LI, finish("10:30", LI), kiosk("10:40", "li", 2)],
        "li 2 10:05- here",
    ),
    case(
        "back within 15 minutes",
        "of a ticket without a number nobody knows who is back",
        [NOBODY, finish("10:30", NOBODY), arrival("button", "10:35")],
        "? 1 10:05-10:30 toured",
        "? 1 10:35- here",
    ),
    case(
        "back within 15 minutes + the door's time",
        "through the door in time, at the kiosk 2 minutes late",
        [LI, finish("10:30", LI), door("10:44"), kiosk("10:47", "li")],
        "li 1 10:05- here",
    ),
    case(
        "back within 15 minutes + the door's time",
        "a crossing before they left is not their return",
        [LI, door("10:29"), finish("10:30", LI), kiosk("10:45:01", "li")],
        "li 1 10:05-10:30 toured",
        "li 1 10:45:01- here",
    ),
    case(
        "back within 15 minutes",
        "a face that was wrong: they had left",
        [LI, finish("10:30", LI), arrival("face", "10:40", "li"), about("not_back", "10:42", LI)],
        "li 1 10:05-10:30 toured",
    ),
]
DEPARTURES = [
    case("departure", "the consultant finishes", [LI, finish("10:30", LI)], "li 1 10:05-10:30 toured"),
    case(
        "departure",
        "reception sees them go",
        [LI, about("reception_departure", "10:30", LI, reason="left")],
        "li 1 10:05-10:30 left",
    ),
    case(
        "departure", "a face at the exit", [LI, about("exit_face", "10:30", LI, reason="left")], "li 1 10:05-10:30 left"
    ),
    case(
        "departure",
        "the first of two counts",
        [LI, finish("10:30", LI), about("reception_departure", "10:33", LI, reason="left")],
        "li 1 10:05-10:30 toured",
    ),
    case(
        "departure",
        "somebody else's visit goes on",
        [LI, WANG, finish("10:30", LI)],
        "li 1 10:05-10:30 toured",
        "wang 1 10:05- here",
    ),
    case("departure", "of a visit that never was", [about("finish", "10:30", LI, reason="toured")]),
]
CLOSING = [
    case("closing time", "left open", [LI, door("21:00")], "li 1 10:05-21:00 office_closed"),
    case("closing time", "the last instant before", [LI, finish("20:59:59", LI)], "li 1 10:05-20:59:59 toured"),
    case(
        "closing time",
        "finished at closing is closed by the office",
        [LI, finish("21:00", LI)],
        "li 1 10:05-21:00 office_closed",
    ),
    case(
        "closing time",
        "opened at closing lasts until midnight",
        [kiosk("21:00", "li"), door("23:59:59")],
        "li 1 21:00- here",
    ),
    case(
        "closing time + back within 15 minutes",
        "came back, left open",
        [LI, finish("20:40", LI), kiosk("20:50", "li"), door("21:00")],
        "li 1 10:05-21:00 office_closed",
    ),
    case(
        "closing time + back within 15 minutes",
        "the office's end is not a step out",
        [LI, kiosk("21:05", "li")],
        "li 1 10:05-21:00 office_closed",
        "li 1 21:05- here",
    ),
    case(
        "closing time + late joiner",
        "nobody joins what is closed",
        [LI, about("joiner", "21:00", LI)],
        "li 1 10:05-21:00 office_closed",
    ),
]
NON_CUSTOMERS = [
    case(
        "non-customer",
        "a scout, by note",
        [LI, about("mark", "10:20", LI, reason="scout", how="note")],
        "li 1 10:05-10:20 not_customer",
    ),
    case(
        "non-customer",
        "marked after they left",
        [LI, finish("10:30", LI), about("mark", "10:40", LI, reason="agent")],
        "li 1 10:05-10:30 not_customer",
    ),
    case(
        "non-customer",
        "undone while here",
        [LI, about("mark", "10:20", LI, reason="scout"), about("unmark", "10:25", LI)],
        "li 1 10:05- here",
    ),
    case(
        "non-customer",
        "undone after they left",
        [LI, finish("10:30", LI), about("mark", "10:40", LI, reason="agent"), about("unmark", "10:50", LI)],
        "li 1 10:05-10:30 toured",
    ),
    case(
        "non-customer + closing time",
        "undone when the office was closed",
        [LI, about("mark", "10:20", LI, reason="scout"), about("unmark", "21:10", LI)],
        "li 1 10:05-21:00 office_closed",
    ),
    case(
        "non-customer + back within 15 minutes",
        "the next arrival is judged anew",
        [LI, about("mark", "10:20", LI, reason="scout"), kiosk("10:25", "li")],
        "li 1 10:05-10:20 not_customer",
        "li 1 10:25- here",
    ),
    case("non-customer", "people at the door are no visit", [door("10:00"), mark("10:00", "courier")]),
    case(
        "non-customer + a person belongs to one visit",
        "the courier's crossing is not li's",
        [door("10:04"), mark("10:04", "courier"), LI],
        "li 1 10:05- here",
    ),
    case(
        "non-customer + a person belongs to one visit",
        "undone: the crossing is li's again",
        [door("10:04"), mark("10:04", "courier", id="m"), LI, signal("unmark", "10:30", about="m")],
        "li 1 10:04- here",
    ),
    case(
        "badge",
        "exactly a minute before the door",
        [mark("10:03", "agent", "badge"), door("10:04"), LI],
        "li 1 10:05- here",
    ),
    case(
        "badge",
        "a second more: another's crossing",
        [mark("10:02:59", "agent", "badge"), door("10:04"), LI],
        "li 1 10:04- here",
    ),
    case("mistaken", "a face that was somebody else's", [LI, about("mistaken", "10:06", LI, reason="mistaken")]),
    case(
        "mistaken + a person belongs to one visit",
        "the crossing is free again",
        [door("10:04"), LI, about("mistaken", "10:06", LI, reason="mistaken"), kiosk("10:07", "wang")],
        "wang 1 10:04- here",
    ),
]
LATE = [
    case("late is not live", "a ticket told late opens nothing", [arrival("button", "10:05", late=True)]),
    case(
        "late is not live",
        "a crossing told late still says when they came",
        [door("10:03", late=True), LI],
        "li 1 10:03- here",
    ),
    case(
        "late is not live",
        "a departure told late still ends the visit",
        [LI, about("exit_face", "10:30", LI, reason="left", late=True)],
        "li 1 10:05-10:30 left",
    ),
]


@pytest.mark.parametrize(
    ("signals", "visits"), DOOR + TWO_PARTIES + JOINS + STEP_OUT + DEPARTURES + CLOSING + NON_CUSTOMERS + LATE
)
def test_visits(signals: list[Signal], visits: list[str]) -> None:
    day = assemble(signals, PolicyConfig(), ZONE)
    assert lines(day) == visits
    assert all(visit.steps for visit in day.visits), "no visit without a decision"
