"""Decision table of registrations 报备 (domain.md, Attribution): valid, protected, masked, of several channels."""

from typing import Any

import pytest

from tests.gateway.attribution.world import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    came,
    case,
    contact,
    masked,
    note,
    received_now,
    reg,
    scan,
    verdict,
    visited,
)

BROUGHT = {"channel_rule": "first_brought"}
CALENDAR = {"day_count": "calendar_day"}
COMPANY = {"claim_scope": "company"}
AT_11 = 11 * HOUR
"""Since local midnight."""

VALID = [
    # name, facts, policy, what speaks against it ("" when it is valid)
    ("registered the day before", [reg(1)], {}, ""),
    ("exactly 30 minutes before", [reg(30 * MINUTE)], {}, ""),
    ("a second less than 30 minutes", [reg(30 * MINUTE - SECOND)], {}, "too_shortly_before"),
    ("at the instant of arrival", [reg(0)], {}, "too_shortly_before"),
    ("a second after arrival", [reg(-SECOND)], {}, "after_arrival"),
    ("the office asks 60 minutes: exactly", [reg(60 * MINUTE)], {"registration_minutes": 60}, ""),
    (
        "the office asks 60 minutes: a second less",
        [reg(HOUR - SECOND)],
        {"registration_minutes": 60},
        "too_shortly_before",
    ),
    ("the office asks no time: at the instant", [reg(0)], {"registration_minutes": 0}, ""),
    ("last instant of 15 days", [reg(15)], {}, ""),
    ("a second after 15 days", [reg(15 * DAY + SECOND)], {}, "protection_lapsed"),
    ("protected for 3 days: last instant", [reg(3)], {"protection_to_visit_days": 3}, ""),
    ("protected for 3 days: over", [reg(3 * DAY + SECOND)], {"protection_to_visit_days": 3}, "protection_lapsed"),
    ("calendar days: any time of the 15th day before", [reg(15 * DAY + AT_11)], CALENDAR, ""),
    ("calendar days: the 16th day before", [reg(15 * DAY + AT_11 + SECOND)], CALENDAR, "protection_lapsed"),
    ("visited a day before the registration", [came(2), reg(1)], {}, "visited_before"),
    ("visited exactly 7 days before it", [came(8), reg(1)], {}, "visited_before"),
    ("visited a second more than 7 days before it", [came(8 * DAY + SECOND), reg(1)], {}, ""),
    ("blocking for 30 days", [came(31), reg(1)], {"blocking_days": 30}, "visited_before"),
    ("blocking for 30 days: over", [came(31 * DAY + SECOND), reg(1)], {"blocking_days": 30}, ""),
    ("calendar days: blocked from the 7th day before", [came(8 * DAY + AT_11), reg(1)], CALENDAR, "visited_before"),
    ("calendar days: not blocked from the 8th", [came(8 * DAY + AT_11 + SECOND), reg(1)], CALENDAR, ""),
    ("the same channel brought that visit", [came(2, "C"), reg(1)], {}, ""),
    ("another channel brought that visit", [came(2, "D"), reg(1)], {}, "visited_before"),
    ("visited since, long enough after it", [came(1), reg(2)], {}, ""),
    ("visited exactly 30 minutes after it", [came(2 * DAY - 30 * MINUTE), reg(2)], {}, ""),
    ("it was too short before the visit then", [came(2 * DAY - 29 * MINUTE), reg(2)], {}, "visited_before"),
    ("registered at the door of an earlier visit", [came(2), reg(2)], {}, "visited_before"),
    ("withdrawn before the arrival", [reg(2, withdrawn_at="2026-11-21T02:59:59Z")], {}, "withdrawn"),
    ("withdrawn at the arrival", [reg(2, withdrawn_at="2026-11-21T03:00:00Z")], {}, "withdrawn"),
    ("withdrawn after the arrival", [reg(2, withdrawn_at="2026-11-21T03:00:01Z")], {}, ""),
    ("another project", [reg(1, project="B")], {}, "other_project"),
    ("another project, claims of the company", [reg(1, project="B")], COMPANY, ""),
    ("the same project", [reg(1, project="A")], {}, ""),
    ("visited another project before it", [came(2, project="B"), reg(1)], {}, ""),
    ("visited another project, claims of the company", [came(2, project="B"), reg(1)], COMPANY, "visited_before"),
    ("owned longer than registered", [visited(12, "a"), reg(2)], {}, "older_ownership"),
    ("owned at the instant of registering", [visited(12, "a"), reg(12)], {}, "visited_before"),
    ("registered, then visited and owned", [reg(12), visited(11, "a")], {}, ""),
    ("the older ownership lapsed by now", [visited(15 * DAY + SECOND, "a"), reg(2)], {}, ""),
    (
        "the older ownership was followed up",
        [visited(30, "a"), contact(16, "a"), contact(1, "a"), reg(2)],
        {},
        "older_ownership",
    ),
    ("an unanswered call kept nothing", [visited(20, "a"), contact(6, "a", reached=False), reg(2)], {}, ""),
    ("of somebody outside the party", [reg(1, customer_id="y")], {}, "no_registration"),
    ("masked, the number known now", [masked(1)], {}, ""),
    ("masked, too shortly before", [masked(30 * MINUTE - SECOND)], {}, "too_shortly_before"),
    ("masked, last instant of 15 days", [masked(15)], {}, ""),
    ("masked, visited before", [came(2), masked(1)], {}, "visited_before"),
]


