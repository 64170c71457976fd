"""Decision table of the source (domain.md, Attribution): what stands, referrals, and the order between the rules."""

from typing import Any

import pytest

from gateway.attribution.evidence import FaceMatch, Member
from tests.gateway.attribution.world import (
    DAY,
    HOUR,
    NOW,
    SECOND,
    called,
    came,
    case,
    contact,
    left,
    masked,
    note,
    received_now,
    ref,
    reg,
    scan,
    stands,
    verdict,
    visited,
)

RETURN = {"kind": "return"}
CALENDAR = {"day_count": "calendar_day"}
AT_11 = 11 * HOUR
SPOUSE = Member(customer_id="y", relation="spouse")
SIBLING = Member(customer_id="y", relation="sibling")
PRESENT = {"owner_present": True}
FROM_O = ("referral", None, "o")
FROM_C = ("channel", "C", None)
NOBODY = ("walk_in", None, None)

REFERRED = [
    # name, facts, policy, visit, who, rule, reason of the referral rule
    ("the day before", [ref(1)], {}, {}, FROM_O, "first_claim"),
    ("a second before the arrival", [ref(SECOND)], {}, {}, FROM_O, "first_claim"),
    ("at the instant of the arrival", [ref(0)], {}, {}, NOBODY, "recorded_after_arrival"),
    ("after it, the owner not here", [ref(-HOUR)], {}, {}, NOBODY, "recorded_after_arrival"),
    ("after it, the owner here", [ref(-HOUR, **PRESENT)], {}, {}, FROM_O, "first_claim"),
    (
        "the last instant of that day, the owner here",
        [ref(-13 * HOUR + SECOND, **PRESENT)],
        {},
        {},
        FROM_O,
        "first_claim",
    ),
    ("the next local day, the owner here", [ref(-13 * HOUR, **PRESENT)], {}, {}, NOBODY, "recorded_after_arrival"),
    ("last instant of 7 days", [ref(7)], {}, {}, FROM_O, "first_claim"),
    ("a second after 7 days", [ref(7 * DAY + SECOND)], {}, {}, NOBODY, "referral_lapsed"),
    ("14 days", [ref(14)], {"referral_days": 14}, {}, FROM_O, "first_claim"),
    ("calendar days: all of the 7th", [ref(7 * DAY + AT_11)], CALENDAR, {}, FROM_O, "first_claim"),
    ("calendar days: the 8th", [ref(7 * DAY + AT_11 + SECOND)], CALENDAR, {}, NOBODY, "referral_lapsed"),
    ("the owner has not signed", [ref(1, signed_at=None)], {}, {}, NOBODY, "referrer_not_signed"),
    ("the owner signed at the instant of it", [ref(1, signed_at=ref(1).recorded_at)], {}, {}, FROM_O, "first_claim"),
    (
        "the owner signed a second later",
        [ref(1, signed_at=ref(1).recorded_at + SECOND)],
        {},
        {},
        NOBODY,
        "referrer_not_signed",
    ),
    ("a return visit", [ref(1)], {}, RETURN, NOBODY, "customer_known"),
    ("the number had called", [ref(1), called(3, "a")], {}, {}, NOBODY, "customer_known"),
    ("the number had been followed up", [ref(1), contact(3, "a")], {}, {}, NOBODY, "customer_known"),
    ("the number had come", [ref(1), came(30)], {}, {}, NOBODY, "customer_known"),
    ("the spouse had come", [ref(1), SPOUSE, came(30, of="y")], {}, {}, NOBODY, "customer_known"),
    (
        "the sibling had come, siblings apart",
        [ref(1), SIBLING, came(30, of="y")],
        {"siblings_are_family": False},
        {},
        FROM_O,
        "first_claim",
    ),
    ("known from another project is known", [ref(1), came(30, project="B")], {}, {}, NOBODY, "customer_known"),
    ("for another project", [ref(1, project="B")], {}, {}, NOBODY, "other_project"),
    (
        "for another project, claims of the company",
        [ref(1, project="B")],
        {"claim_scope": "company"},
        {},
        FROM_O,
        "first_claim",
    ),
    ("the first of two", [ref(3, "o"), ref(2, "p")], {}, {}, FROM_O, "first_claim"),
    ("the first lapsed: the second", [ref(8, "p"), ref(2, "o")], {}, {}, FROM_O, "first_claim"),
    ("an older registration", [ref(2), reg(3)], {}, {}, FROM_C, "older_registration"),
    ("a younger registration", [ref(3), reg(2)], {}, {}, FROM_O, "first_claim"),
    ("at the instant of a registration", [ref(2), reg(2)], {}, {}, FROM_C, "older_registration"),
    ("an older registration that is not valid", [ref(2), reg(16)], {}, {}, FROM_O, "first_claim"),
    ("a registration too shortly before", [ref(SECOND), reg(HOUR / 60)], {}, {}, FROM_O, "first_claim"),
    ("an older masked registration", [ref(2), masked(3)], {}, {}, FROM_C, "older_registration"),
    ("between a masked and a full one", [ref(4), masked(5, "D"), reg(3, "C")], {}, {}, FROM_C, "older_registration"),
    ("before two masked ones", [ref(6), masked(5, "C"), masked(3, "D")], {}, {}, FROM_O, "first_claim"),
    (
        "between two masked ones",
        [ref(4), masked(5, "C"), masked(3, "D")],
        {},
        {},
        ("channel", None, None),
        "older_registration",
    ),
    (
        "a scan of a younger registration",
        [ref(4), reg(3), scan("C")],
        {"channel_rule": "first_brought"},
        {},
        FROM_O,
        "first_claim",
    ),
]


