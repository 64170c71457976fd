"""Whatever a decision can say — its rules, who owns, whose turn, by what facts — the desk has words for it."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from contracts.gateway_api import Source
from contracts.identity_api import FoundBy
from contracts.marks_api import NonCustomerReason
from gateway.attribution import gate, notes
from gateway.attribution.owners import OwnerRule
from gateway.attribution.ownership import Ownership
from gateway.attribution.sources import Brought
from gateway.rota import decisions
from gateway.rota import domain as rota
from gateway.rota.model import Override
from gateway.visits import assembly, links, marks
from gateway.visits import domain as visits
from gateway.visits.domain import OFFICE_CLOSED
from gateway.visits.signals import DepartureKind
from kiosk_ui.texts import LANGUAGES, LanguageCode, catalogue

WISHES = ("same_visit", "owner", "asked_for")
"""What a rota rule made of an f-string can be."""
SILENT = {
    "visit_id",
    "claims",
    "claim_id",
    "by",
    "agent_id",
    "valid",
    "lost_by",
    "masked",
    "owner_present",
    "ruling_id",
}
"""Facts that say nothing to a reader by themselves: ids, and what a claim's own line says in words."""


def constants(module: ModuleType) -> Iterator[ast.Constant]:
    yield from (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Constant))


def noted_rules() -> set[str]:
    """The rules that a verdict's notes name: a `rule=` of a note, or what a variable `rule` is set to."""
    found = {notes.FACE, gate.GATE}
    for node in ast.walk(ast.parse(inspect.getsource(notes))):
        if isinstance(node, ast.keyword) and node.arg == "rule" and isinstance(node.value, ast.Constant):
            found.add(str(node.value.value))
        elif isinstance(node, ast.Assign) and "rule" in ast.unparse(node.targets[0]).split(", ")[0]:
            first = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
            found |= {str(first.value)} if isinstance(first, ast.Constant) else set()
    return found


def noted_facts() -> set[str]:
    """The names under which notes keep what they read."""
    tables = [node for node in ast.walk(ast.parse(inspect.getsource(notes))) if isinstance(node, ast.Dict)]
    keys = {str(key.value) for table in tables for key in table.keys if isinstance(key, ast.Constant)}
    return keys - set(notes._BEFORE_WALK_IN) - SILENT


def turns() -> set[str]:
    rules = {str(c.value) for module in (rota, decisions) for c in constants(module)}
    kinds = {f"rota.{kind}" for kind in (*WISHES, *get_args(Override.model_fields["kind"].annotation))}
    return {rule.removeprefix("rota.") for rule in rules | kinds if rule.startswith("rota.") and rule != "rota."}


def steps() -> set[str]:
    """The rules of a visit's own decisions: of arrivals, and of whatever else was told about it."""
    found = set(get_args(DepartureKind)) | {OFFICE_CLOSED, "earliest_signal"}
    for module in (visits, assembly, marks, links):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Match", "book.told"}:
                rule = node.args[1 if ast.unparse(node.func) == "Match" else 4]
                found |= {str(rule.value)} if isinstance(rule, ast.Constant) else set()
    return found


def codes() -> dict[str, set[str]]:
    return {
        "codes.rule": noted_rules() | set(get_args(get_type_hints(Brought)["rule"])) | set(get_args(OwnerRule)),
        "verdict.turn": turns(),
        "verdict.step": steps(),
        "reception.mark.reasons": {"staff", *get_args(NonCustomerReason)},
        "verdict.source": set(get_args(Source)),
        "verdict.begun_by": set(get_args(get_type_hints(Ownership)["begun_by"])),
        "verdict.fact": noted_facts(),
        "reception.found_by": set(get_args(FoundBy)),
    }


def test_the_codes_are_found() -> None:
    found = codes()
    assert {"live_ownership", "source_in_force", "appeal_upheld", "nobody_yet", "walk_in"} <= found["codes.rule"]
    assert {"make_up", "lost_absent", "assigned", "handed_over", "owner"} <= found["verdict.turn"]
    assert {"no_number_given", "customer_after_all", "back_within_step_out_time"} <= found["verdict.step"]
    assert {"since", "days", "received_by"} <= found["verdict.fact"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_decision_has_words(language: LanguageCode) -> None:
    texts = catalogue(language)
    wanted = [f"{group}.{code}" for group, found in codes().items() for code in found]
    assert sorted(code for code in wanted if code not in texts) == []