@pytest.mark.parametrize(("facts", "policy", "against"), [c[1:] for c in VALID], ids=[c[0] for c in VALID])
def test_is_a_registration_valid(facts: list[Any], policy: dict[str, Any], against: str) -> None:
    said = verdict(case(*facts, project="A"), **policy)
    if against:
        assert (said.source, said.channel_id) == ("walk_in", None)
        assert note(said, "registration")[1] == against
    else:
        assert (said.source, said.rule, said.channel_id, said.claim_id) == ("channel", "registration", "C", "rC")


REPEATED = [
    # name, facts, policy, the claim that is paid, reason of the registration rule
    ("again while live: the first counts", [reg(10, name="r1"), reg(5, name="r2")], {}, "r1", "only_claim"),
    ("again while live extends nothing", [reg(16, name="r1"), reg(5, name="r2")], {}, None, "protection_lapsed"),
    (
        "again at the last instant extends nothing",
        [reg(16, name="r1"), reg(1, name="r2")],
        {},
        None,
        "protection_lapsed",
    ),
    (
        "again a second later is a new one",
        [reg(16 * DAY + SECOND, name="r1"), reg(1, name="r2")],
        {},
        "r2",
        "only_claim",
    ),
    (
        "a chain: what extended nothing begins nothing",
        [reg(40, name="r1"), reg(30, name="r2"), reg(14, name="r3")],
        {},
        "r3",
        "only_claim",
    ),
    (
        "a chain: the third repeats nobody",
        [reg(32, name="r1"), reg(20, name="r2"), reg(10, name="r3")],
        {},
        "r3",
        "only_claim",
    ),
    (
        "again after a withdrawn one",
        [reg(5, name="r1", withdrawn_at="2026-11-18T00:00:00Z"), reg(2, name="r2")],
        {},
        "r2",
        "only_claim",
    ),
    ("again after one that a visit blocked", [reg(12, name="r1"), came(13), reg(5, name="r2")], {}, "r2", "only_claim"),
    ("again for another project", [reg(16, name="r1", project="B"), reg(2, name="r2")], {}, "r2", "only_claim"),
    ("two channels do not repeat each other", [reg(16, "D"), reg(2)], {}, "rC", "only_claim"),
    (
        "two agents of one channel: the earlier",
        [reg(3, name="r1", agent_id="c1"), reg(2, name="r2")],
        {},
        "r1",
        "only_claim",
    ),
    (
        "a spouse's number is another registration",
        [reg(16, name="r1", customer_id="y"), reg(2, name="r2")],
        {},
        "r2",
        "only_claim",
    ),
]


@pytest.mark.parametrize(
    ("facts", "policy", "claim", "reason"), [c[1:] for c in REPEATED], ids=[c[0] for c in REPEATED]
)
def test_registering_again(facts: list[Any], policy: dict[str, Any], claim: str | None, reason: str) -> None:
    spouse = {"customer_id": "y", "relation": "spouse"}
    said = verdict(case(*facts, project="A", party=[{"customer_id": "x"}, spouse]), **policy)
    assert (said.claim_id, note(said, "registration")[1]) == (claim, reason)


