"""Decision table of projects (domain.md: claims are per project unless the office says otherwise)."""

from typing import Any

import pytest

from gateway.attribution.evidence import Evidence
from tests.gateway.attribution.world import called, came, case, ref, reg, scan, stands, verdict, visited

COMPANY = {"claim_scope": "company"}
BROUGHT = {"channel_rule": "first_brought"}
TWO = [reg(3, "C", project="lake"), reg(2, "D", project="lake")]
WALK_IN, BY_C, BY_D = ("walk_in", None), ("channel", "C"), ("channel", "D")

SOURCES = [
    # name, facts, project of the visit, policy, who brought them
    ("a registration for this project", [reg(3, project="lake")], "lake", {}, BY_C),
    ("a registration for another", [reg(3, project="hill")], "lake", {}, WALK_IN),
    ("a registration for another, company-wide", [reg(3, project="hill")], "lake", COMPANY, BY_C),
    ("a registration that names none", [reg(3)], "lake", {}, BY_C),
    ("a registration, and the visit names none", [reg(3, project="hill")], "", {}, BY_C),
    ("a referral for this project", [ref(3, project="lake")], "lake", {}, ("referral", None)),
    ("a referral for another", [ref(3, project="hill")], "lake", {}, WALK_IN),
    ("a visit for another blocks nothing", [came(5, project="hill"), reg(3, project="lake")], "lake", {}, BY_C),
    ("a visit for this one blocks", [came(5, project="lake"), reg(3, project="lake")], "lake", {}, WALK_IN),
    ("a source that stands for another", [stands(5, project="hill")], "lake", {}, WALK_IN),
    ("a source that stands for this one", [stands(5, project="lake")], "lake", {}, BY_C),
    ("the second one brings them, by a code for this one", [*TWO, scan("D", project="lake")], "lake", BROUGHT, BY_D),
    ("by a code for another", [*TWO, scan("D", project="hill")], "lake", BROUGHT, BY_C),
    ("by a code for another, company-wide", [*TWO, scan("D", project="hill")], "lake", BROUGHT | COMPANY, BY_D),
    ("by a code that names none", [*TWO, scan("D")], "lake", BROUGHT, BY_D),
]
OWNERS = [
    ("received for this project", list(visited(3, "a", project="lake")), "lake", {}, "a"),
    ("received for another", list(visited(3, "a", project="hill")), "lake", {}, None),
    ("received for another, company-wide", list(visited(3, "a", project="hill")), "lake", COMPANY, "a"),
    ("a call about this one", [called(3, "a", project="lake")], "lake", {}, "a"),
    ("a call about another", [called(3, "a", project="hill")], "lake", {}, None),
    ("a call about none in particular", [called(3, "a")], "lake", {}, "a"),
]


@pytest.mark.parametrize(
    ("given_facts", "project", "policy", "brought"), [r[1:] for r in SOURCES], ids=[r[0] for r in SOURCES]
)
def test_who_brought_them_to_this_project(
    given_facts: list[Any], project: str, policy: dict[str, Any], brought: tuple[str, str | None]
) -> None:
    said = verdict(case(*given_facts, project=project), **policy)
    assert (said.source, said.channel_id) == brought


@pytest.mark.parametrize(
    ("given_facts", "project", "policy", "owner"), [r[1:] for r in OWNERS], ids=[r[0] for r in OWNERS]
)
def test_whose_customer_they_are_in_this_project(
    given_facts: list[Any], project: str, policy: dict[str, Any], owner: str | None
) -> None:
    assert verdict(case(*given_facts, project=project), **policy).owner_id == owner


def test_evidence_stored_before_codes_had_a_project_is_still_read() -> None:
    stored = case(scan("C")).model_dump(mode="json")
    del stored["scans"][0]["project"]
    assert Evidence.model_validate(stored).scans[0].project == ""