@pytest.mark.parametrize(
    ("facts", "policy", "visit", "who", "reason"), [c[1:] for c in REFERRED], ids=[c[0] for c in REFERRED]
)
def test_referral(
    facts: list[Any], policy: dict[str, Any], visit: dict[str, Any], who: tuple[str | None, ...], reason: str
) -> None:
    said = verdict(case(*facts, project="A", **visit), **policy)
    assert (said.source, said.channel_id, said.referrer_id) == who
    assert note(said, "referral")[1] == reason


STANDING = [
    # name, facts, policy, source and channel, rule, reason of the rule of what stands
    ("30 days to the contract: last instant", [stands(30)], {}, FROM_C, "source_in_force", "protected"),
    ("30 days to the contract: over", [stands(30 * DAY + SECOND)], {}, NOBODY, "walk_in", "source_lapsed"),
    ("60 days", [stands(60)], {"protection_to_contract_days": 60}, FROM_C, "source_in_force", "protected"),
    ("calendar days: all of the 30th", [stands(30 * DAY + AT_11)], CALENDAR, FROM_C, "source_in_force", "protected"),
    ("calendar days: the 31st", [stands(30 * DAY + AT_11 + SECOND)], CALENDAR, NOBODY, "walk_in", "source_lapsed"),
    ("a later visit under it extends nothing", [stands(31), stands(20)], {}, NOBODY, "walk_in", "source_lapsed"),
    ("attributed afresh after its lapse", [stands(50), stands(10)], {}, FROM_C, "source_in_force", "protected"),
    ("a walk-in stands for nothing", [stands(10, None, source="walk_in")], {}, NOBODY, "walk_in", "no_earlier_source"),
    (
        "the owner's follow-up does not erase it",
        [stands(20), visited(20, "a", "C"), contact(10, "a")],
        {},
        FROM_C,
        "source_in_force",
        "protected",
    ),
    (
        "another channel's claim does not erase it",
        [stands(20), reg(1, "D")],
        {},
        FROM_C,
        "source_in_force",
        "protected",
    ),
    ("lapsed, and a new claim", [stands(31), reg(1, "C")], {}, FROM_C, "registration", "source_lapsed"),
    (
        "lapsed, and owned since: no commission",
        [stands(31), visited(31, "a", "C"), contact(17, "a"), contact(3, "a"), reg(1)],
        {},
        NOBODY,
        "live_ownership",
        "source_lapsed",
    ),
    ("the spouse's source", [SPOUSE, stands(10, customer_id="y")], {}, FROM_C, "source_in_force", "protected"),
    (
        "the sibling's source, siblings apart",
        [SIBLING, stands(10, customer_id="y")],
        {"siblings_are_family": False},
        NOBODY,
        "walk_in",
        "no_earlier_source",
    ),
    ("another project's", [stands(10, project="B")], {}, NOBODY, "walk_in", "no_earlier_source"),
    (
        "another project's, claims of the company",
        [stands(10, project="B")],
        {"claim_scope": "company"},
        FROM_C,
        "source_in_force",
        "protected",
    ),
    ("a later visit's", [stands(-1)], {}, NOBODY, "walk_in", "no_earlier_source"),
    (
        "a referral's",
        [stands(10, None, source="referral", referrer_id="o")],
        {},
        FROM_O,
        "source_in_force",
        "protected",
    ),
    (
        "a conflict stands undecided",
        [stands(10, None, conflict=["rC", "rD"])],
        {},
        ("channel", None, None),
        "source_in_force",
        "conflict_stands",
    ),
]


