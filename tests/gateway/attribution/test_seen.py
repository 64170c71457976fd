"""What each side reads of a verdict (domain.md, Attribution): own evidence, and of others "exists, dated"."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attribution.evidence import FaceMatch
from gateway.attribution.seen import Reader, seen_by
from tests.gateway.attribution.test_properties import built, facts
from tests.gateway.attribution.world import (
    DAY,
    NOW,
    called,
    case,
    contact,
    left,
    masked,
    mine,
    received_now,
    ref,
    reg,
    scan,
    stands,
    verdict,
    visited,
)

MANAGER, RECEPTION = Reader("manager"), Reader("reception")
A, B = Reader("consultant", "cons-a"), Reader("consultant", "cons-b")
C, D, AGENT = Reader("channel", "chan-C"), Reader("channel", "chan-D"), Reader("channel", "chan-C", "agent-2")


def regs(channel: str, name: str, agent: str = "agent-1", **more: Any) -> Any:
    return reg(3, channel=channel, name=name, agent_id=agent, **more)


OWN = [
    # name, reader, facts, kind, whether each of that kind is told whole
    ("a consultant: their reception", A, [received_now("cons-a")], "received", [True]),
    ("a consultant: a colleague's reception", A, [received_now("cons-b")], "received", [False]),
    ("a consultant: their follow-up", A, [contact(2, "cons-a")], "contact", [True]),
    ("a consultant: a colleague's follow-up", A, [contact(2, "cons-b")], "contact", [False]),
    ("a consultant: their call", A, [called(2, "cons-a")], "called", [True]),
    ("a consultant: a colleague's claim", A, [mine("cons-b", NOW - NOW)], "owner_claim", [False]),
    ("a consultant: a registration", A, [regs("chan-C", "r1")], "registration", [False]),
    ("a consultant: a referral", A, [ref(2)], "referral", [False]),
    ("a consultant: a scan", A, [scan("chan-C")], "scan", [False]),
    ("a consultant: an earlier visit", A, list(visited(5, "cons-b")), "visit", [False]),
    ("a channel: its registration", C, [regs("chan-C", "r1")], "registration", [True]),
    ("a channel: another's registration", D, [regs("chan-C", "r1")], "registration", [False]),
    ("a channel: another's masked number", D, [masked(3, "chan-C", "r1")], "registration", [False]),
    ("a channel: its scan", C, [scan("chan-C")], "scan", [True]),
    ("a channel: another's scan", D, [scan("chan-C")], "scan", [False]),
    ("a channel: a consultant's reception", C, [received_now("cons-a")], "received", [False]),
    ("a channel: a visit it brought", C, list(visited(5, "cons-a", "chan-C")), "visit", [True]),
    ("a channel: a visit another brought", D, list(visited(5, "cons-a", "chan-C")), "visit", [False]),
    ("a channel: the source it holds", C, [stands(5, "chan-C")], "earlier_source", [True]),
    ("a channel: the source another holds", D, [stands(5, "chan-C")], "earlier_source", [False]),
    ("an agent: their own registration", AGENT, [regs("chan-C", "r1", "agent-2")], "registration", [True]),
    ("an agent: a colleague's registration", AGENT, [regs("chan-C", "r1")], "registration", [False]),
    ("a channel of a consultant's name", Reader("channel", "cons-a"), [received_now("cons-a")], "received", [False]),
    ("the manager: everything", MANAGER, [received_now("cons-a"), regs("chan-C", "r1")], "registration", [True]),
    ("the reception: everything", RECEPTION, [received_now("cons-a")], "received", [True]),
]


@pytest.mark.parametrize("reader", [MANAGER, A, C])
def test_that_somebody_left_is_told_only_where_they_had_to_do_with_the_customer(reader: Reader) -> None:
    evidence = case(*visited(5, "cons-a"), left(2, "cons-a"), left(3, "cons-z"))
    told = [e for e in seen_by(reader, verdict(evidence), evidence).evidence if e.kind == "departed"]
    assert [e.at for e in told] == [NOW - 2 * DAY]


@pytest.mark.parametrize(("reader", "given_facts", "kind", "own"), [r[1:] for r in OWN], ids=[r[0] for r in OWN])
def test_own_evidence_is_told_whole(reader: Reader, given_facts: list[Any], kind: str, own: list[bool]) -> None:
    evidence = case(*given_facts)
    told = [e for e in seen_by(reader, verdict(evidence), evidence).evidence if e.kind == kind]
    assert [e.own for e in told] == own
    assert [bool(e.facts) for e in told] == own or kind == "called"


WHO = [
    ("the channel that is paid", C, [regs("chan-C", "r1")], "you", "nobody"),
    ("another channel", D, [regs("chan-C", "r1")], "somebody", "nobody"),
    ("the agent who is paid", AGENT, [regs("chan-C", "r1", "agent-2")], "you", "nobody"),
    ("a colleague of that agent", AGENT, [regs("chan-C", "r1")], "somebody", "nobody"),
    ("the owner", A, [received_now("cons-a")], "nobody", "you"),
    ("a colleague of the owner", B, [received_now("cons-a")], "nobody", "somebody"),
    ("the channel, of the owner", C, [received_now("cons-a")], "nobody", "somebody"),
]


@pytest.mark.parametrize(("reader", "given_facts", "paid", "owner"), [r[1:] for r in WHO], ids=[r[0] for r in WHO])
def test_who_it_is_about(reader: Reader, given_facts: list[Any], paid: str, owner: str) -> None:
    evidence = case(*given_facts)
    seen = seen_by(reader, verdict(evidence), evidence)
    assert (seen.paid_to, seen.owner) == (paid, owner)


def test_a_consultant_reads_their_own_share_only() -> None:
    evidence = case(*visited(5, "cons-a"), received_now("cons-b"))
    said = verdict(evidence)
    shares = [(s.own_percent, s.own_percent_same_day) for s in (seen_by(r, said, evidence) for r in (A, B, C))]
    assert shares == [(100, 50), (None, 50), (None, None)]


def test_what_other_people_did_exists_and_is_dated() -> None:
    evidence = case(regs("chan-C", "r1"), contact(2, "cons-b"))
    told = {e.kind: e for e in seen_by(A, verdict(evidence), evidence).evidence}
    assert (told["registration"].at, told["contact"].at) == (NOW - 3 * DAY, NOW - 2 * DAY)


def test_a_recognised_face_is_dated_and_never_described() -> None:
    face = FaceMatch(at=NOW, node="lobby", camera="cam", score=0.9, threshold=0.5)
    evidence = case(face=face)
    (told,) = [e for e in seen_by(MANAGER, verdict(evidence), evidence).evidence if e.kind == "face"]
    assert told.facts == {}


def test_erased_evidence_leaves_result_and_rule() -> None:
    evidence = case(regs("chan-C", "r1"))
    seen = seen_by(C, verdict(evidence), None)
    assert (seen.rule, seen.paid_to, seen.evidence) == ("registration", "you", [])


@given(facts, st.sampled_from(["a", "b"]), st.sampled_from(["C", "D", "E"]))
def test_no_side_ever_reads_whose_it_is(found: list[Any], consultant: str, channel: str) -> None:
    """Whatever the evidence: no id of a person, of another channel or of another's claim is in the answer."""
    evidence = _long_ids(built(found))
    said = verdict(evidence)
    readers = (Reader("consultant", f"<{consultant}>"), Reader("channel", f"<{channel}>"))
    for reader in readers:
        text = json.dumps(seen_by(reader, said, evidence).model_dump(mode="json"))
        own = {r.registration_id for r in evidence.registrations if r.channel_id == reader.id}
        own |= {s.claim_id for s in evidence.standing if s.channel_id == reader.id and s.claim_id}
        foreign = {name for name in _identifiers(evidence.model_dump(mode="json")) if name not in own | {reader.id}}
        assert not [name for name in foreign if name in text]


_NAMES = ("customer_id", "consultant_id", "channel_id", "agent_id", "referrer_id", "registration_id", "referral_id")


def _long_ids(evidence: Any) -> Any:
    """Every id in angle brackets, so that it is found in a text only when it is meant."""

    def marked(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: marked(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [marked(part, name) for part in value]
        is_id = name in (*_NAMES, "brought_by", "claim_id", "conflict", "owner_id")
        return f"<{value}>" if is_id and isinstance(value, str) else value

    return type(evidence).model_validate(marked(evidence.model_dump(mode="json")))


def _identifiers(value: Any, name: str = "") -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_identifiers(part, key) for key, part in value.items()))
    if isinstance(value, list):
        return set().union(*(_identifiers(part, name) for part in value))
    is_id = name in (*_NAMES, "brought_by", "claim_id", "conflict", "owner_id")
    return {value} if is_id and isinstance(value, str) else set()