BETWEEN = [
    # name, facts, policy, channel, reason of the registration rule
    ("the first of two", [reg(5, "C"), reg(3, "D")], {}, "C", "first_registered"),
    ("a scan changes nothing between full numbers", [reg(5, "C"), reg(3, "D"), scan("D")], {}, "C", "first_registered"),
    ("the first is invalid: the second", [reg(16, "C"), reg(3, "D")], {}, "D", "only_claim"),
    ("the first registered too late: the earlier valid", [reg(MINUTE, "C"), reg(HOUR, "D")], {}, "D", "only_claim"),
    ("at one instant the smaller id", [reg(5, "D"), reg(5, "C")], {}, "C", "first_registered"),
    ("brought: the one that scans", [reg(5, "C"), reg(3, "D"), scan("D")], BROUGHT, "D", "brought_by_scan"),
    ("brought: nobody scans", [reg(5, "C"), reg(3, "D")], BROUGHT, "C", "first_registered_without_scan"),
    (
        "brought: a used code proves nothing",
        [reg(5, "C"), reg(3, "D"), scan("D", refused="used_before")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: an expired code proves nothing",
        [reg(5, "C"), reg(3, "D"), scan("D", refused="expired")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: a code of another office",
        [reg(5, "C"), reg(3, "D"), scan("D", refused="other_office")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: a code shown too early or late",
        [reg(5, "C"), reg(3, "D"), scan("D", refused="too_far_in_time")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: the scan of a third who claims nothing",
        [reg(5, "C"), reg(3, "D"), scan("E")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: a scan of an invalid claim",
        [reg(5, "C"), reg(3, "E"), reg(16, "D"), scan("D")],
        BROUGHT,
        "C",
        "first_registered_without_scan",
    ),
    (
        "brought: the first good scan of two",
        [reg(5, "C"), reg(3, "D"), scan("D"), scan("C", after=2 * MINUTE)],
        BROUGHT,
        "D",
        "brought_by_scan",
    ),
    (
        "brought: a refused scan, then a good one",
        [reg(5, "C"), reg(3, "D"), scan("C", refused="expired"), scan("D", after=2 * MINUTE)],
        BROUGHT,
        "D",
        "brought_by_scan",
    ),
    ("brought: one claim needs no scan", [reg(5, "C")], BROUGHT, "C", "only_claim"),
    ("one masked claim counts", [masked(5, "C")], {}, "C", "only_claim"),
    ("a full number beats an earlier masked", [masked(5, "C"), reg(3, "D")], {}, "D", "proven_by_number"),
    ("a full number beats a later masked", [masked(3, "C"), reg(5, "D")], {}, "D", "proven_by_number"),
    ("an invalid full number breaks no tie", [masked(5, "C"), reg(16, "D")], {}, "C", "only_claim"),
    ("a scan breaks the tie of masked ones", [masked(5, "C"), masked(3, "D"), scan("D")], {}, "D", "proven_by_scan"),
    (
        "a refused scan breaks no tie",
        [masked(5, "C"), masked(3, "D"), scan("D", refused="expired")],
        {},
        None,
        "masked_conflict",
    ),
    ("masked but scanned and first", [masked(5, "C"), reg(3, "D"), scan("C")], {}, "C", "first_registered"),
    ("masked and scanned but later", [masked(3, "C"), reg(5, "D"), scan("C")], {}, "D", "first_registered"),
    ("brought: masked and scanned", [masked(3, "C"), reg(5, "D"), scan("C")], BROUGHT, "C", "brought_by_scan"),
    ("several masked and nothing else", [masked(5, "C"), masked(3, "D")], {}, None, "masked_conflict"),
    ("brought: several masked and nothing else", [masked(5, "C"), masked(3, "D")], BROUGHT, None, "masked_conflict"),
    (
        "masked twice by one channel is no conflict",
        [masked(20, "C", "r1"), masked(3, "C", "r2")],
        {},
        "C",
        "only_claim",
    ),
    ("masked ones, one of them lapsed", [masked(16, "C"), masked(3, "D")], {}, "D", "only_claim"),
    (
        "masked, then the full number by the same channel",
        [masked(5, "C", "r1"), masked(4, "D"), reg(2, "C", "r2")],
        {},
        "C",
        "proven_by_number",
    ),
    ("two full and a masked: the first full", [masked(6, "E"), reg(5, "C"), reg(3, "D")], {}, "C", "first_registered"),
]


@pytest.mark.parametrize(
    ("facts", "policy", "channel", "reason"), [c[1:] for c in BETWEEN], ids=[c[0] for c in BETWEEN]
)
def test_between_channels(facts: list[Any], policy: dict[str, Any], channel: str | None, reason: str) -> None:
    said = verdict(case(*facts), **policy)
    assert (said.source, said.channel_id) == ("channel", channel)
    assert note(said, "registration") == ("won", reason)
    assert bool(said.conflict) == (reason == "masked_conflict")


def test_a_conflict_names_all_its_claims_and_pays_nobody() -> None:
    said = verdict(case(masked(5, "C"), masked(3, "D"), masked(2, "E"), received_now("a")))
    assert (said.conflict, said.claim_id, said.agent_id) == (("rC", "rD", "rE"), None, None)
    assert (said.owner_id, said.owner_rule) == ("a", "received")


def test_every_claim_says_why_it_lost() -> None:
    said = verdict(case(reg(5, "C"), reg(3, "D"), masked(4, "E"), reg(MINUTE, "F")))
    claims = next(n for n in said.rules if n.rule == "registration").facts["claims"]
    assert {c["claim_id"]: c["lost_by"] for c in claims} == {
        "rC": "",
        "rD": "later_claim",
        "rE": "masked_number",
        "rF": "too_shortly_before",
    }