@pytest.mark.parametrize(
    ("facts", "policy", "who", "rule", "reason"), [c[1:] for c in STANDING], ids=[c[0] for c in STANDING]
)
def test_a_source_stands_from_the_first_visit(
    facts: list[Any], policy: dict[str, Any], who: tuple[str | None, ...], rule: str, reason: str
) -> None:
    said = verdict(case(*facts, kind="return", project="A"), **policy)
    assert (said.source, said.channel_id, said.referrer_id, said.rule) == (*who, rule)
    assert note(said, "source_in_force")[1] == reason
    assert bool(said.conflict) == (reason == "conflict_stands")


ORDER = [
    # name, facts, source and channel, rule, owner
    ("nothing", [], NOBODY, "walk_in", None),
    ("owned, no claim", [visited(5, "a")], NOBODY, "live_ownership", "a"),
    ("owned longer than registered: no commission", [visited(12, "a"), reg(2)], NOBODY, "live_ownership", "a"),
    ("registered before the call: both stand", [reg(5), called(3, "a")], FROM_C, "registration", "a"),
    ("called before the registration", [called(5, "a"), reg(3)], NOBODY, "live_ownership", "a"),
    ("an own visit inside the blocking period", [came(4), reg(2)], NOBODY, "recent_visit", None),
    ("the owner left, the visit blocks still", [visited(4, "a"), left(3, "a"), reg(2)], NOBODY, "recent_visit", None),
    ("the owner left, an old visit does not", [visited(14, "a"), left(3, "a"), reg(2)], FROM_C, "registration", None),
    ("lapsed ownership, then registered", [visited(20, "a"), reg(2)], FROM_C, "registration", None),
    ("one channel blocked, another was before", [reg(6, "C"), came(4), reg(2, "D")], FROM_C, "registration", None),
    (
        "the spouse was registered first",
        [SPOUSE, reg(6, customer_id="y"), visited(4, "a")],
        FROM_C,
        "registration",
        "a",
    ),
    ("the spouse came first", [SPOUSE, visited(10, "a", of="y"), reg(6)], NOBODY, "live_ownership", "a"),
    ("the spouse came, unreceived, and blocks", [SPOUSE, came(7, of="y"), reg(6)], NOBODY, "recent_visit", None),
    (
        "a conflict, and an owner since",
        [masked(6, "C"), masked(5, "D"), called(3, "a")],
        ("channel", None, None),
        "registration",
        "a",
    ),
    (
        "a conflict that an older ownership settles",
        [visited(9, "a"), masked(6, "C"), masked(5, "D")],
        NOBODY,
        "live_ownership",
        "a",
    ),
    ("a scan without any claim", [scan("C")], NOBODY, "walk_in", None),
    ("received now, and registered", [reg(1), received_now("b")], FROM_C, "registration", "b"),
]


@pytest.mark.parametrize(("facts", "who", "rule", "owner"), [c[1:] for c in ORDER], ids=[c[0] for c in ORDER])
def test_order_of_the_rules(facts: list[Any], who: tuple[str | None, ...], rule: str, owner: str | None) -> None:
    said = verdict(case(*facts, kind="return"))
    assert (said.source, said.channel_id, said.referrer_id, said.rule, said.owner_id) == (*who, rule, owner)


def test_every_rule_leaves_a_note_and_the_one_that_decided_won() -> None:
    for facts in ([], [visited(5, "a")], [came(4), reg(2)], [reg(1)], [ref(1)], [stands(3)]):
        said = verdict(case(*facts))
        weighed = ["source_in_force", "live_ownership", "recent_visit", "referral", "registration", "walk_in"]
        assert [n.rule for n in said.rules] == weighed
        assert note(said, said.rule)[0] == "won"
        assert {n.rule for n in said.rules if n.outcome == "won"} <= {said.rule, "live_ownership"}


def test_a_face_is_evidence_and_decides_nothing() -> None:
    face = FaceMatch(at=NOW, node="hall", camera="door", score=0.9, threshold=0.4)
    without, recognised = verdict(case(reg(1))), verdict(case(reg(1), face=face))
    assert recognised.rules[:-1] == without.rules
    assert (recognised.rules[-1].rule, recognised.rules[-1].outcome) == ("face", "not_applicable")
    assert recognised.model_copy(update={"rules": ()}) == without.model_copy(update={"rules": ()})
