"""Decision tables of appeals 申诉 (domain.md, Attribution): who, until when, and what may become of one."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from contracts.appeals_api import AppealOutcome, AppealState
from contracts.policy import PolicyConfig
from gateway.appeals.domain import Filing, Party, consultants, decided, open_until, refused, undecidable
from tests.gateway.attribution.world import called, case, contact, mine, received_now, reg, verdict, visited

SHANGHAI = ZoneInfo("Asia/Shanghai")
MADE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""11:00 in Shanghai."""
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
A, CHANNEL = Party("consultant", "a"), Party("channel", "C", "c1")

FILED = [
    # name, after the verdict, party, what else, policy, refused as
    ("at once", timedelta(0), A, {}, {}, ""),
    ("last instant of 7 days", 7 * DAY, A, {}, {}, ""),
    ("a second after 7 days", 7 * DAY + SECOND, A, {}, {}, "appeal_period_over"),
    ("before the verdict was made", -SECOND, A, {}, {}, "appeal_period_over"),
    ("the office gives 3 days: last instant", 3 * DAY, A, {}, {"appeal_days": 3}, ""),
    ("the office gives 3 days: over", 3 * DAY + SECOND, A, {}, {"appeal_days": 3}, "appeal_period_over"),
    ("calendar days: last second of the 7th day", 7 * DAY + 13 * 3600 * SECOND - SECOND, A, {}, "calendar", ""),
    ("calendar days: 24:00", 7 * DAY + 13 * 3600 * SECOND, A, {}, "calendar", "appeal_period_over"),
    ("by a consultant the verdict does not concern", DAY, Party("consultant", "z"), {}, {}, "not_your_verdict"),
    ("for any channel", DAY, CHANNEL, {}, {}, ""),
    ("against a verdict that a newer one replaced", DAY, A, {"superseded": True}, {}, "verdict_superseded"),
    ("a second time by the same party", DAY, A, {"appealed": True}, {}, "already_appealed"),
    (
        "a second time, and superseded by its own ruling",
        DAY,
        A,
        {"appealed": True, "superseded": True},
        {},
        "already_appealed",
    ),
    ("too late and superseded", 8 * DAY, A, {"superseded": True}, {}, "verdict_superseded"),
    ("somebody else's and too late", 8 * DAY, Party("consultant", "z"), {}, {}, "not_your_verdict"),
]


@pytest.mark.parametrize(
    ("after", "party", "more", "policy", "expected"), [r[1:] for r in FILED], ids=[r[0] for r in FILED]
)
def test_filed(after: timedelta, party: Party, more: dict[str, bool], policy: Any, expected: str) -> None:
    rules = PolicyConfig(day_count="calendar_day") if policy == "calendar" else PolicyConfig(**policy)
    filing = Filing(party, MADE + after, MADE, more.get("superseded", False), more.get("appealed", False))
    assert refused(filing, frozenset("ab"), rules, SHANGHAI) == expected


@pytest.mark.parametrize("days", [1, 7, 30])
def test_the_last_instant_is_told(days: int) -> None:
    policy = PolicyConfig(appeal_days=days)
    until = open_until(MADE, policy, SHANGHAI)
    assert refused(Filing(A, until, MADE, False, False), frozenset("a"), policy, SHANGHAI) == ""
    assert refused(Filing(A, until + SECOND, MADE, False, False), frozenset("a"), policy, SHANGHAI) != ""


@pytest.mark.parametrize("state", get_args(AppealState))
@pytest.mark.parametrize("outcome", get_args(AppealOutcome))
def test_an_appeal_is_decided_once(state: AppealState, outcome: AppealOutcome) -> None:
    assert decided(state, outcome) == (outcome if state == "open" else None)


DECIDES = [
    ("a manager who has nothing to do with it", "open", "m", A, ""),
    ("a manager who received the visit themselves", "open", "b", A, "party_to_it"),
    ("a manager in whose name it was filed", "open", "a", A, "party_to_it"),
    ("for a channel, a manager whom the verdict concerns", "open", "a", CHANNEL, "party_to_it"),
    ("for a channel, another manager", "open", "m", CHANNEL, ""),
    ("upheld before", "upheld", "m", A, "already_decided"),
    ("rejected before", "rejected", "m", A, "already_decided"),
    ("evidence accepted before", "evidence_accepted", "m", A, "already_decided"),
    ("rejected before, by a party", "rejected", "a", A, "already_decided"),
]


@pytest.mark.parametrize(("state", "who", "party", "expected"), [r[1:] for r in DECIDES], ids=[r[0] for r in DECIDES])
def test_who_may_decide(state: AppealState, who: str, party: Party, expected: str) -> None:
    assert undecidable(state, who, party, frozenset("ab")) == expected


CONCERNED = [
    ("nobody", [], ""),
    ("who received it", [received_now("a")], "a"),
    ("the owner and the assistant", [*visited(5, "a"), received_now("b")], "ab"),
    ("who took a call that lapsed", [called(40, "c"), received_now("b")], "bc"),
    ("whose follow-up reached nobody", [contact(5, "c", reached=False)], "c"),
    ("who claimed the customer", [received_now("b", unidentified=True), mine("a", DAY)], "ab"),
    ("no channel and no agent", [reg(3)], ""),
]


@pytest.mark.parametrize(("facts", "expected"), [r[1:] for r in CONCERNED], ids=[r[0] for r in CONCERNED])
def test_whom_a_verdict_concerns(facts: list[Any], expected: str) -> None:
    evidence = case(*facts)
    assert consultants(evidence, verdict(evidence)) == frozenset(expected)
