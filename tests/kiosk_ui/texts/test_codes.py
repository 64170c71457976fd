"""Whatever rule or reason the gateway can give, a person can read it: the codes are read from the gateway's sources."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import gateway
from contracts.fraud_api import FraudCode
from contracts.gateway_api import AwayReason
from contracts.scans_api import ScanRefusal
from gateway.attribution.claims import Against
from gateway.attribution.gate import GateReason
from gateway.attribution.owners import OwnerReason
from gateway.attribution.sources import Beaten, WonBy
from gateway.rota.model import SeatState
from kiosk_ui.texts import LANGUAGES, LanguageCode, catalogue

FEATURES = ("attribution", "floor", "me", "offers", "rota", "visits")
VERDICTS = (Against, Beaten, WonBy, OwnerReason, GateReason)
"""Reasons that a verdict carries from one of its parts to another."""
WISHES = ("same_visit", "owner", "asked_for")
FILLED = {
    "away_{}": [f"away_{reason}" for reason in get_args(AwayReason)],
    "goes_to_{}": [f"goes_to_{wish}" for wish in WISHES],
    "rota.{}": [f"rota.{wish}" for wish in WISHES],
}
"""What the gateway's f-strings can become."""
NAMED_BY_RULE = ("next", "make_up", "assist", "outside_hours", "all_free", "assigned", *WISHES)
"""Reasons that are the name of a rota rule, cut from it."""


def parts() -> Iterator[tuple[str, ast.expr]]:
    """Each expression given as `rule` or `reason` in the gateway, and each string that begins as a rota rule does."""
    root = Path(gateway.__file__).parent
    for file in (file for feature in FEATURES for file in sorted((root / feature).glob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in {"rule", "reason"}:
                yield node.arg, node.value
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"rule", "reason"}:
                yield str(getattr(node.targets[0], "id", "")), node.value
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_candidate":
                yield "reason", node.args[2]
            elif isinstance(node, ast.Constant) and str(node.value).startswith("rota.") and node.value != "rota.":
                yield "rule", node


def codes() -> set[str]:
    found = {f"reason.{code}" for code in (*NAMED_BY_RULE, *get_args(SeatState)) if code not in {"free", "away"}}
    found |= {f"reason.{code}" for codes in VERDICTS for code in get_args(codes) if code}
    for kind, expression in parts():
        branches = [expression.body, expression.orelse] if isinstance(expression, ast.IfExp) else [expression]
        for branch in branches:
            if isinstance(branch, ast.Constant) and isinstance(branch.value, str) and branch.value:
                found.add(f"{kind}.{branch.value}")
            elif isinstance(branch, ast.JoinedStr):
                found |= {f"{kind}.{code}" for code in FILLED[_pattern(branch)]}
    return found


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_reason_of_the_gateway_has_words(language: LanguageCode) -> None:
    assert {"rule.rota.next", "rule.live_ownership", "reason.no_claim", "reason.away_lunch", "reason.next"} <= codes()
    texts = catalogue(language)
    assert sorted(code for code in codes() if f"codes.{code}" not in texts) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_signal_of_fraud_has_words(language: LanguageCode) -> None:
    assert [code for code in get_args(FraudCode) if f"codes.fraud.{code}" not in catalogue(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_a_code_has_words(language: LanguageCode) -> None:
    assert [c for c in get_args(ScanRefusal) if c and f"scan.refused.{c}" not in catalogue(language)] == []
