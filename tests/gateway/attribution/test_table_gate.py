"""Decision table of the gate questions (domain.md, 问岗三问): what an answer contradicts; it decides nothing."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attribution.domain import judge
from gateway.attribution.evidence import Assigned, Evidence, Member
from gateway.attribution.gate import GATE, hints
from gateway.attribution.seen import Reader, seen_by
from gateway.policy import PolicyConfig
from tests.gateway.attribution.test_properties import built, decided, facts, policies
from tests.gateway.attribution.world import (
    HOUR,
    NOW,
    SHANGHAI,
    called,
    came,
    case,
    contact,
    left,
    ref,
    reg,
    scan,
    stated,
    verdict,
    visited,
)

SPOUSE = Member(customer_id="y", relation="spouse")
GIVEN = Assigned(at=NOW - timedelta(days=2), customer_id="x", consultant_id="a")
FIRST, BACK = {"first_visit": True}, {"first_visit": False}
FAMILY, NO_FAMILY = {"family_visited": True}, {"family_visited": False}
CONTACTED, UNCONTACTED = {"contacted": True}, {"contacted": False}
KNOWN = ["gate_as_known"]
VISITED, RELATIVES, CONTACT = ["gate_visited_unknown"], ["gate_family_unknown"], ["gate_contact_unknown"]

TABLE = [
    # name, facts, answers, the reasons noted, the hints at the desk
    ("first, and nobody knows them", [], FIRST, KNOWN, []),
    ("first, and was here", [came(3)], FIRST, ["gate_first_but_visited"], []),
    ("first, and was here for another project", [came(3, project="q")], FIRST, ["gate_first_but_visited"], []),
    ("first, and the spouse was here", [SPOUSE, came(3, of="y")], FIRST, KNOWN, []),
    ("here before, and was", [came(3)], BACK, KNOWN, []),
    ("here before, and no visit is known", [], BACK, VISITED, VISITED),
    ("here before, unknown, but a call owns them", [called(3, "a")], BACK, VISITED, []),
    ("here before, unknown, the call lapsed", [called(16, "a")], BACK, VISITED, VISITED),
    ("here before, unknown, who took the call left", [called(3, "a"), left(1, "a")], BACK, VISITED, VISITED),
    ("family was here, and was", [SPOUSE, came(3, of="y")], FAMILY, KNOWN, []),
    ("family was here, none known", [], FAMILY, RELATIVES, RELATIVES),
    ("family was here, only they themselves were", [came(3)], FAMILY, RELATIVES, RELATIVES),
    ("family was here, unknown, owned", list(visited(3, "a")), FAMILY, RELATIVES, []),
    ("no family was here, and none was", [], NO_FAMILY, KNOWN, []),
    ("no family was here, and the spouse was", [SPOUSE, came(3, of="y")], NO_FAMILY, ["gate_family_denied"], []),
    ("contacted, by a call", [called(3, "a")], CONTACTED, KNOWN, []),
    ("contacted, by a follow-up that did not reach", [contact(3, "a", reached=False)], CONTACTED, KNOWN, []),
    ("contacted, by an assigned consultant", [GIVEN], CONTACTED, KNOWN, []),
    ("contacted, by a registration", [reg(3)], CONTACTED, KNOWN, []),
    ("contacted, by a lapsed registration", [reg(40)], CONTACTED, KNOWN, []),
    ("contacted, by a referral", [ref(3)], CONTACTED, KNOWN, []),
    ("contacted, by the agent whose code was read", [scan("C")], CONTACTED, KNOWN, []),
    ("contacted, a refused code is no contact", [scan("C", refused="expired")], CONTACTED, CONTACT, CONTACT),
    ("contacted, registered only after the arrival", [reg(-HOUR)], CONTACTED, CONTACT, CONTACT),
    ("contacted, and nothing is on record", [], CONTACTED, CONTACT, CONTACT),
    ("not contacted, and nothing is on record", [], UNCONTACTED, KNOWN, []),
    ("not contacted, and a registration is known", [reg(3)], UNCONTACTED, ["gate_contact_denied"], []),
    ("not contacted, and a call is known", [called(3, "a")], UNCONTACTED, ["gate_contact_denied"], []),
    (
        "all three against what is known",
        [],
        BACK | FAMILY | CONTACTED,
        VISITED + RELATIVES + CONTACT,
        VISITED + RELATIVES + CONTACT,
    ),
]


def gate_reasons(evidence: Evidence) -> tuple[list[str], list[str]]:
    rules = verdict(evidence).rules
    return [note.reason for note in rules if note.rule == GATE], [*hints(rules)]


@pytest.mark.parametrize(
    ("given_facts", "answers", "reasons", "led_to"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_an_answer_contradicts(
    given_facts: list[Any], answers: dict[str, bool], reasons: list[str], led_to: list[str]
) -> None:
    assert gate_reasons(case(*given_facts, stated(**answers))) == (reasons, led_to)


def test_who_is_asked_nothing_has_no_note() -> None:
    assert gate_reasons(case(came(3))) == ([], [])


def test_the_newest_answer_to_each_question_counts() -> None:
    at_the_desk = stated(at=timedelta(minutes=5), asked_by="reception", **FIRST)
    assert gate_reasons(case(stated(**BACK | CONTACTED), at_the_desk)) == (CONTACT, CONTACT)


def test_of_a_visitor_without_a_number_everything_said_leads_to_a_search() -> None:
    assert gate_reasons(case(stated(**BACK), party=())) == (VISITED, VISITED)


some_answers = st.fixed_dictionaries(
    {}, optional={name: st.booleans() for name in ("first_visit", "family_visited", "contacted")}
)


@given(facts, policies, st.lists(some_answers, min_size=1, max_size=3))
def test_answers_never_change_a_verdict(found: list[Any], policy: PolicyConfig, answers: list[dict[str, bool]]) -> None:
    without = built(found)
    told = tuple(stated(at=timedelta(minutes=place), **each) for place, each in enumerate(answers))
    said, silent = (judge(e, policy, SHANGHAI) for e in (without.model_copy(update={"gate": told}), without))
    assert decided(said) == decided(silent)
    assert [note for note in said.rules if note.rule != GATE] == list(silent.rules)


def test_evidence_stored_before_the_questions_is_still_read() -> None:
    stored = case(reg(3)).model_dump(mode="json")
    del stored["gate"]
    assert Evidence.model_validate(stored).gate == ()


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        (Reader("manager"), True),
        (Reader("reception"), True),
        (Reader("consultant", "a"), False),
        (Reader("channel", "C"), False),
    ],
    ids=["manager", "reception", "consultant", "channel"],
)
def test_the_office_reads_the_answers_and_others_that_they_exist(reader: Reader, told: bool) -> None:
    evidence = case(reg(3), stated(**UNCONTACTED))
    seen = seen_by(reader, verdict(evidence), evidence)
    (one,) = [each for each in seen.evidence if each.kind == GATE]
    assert (one.own, one.facts.get("contacted")) == (told, False if told else None)
    reasons = [rule.reason for rule in seen.rules if rule.rule == GATE]
    assert reasons == ["gate_contact_denied" if told else "gate_stated"]
