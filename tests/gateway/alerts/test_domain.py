"""Who is told what: a table written from domain.md and design.md, each case naming its rule."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gateway_api import TurnCandidate
from gateway.alerts.domain import Arrival, Raised, Turn, is_live, is_over, of_arrival, of_turn, stages_up_to
from gateway.policy import PolicyConfig
from tests.gateway.people import uid

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
TICK = timedelta(microseconds=1)
DEFAULT = PolicyConfig()
OWNER, MANAGERS = uid("o"), "manager"


def told(raised: tuple[Raised, ...]) -> list[tuple[str, str]]:
    """(kind, to whom) in a fixed order."""
    return sorted((one.kind, one.recipient.person_id or one.recipient.role) for one in raised)


@dataclass(frozen=True)
class Case:
    rule: str
    facts: dict[str, Any]
    expected: list[tuple[str, str]]
    policy: PolicyConfig = field(default_factory=PolicyConfig)


def silent(**span: float) -> dict[str, Any]:
    return {"last_contact_at": NOW - timedelta(**span), "owner_id": OWNER}


VIP = {"tags": frozenset({"VIP"}), "owner_id": OWNER}
LONG = [("silent_return", OWNER)]
ARRIVALS = [
    Case("a returning VIP: owner and managers", VIP, [("vip_return", MANAGERS), ("vip_return", OWNER)]),
    Case("a VIP without an owner: managers", {"tags": frozenset({"VIP"})}, [("vip_return", MANAGERS)]),
    Case("a VIP's first visit is no return", VIP | {"returning": False}, []),
    Case(
        "the tag in another case is the tag",
        VIP | {"tags": frozenset({"vip"}), "owner_id": None},
        [("vip_return", MANAGERS)],
    ),
    Case("贵宾 is a VIP", {"tags": frozenset({"贵宾"})}, [("vip_return", MANAGERS)]),
    Case("another tag is none", VIP | {"tags": frozenset({"VIPs"})}, []),
    Case(
        "which tags: setting",
        {"tags": frozenset({"老板"})},
        [("vip_return", MANAGERS)],
        PolicyConfig(vip_tags=("老板",)),
    ),
    Case("which tags: the default no longer counts", VIP, [], PolicyConfig(vip_tags=("老板",))),
    Case("no tags set: nobody is a VIP", VIP, [], PolicyConfig(vip_tags=())),
    Case("silent for exactly 30 days: last instant, no", silent(days=30), []),
    Case("silent for an instant more than 30 days", silent(days=30, microseconds=1), LONG),
    Case("silent for 30 days less a second", silent(days=30, seconds=-1), []),
    Case("never seen before: not silent", {"owner_id": OWNER}, []),
    Case("a contract ended their being a lead", silent(days=90) | {"signed": True}, []),
    Case("silent, nobody's: managers", silent(days=31) | {"owner_id": None}, [("silent_return", MANAGERS)]),
    Case("silent but a first visit", silent(days=31) | {"returning": False}, []),
    Case("how long: setting", silent(days=8), LONG, PolicyConfig(silent_days=7)),
    Case("how long: setting, last instant", silent(days=7), [], PolicyConfig(silent_days=7)),
    Case(
        "calendar day: 24:00 of the 30th day has not come",
        silent(days=30, hours=9),
        [],
        PolicyConfig(day_count="calendar_day"),
    ),
    Case("calendar day: after 24:00 of the 30th day", silent(days=31), LONG, PolicyConfig(day_count="calendar_day")),
    Case("contact in the future of a wrong clock", silent(days=-1), []),
    Case(
        "late is not live: two minutes exactly still is",
        VIP | {"at": NOW - timedelta(minutes=2), "owner_id": None},
        [("vip_return", MANAGERS)],
    ),
    Case("late is not live: an instant more", VIP | {"at": NOW - timedelta(minutes=2) - TICK}, []),
    Case("late is not live: silent leads either", silent(days=60) | {"at": NOW - timedelta(minutes=3)}, []),
    Case(
        "a silent VIP is both",
        VIP | silent(days=60),
        [("silent_return", OWNER), ("vip_return", MANAGERS), ("vip_return", OWNER)],
    ),
]


@pytest.mark.parametrize("case", ARRIVALS, ids=lambda case: case.rule)
def test_arrival(case: Case) -> None:
    facts = {"visit_id": uid("v"), "at": NOW, "now": NOW, "returning": True} | case.facts
    assert told(of_arrival(Arrival(**facts), case.policy, ZONE)) == sorted(case.expected)


def seat(letter: str, outcome: Any, reason: str) -> TurnCandidate:
    return TurnCandidate(consultant_id=uid(letter), name="", place=1, outcome=outcome, reason=reason)


def to(*letters: str) -> dict[str, tuple[str, datetime]]:
    return {uid(letter): (uid(letter.upper()), NOW + timedelta(seconds=30)) for letter in letters}


A, B = uid("a"), uid("b")
CHOSEN = seat("a", "chosen", "next")
OWNED = {"owner_id": OWNER, "offers": to("a")}
ABSENT = [("offer", A), ("owner_absent", A), ("owner_absent", OWNER)]
TURNS = [
    Case("who is offered it is told", {"offers": to("a")}, [("offer", A)]),
    Case("all free ones are told", {"rule": "rota.all_free", "offers": to("a", "b")}, [("offer", A), ("offer", B)]),
    Case("nobody is free: it only waits", {"rule": "rota.wait"}, []),
    Case("nobody accepted: the managers", {"rule": "rota.manager"}, [("unanswered", "manager")]),
    Case("nor did the manager: the reception", {"rule": "rota.reception"}, [("unanswered", "reception")]),
    Case("owner not signed in today", OWNED | {"candidates": (CHOSEN,)}, ABSENT),
    Case("owner signed out", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "signed_out"))}, ABSENT),
    Case("owner at lunch", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "away_lunch"))}, ABSENT),
    Case("owner on leave", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "away_leave"))}, ABSENT),
    Case("owner's tablet asleep", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "away_undeclared"))}, ABSENT),
    Case("owner's break ran over", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "absence_ran_over"))}, ABSENT),
    Case(
        "owner busy is in the office", OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "serving"))}, [("offer", A)]
    ),
    Case(
        "owner let it pass is in the office",
        OWNED | {"candidates": (CHOSEN, seat("o", "skipped", "already_asked"))},
        [("offer", A)],
    ),
    Case(
        "owner only later in order",
        OWNED | {"candidates": (CHOSEN, seat("o", "later", "later_in_order"))},
        [("offer", A)],
    ),
    Case("the owner receives: no absence", {"owner_id": A, "offers": to("a"), "candidates": (CHOSEN,)}, [("offer", A)]),
    Case(
        "absent owner and nobody free: only the owner",
        {"owner_id": OWNER, "rule": "rota.wait"},
        [("owner_absent", OWNER)],
    ),
    Case(
        "the receiver of a VIP learns of it",
        {"offers": to("a"), "known": frozenset({"vip_return"})},
        [("offer", A), ("vip_return", A)],
    ),
    Case(
        "the receiver of a silent lead learns of it",
        {"offers": to("a"), "known": frozenset({"silent_return"})},
        [("offer", A), ("silent_return", A)],
    ),
    Case(
        "an owner knows already",
        {"owner_id": A, "offers": to("a"), "known": frozenset({"vip_return"}), "candidates": (CHOSEN,)},
        [("offer", A)],
    ),
    Case(
        "a VIP of an absent owner: both, to the assistant",
        OWNED | {"candidates": (CHOSEN,), "known": frozenset({"vip_return"})},
        sorted([*ABSENT, ("vip_return", A)]),
    ),
    Case(
        "an absent owner and nobody accepted: owner and managers",
        {"owner_id": OWNER, "rule": "rota.manager"},
        [("owner_absent", OWNER), ("unanswered", "manager")],
    ),
]


@pytest.mark.parametrize("case", TURNS, ids=lambda case: case.rule)
def test_turn(case: Case) -> None:
    facts = {"visit_id": uid("v"), "decision_id": uid("d"), "rule": "rota.next"} | case.facts
    assert told(of_turn(Turn(**facts))) == case.expected


def test_an_offer_alerts_until_the_offer_ends_and_others_as_long_as_the_office_says() -> None:
    turn = Turn(visit_id=uid("v"), decision_id=uid("d"), rule="rota.assist", offers=to("a"), owner_id=OWNER)
    ends = {one.kind: one.expires_at for one in of_turn(turn)}
    assert ends == {"offer": NOW + timedelta(seconds=30), "owner_absent": None}


@pytest.mark.parametrize(("age", "live"), [(-5, True), (119, True), (120, True), (121, False)])
def test_late_is_not_live(age: float, live: bool) -> None:
    assert is_live(NOW - timedelta(seconds=age), NOW) is live


def test_an_alert_is_over_at_its_last_instant() -> None:
    assert not is_over(NOW, NOW - TICK)
    assert is_over(NOW, NOW)


def test_each_stage_includes_the_ones_before_it() -> None:
    assert [len(stages_up_to(stage)) for stage in ("delivered", "shown", "read")] == [1, 2, 3]


reasons = st.sampled_from(["serving", "away_lunch", "signed_out", "already_asked", "away_undeclared", "skill_needed"])


@given(
    st.permutations(
        [seat(x, "skipped", r) for x, r in zip("obc", ("away_lunch", "serving", "signed_out"), strict=True)]
    )
)
def test_the_order_in_which_candidates_are_read_changes_nothing(candidates: list[TurnCandidate]) -> None:
    turn = Turn(
        visit_id=uid("v"),
        decision_id=uid("d"),
        rule="rota.assist",
        offers=to("a"),
        owner_id=OWNER,
        candidates=tuple(candidates),
    )
    assert told(of_turn(turn)) == ABSENT


@given(reasons, st.sets(st.sampled_from("abcdo"), max_size=4), st.booleans())
def test_nobody_is_told_the_same_twice_and_an_owner_who_receives_is_never_absent(
    reason: str, offered: set[str], vip: bool
) -> None:
    known = frozenset({"vip_return"}) if vip else frozenset()
    turn = Turn(
        visit_id=uid("v"),
        decision_id=uid("d"),
        rule="rota.all_free",
        offers=to(*offered),
        owner_id=OWNER,
        candidates=(seat("o", "skipped", reason),),
        known=known,
    )
    found = told(of_turn(turn))
    assert len(found) == len(set(found))
    if "o" in offered:
        assert all(kind != "owner_absent" for kind, _ in found)
