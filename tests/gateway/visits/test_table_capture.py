"""The decision table of the capture rate and its alarms: each case names its rule. Figures are people, not parties."""

import pytest

from gateway.policy import PolicyConfig
from gateway.visits.assembly import assemble
from gateway.visits.capture import Capture, alarm
from gateway.visits.signals import Signal
from tests.gateway.visits.days import ZONE, about, arrival, captured, door, finish, kiosk, mark, signal

LI = kiosk("10:05", "li")
FAMILY = kiosk("10:05", "li", 3)


def case(rule: str, name: str, signals: list[Signal], net: int, registered: int, out: str = "") -> object:
    return pytest.param(signals, (net, registered, out), id=f"{rule}: {name}")


CASES = [
    case("registered ÷ counted", "all of a family of three", [door("10:00", 3), FAMILY], 3, 3),
    case("registered ÷ counted", "one of three", [door("10:00", 3), LI], 3, 1),
    case("registered ÷ counted", "nobody counted", [LI], 0, 1),
    case("door without kiosk", "an unregistered party stays a count", [door("10:00", 4)], 4, 0),
    case("net of staff", "a badge", [door("10:00"), mark("10:00", "staff", "badge")], 0, 0, "staff 1"),
    case(
        "net of staff",
        "a badge nobody counted takes nothing out",
        [door("10:00"), mark("09:30", "staff", "badge")],
        1,
        0,
    ),
    case(
        "net of non-customers",
        "a courier by note of reception",
        [door("10:00"), mark("10:08", "courier")],
        0,
        0,
        "non_customers 1",
    ),
    case(
        "net of non-customers",
        "two inspectors of a report of five",
        [door("10:00", 5), mark("10:02", "inspector", people=2), kiosk("10:05", "li", 3)],
        3,
        3,
        "non_customers 2",
    ),
    case(
        "net of non-customers",
        "a party of scouts",
        [door("10:00", 3), FAMILY, about("mark", "10:20", FAMILY, reason="scout")],
        0,
        0,
        "non_customers 3",
    ),
    case(
        "net of non-customers",
        "an agent's scan beside the customer",
        [door("10:04", 2), LI, mark("10:04:30", "agent", "scan")],
        1,
        1,
        "non_customers 1",
    ),
    case(
        "net of non-customers + undone",
        "a party",
        [door("10:00", 3), FAMILY, about("mark", "10:20", FAMILY, reason="scout"), about("unmark", "10:30", FAMILY)],
        3,
        3,
    ),
    case(
        "net of non-customers + undone",
        "a person at the door",
        [door("10:00"), mark("10:00", "cleaner", id="m"), signal("unmark", "10:30", about="m")],
        1,
        0,
    ),
    case(
        "net of re-entries",
        "back after ten minutes",
        [door("10:04"), LI, finish("10:30", LI), door("10:39"), kiosk("10:40", "li")],
        1,
        1,
        "re_entries 1",
    ),
    case(
        "net of re-entries",
        "two of three come back",
        [door("10:00", 3), FAMILY, finish("10:30", FAMILY), door("10:39", 2), kiosk("10:40", "li", 2)],
        3,
        3,
        "re_entries 2",
    ),
    case(
        "net of re-entries + late joiner",
        "back with one more",
        [door("10:04"), LI, finish("10:30", LI), door("10:39", 2), kiosk("10:40", "li", 2)],
        2,
        2,
        "re_entries 1",
    ),
    case(
        "net of re-entries",
        "a face that was wrong: the crossing is somebody else's",
        [
            door("10:04"),
            LI,
            finish("10:30", LI),
            door("10:39"),
            arrival("face", "10:40", "li"),
            about("not_back", "10:42", LI),
        ],
        2,
        1,
    ),
    case(
        "net of re-entries",
        "later than 15 minutes is a visit of its own",
        [door("10:04"), LI, finish("10:30", LI), door("11:00"), kiosk("11:01", "li")],
        2,
        2,
    ),
    case(
        "late joiner",
        "counted where they joined",
        [door("10:04"), LI, door("10:50", 2), about("joiner", "10:51", LI, people=2)],
        3,
        3,
    ),
    case("mistaken", "nobody was there", [door("10:04"), LI, about("mistaken", "10:06", LI, reason="mistaken")], 1, 0),
    case("known afterwards", "a name changes no figure", [door("10:04"), LI, about("named", "10:30", LI)], 1, 1),
    case("late is not live", "a crossing told late corrects the count", [door("10:04", 2, late=True), LI], 2, 1),
]


@pytest.mark.parametrize(("signals", "figures"), CASES)
def test_capture(signals: list[Signal], figures: tuple[int, int, str]) -> None:
    of_day = captured(assemble(signals, PolicyConfig(), ZONE), signals)
    out = {"staff": of_day.staff, "non_customers": of_day.non_customers, "re_entries": of_day.re_entries}
    said = ", ".join(f"{what} {people}" for what, people in out.items() if people)
    assert (of_day.net, of_day.registered, said) == figures


@pytest.mark.parametrize(
    ("net", "registered", "rule"),
    [
        pytest.param(10, 8, "unregistered", id="exactly 10 people, exactly 20 % unregistered"),
        pytest.param(10, 9, None, id="10 people, 10 %"),
        pytest.param(9, 0, None, id="9 people, none registered"),
        pytest.param(35, 28, "unregistered", id="exactly 20 % of 35"),
        pytest.param(35, 29, None, id="one fewer of 35"),
        pytest.param(11, 9, None, id="2 of 11 is less than 20 %"),
        pytest.param(10, 12, "sensor", id="exactly 20 % more registered than 10 counted"),
        pytest.param(10, 11, None, id="10 % more"),
        pytest.param(35, 42, "sensor", id="exactly 20 % more than 35"),
        pytest.param(35, 41, None, id="one fewer than 20 % more"),
        pytest.param(0, 10, "sensor", id="a blind sensor"),
        pytest.param(0, 9, None, id="a blind sensor, too few to tell"),
        pytest.param(0, 0, None, id="an empty hour"),
    ],
)
def test_alarm(net: int, registered: int, rule: str | None) -> None:
    found = alarm(Capture(counted=net, registered=registered), PolicyConfig(), hour=10)
    assert (found.rule if found else None) == rule


def test_the_alarm_reads_the_net_count() -> None:
    busy = Capture(counted=14, staff=2, non_customers=2, registered=8)
    assert busy.net == 10
    found = alarm(busy, PolicyConfig())
    assert found is not None
    assert (found.rule, found.facts["counted"], found.facts["hour"]) == ("unregistered", 10, None)


def test_the_rate_is_at_most_one_and_nothing_without_a_count() -> None:
    assert Capture(counted=10, registered=5).rate == 0.5
    assert Capture(counted=10, registered=12).rate == 1.0
    assert Capture(counted=2, staff=2, registered=1).rate is None
