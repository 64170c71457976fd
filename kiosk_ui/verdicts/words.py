"""Verdicts and turns into sentences: what was decided, by which rule, what the others said, on what facts. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.gateway_api import Explanation, RuleNote, TurnCandidate, TurnDecision, VerdictView, VisitStep
from kiosk_ui.texts import Texts

Local = Callable[[datetime], str]
"""A moment in the office's time zone."""
Outcome = Literal["won", "lost", "not_applicable"]
_TIMES = (
    "at",
    "ruled_at",
    "since",
    "last_reached_at",
    "lapses_at",
    "until",
    "claim_until",
    "protected_until",
    "stated_at",
)
_ANSWERS = ("first_visit", "family_visited", "contacted")
_PEOPLE = ("owner_id", "received_by")
_CODES = {"begun_by": "verdict.begun_by", "marked_as": "reception.mark.reasons"}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: what it said, and the facts it read, each a sentence."""

    outcome: Outcome
    rule: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One verdict. `source` and `owner` say the result with the rule; `open_until` that the owner may still change."""

    at: str
    source: str
    owner: str
    conflict: bool
    open_until: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision of the rota. `others`: everyone it looked at, with the reason."""

    at: str
    rule: str
    chosen: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Verdicts and turns newest first, the visit's own steps as they happened."""

    verdicts: tuple[Said, ...]
    turns: tuple[Turn, ...]
    steps: tuple[str, ...] = ()


def tell(t: Texts, explanation: Explanation, names: Mapping[str, str], local: Local) -> Told:
    """`names` of consultants by id; somebody unknown is a colleague."""
    words = _Words(t, names, local)
    return Told(
        tuple(words.verdict(each) for each in reversed(explanation.verdicts)),
        tuple(words.turn(each) for each in reversed(explanation.turns)),
        tuple(words.step(each) for each in explanation.steps),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    t: Texts
    names: Mapping[str, str]
    local: Local

    def verdict(self, made: VerdictView) -> Said:
        t = self.t
        owner = made.owner_name or self._name(made.owner_id) if made.owner_id else t("verdict.nobody")
        return Said(
            at=self.local(made.made_at),
            source=t("verdict.by", result=t(f"verdict.source.{made.source}"), rule=t.code("codes.rule", made.rule)),
            owner=t("verdict.by", result=owner, rule=t.code("codes.rule", made.owner_rule)),
            conflict=bool(made.conflict),
            open_until="" if made.open_until is None else t("verdict.open_until", at=self.local(made.open_until)),
            lines=tuple(self._line(note) for note in sorted(made.rules, key=_order)),
        )

    def turn(self, made: TurnDecision) -> Turn:
        chosen = [self._candidate(c) for c in made.candidates if c.outcome == "chosen"]
        others = [c for c in made.candidates if c.outcome != "chosen"]
        return Turn(
            at=self.local(made.decided_at),
            rule=self.t.code("verdict.turn", made.rule.removeprefix("rota.")),
            chosen=self.t("verdict.list").join(chosen),
            others=tuple(f"{self._candidate(c)} — {self.t.code('codes.reason', c.reason)}" for c in others),
        )

    def step(self, made: VisitStep) -> str:
        said = self.t.code("verdict.step", made.rule)
        return self.t("verdict.happened", at=self.local(made.decided_at), what=said)

    def _candidate(self, one: TurnCandidate) -> str:
        name = one.name or self._name(one.consultant_id)
        said = one.facts.get("reason") if one.outcome == "chosen" else None
        return self.t("verdict.because", name=name, reason=said) if said else name

    def _line(self, note: RuleNote) -> Line:
        rule, reason = self.t.code("codes.rule", note.rule), self.t.code("codes.reason", note.reason)
        return Line(note.outcome, rule, reason, tuple(self._evidence(note.facts)))

    def _evidence(self, facts: Mapping[str, Any]) -> Iterator[str]:
        for key in _ANSWERS:
            if key in facts:
                yield self.t(f"verdict.fact.{key}", answer=self.t("gate.yes" if facts[key] else "gate.no"))
        for key in _TIMES:
            if key in facts:
                yield self.t(f"verdict.fact.{key}", at=self._moment(facts[key]))
        for key in _PEOPLE:
            if facts.get(key):
                yield self.t(f"verdict.fact.{key}", name=self._name(facts[key]))
        for key in _CODES.keys() & facts.keys():
            yield self.t(f"verdict.fact.{key}", code=self.t.code(_CODES[key], str(facts[key])))
        if "days" in facts:
            yield self.t("verdict.fact.days", n=facts["days"])
        if "score" in facts:
            yield self.t("verdict.fact.score", score=f"{facts['score']:.2f}", threshold=f"{facts['threshold']:.2f}")
        if facts.get("search"):
            yield self.t("verdict.fact.search")
        for number, claim in enumerate(facts.get("claims", ()), 1):
            yield self._claim(number, claim)

    def _claim(self, number: int, claim: Mapping[str, Any]) -> str:
        """Who else registered stays out of it: that it exists, when, and why it counts or not."""
        masked = self.t("verdict.claim.masked") if claim.get("masked") else ""
        said = self.t.code("codes.reason", claim["lost_by"]) if claim.get("lost_by") else self.t("verdict.claim.valid")
        return self.t("verdict.claim.line", n=number, masked=masked, at=self._moment(claim["at"]), said=said)

    def _moment(self, text: str) -> str:
        return self.local(datetime.fromisoformat(text))

    def _name(self, person_id: str | None) -> str:
        return self.names.get(person_id or "") or self.t("verdict.colleague")


def _order(note: RuleNote) -> int:
    """What won first; what had nothing to read last."""
    return ("won", "lost", "not_applicable").index(note.outcome)
