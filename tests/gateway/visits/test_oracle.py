"""Two assemblies that were written apart make the same visits of random days."""

from datetime import timedelta
from random import Random

from gateway.policy import PolicyConfig
from gateway.visits.assembly import assemble
from gateway.visits.merged import Merged
from gateway.visits.signals import Signal
from tests.gateway.oracle_days import DAYS, SEEDS
from tests.gateway.visits.days import ZONE, at, captured, lines, signal
from tests.gateway.visits.oracle import Oracle

KINDS = ("kiosk", "kiosk", "reception", "face", "qr", "button")


def random_day(seed: int) -> list[Signal]:
    """Few parties and whole minutes, so that rules meet at their very boundaries; mornings, or around closing time."""
    dice = Random(seed)
    begin = at(dice.choice(("10:00", "20:20")))
    signals: list[Signal] = []
    arrivals: list[str] = []
    for n in range(dice.randrange(2, 26)):
        moment = begin + timedelta(minutes=dice.randrange(0, 55), seconds=dice.choice((0, 0, 0, 1, 59)))
        what = dice.choices(("crossing", "here", "finish", "joiner", "people", "scout"), (8, 7, 5, 1, 2, 1))[0]
        more: dict[str, object] = {"people": dice.choice((1, 1, 2, 3))}
        if what == "here":
            kind = dice.choice(KINDS)
            arrivals.append(f"s{n:02}")
            more["party"] = None if kind == "button" else dice.choice(("li", "wang", "zhao", None))
        elif what == "people":
            kind = "mark"
            more |= {"reason": dice.choice(("staff", "courier")), "how": dice.choice(("badge", "note"))}
        else:
            kind = "mark" if what == "scout" else what
            more |= {} if kind == "crossing" else {"about": dice.choice(arrivals) if arrivals else "nobody"}
            more["reason"] = dice.choice(("toured", "left", "deal"))
        made = signal(kind, "10:00", id=f"s{n:02}", **more)
        signals.append(made.model_copy(update={"at": moment}))
    return _apart(signals)


def random_merge(seed: int) -> list[Merged]:
    """On every second day two files are found to be one person's within it, and on some of them not to be."""
    dice = Random(-seed - 1)
    since = at(dice.choice(("10:00", "20:20"))) + timedelta(minutes=dice.randrange(0, 40), seconds=30)
    until = dice.choice((None, None, since + timedelta(minutes=dice.randrange(1, 20))))
    return [Merged("li", "wang", since, until)] if seed % 2 else []


def _apart(signals: list[Signal]) -> list[Signal]:
    """At one instant only crossings: the rules say nothing of what else happens at the very same moment."""
    seen: set[object] = set()
    return [s for s in signals if s.kind == "crossing" or (s.at not in seen and not seen.add(s.at))]


def test_both_decide_alike_on_random_days() -> None:
    rules: set[str] = set()
    visits = 0
    for seed in SEEDS:
        signals, merges = random_day(seed), random_merge(seed)
        day = assemble(signals, PolicyConfig(), ZONE, merges=merges)
        counted = captured(day, signals)
        assert (lines(day), counted.net, counted.registered) == Oracle(signals, merges).play(), f"day {seed}"
        rules |= {step.rule for visit in day.visits for step in visit.steps}
        visits += len(day.visits)
    print(f"{DAYS} random days from {SEEDS[0]}, {visits} visits alike")
    assert rules >= {
        "no_earlier_visit",
        "no_number_given",
        "visit_still_open",
        "back_within_step_out_time",
        "earlier_visit_over",
        "finish",
        "late_joiner",
        "non_customer",
        "office_closed",
    }
