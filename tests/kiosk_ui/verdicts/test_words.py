"""What an explanation says, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.gateway_api import Explanation, RuleNote, TurnCandidate, TurnDecision, VerdictView
from contracts.ids import uuid7
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from kiosk_ui.verdicts import Told, tell

LI, WANG, NOON = uuid7(), uuid7(), datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NAMES = {LI: "李明"}


def a_verdict(*rules: RuleNote, **fields: Any) -> VerdictView:
    same = {"verdict_id": uuid7(), "visit_id": uuid7(), "made_at": NOON, "source": "walk_in", "owner_id": None}
    more = {
        "owner_name": None,
        "rule": "walk_in",
        "rules": list(rules),
        "policy_version": 1,
        "owner_rule": "nobody_yet",
    }
    return VerdictView.model_validate(same | more | fields)


def a_note(rule: str, outcome: str, reason: str, **facts: Any) -> RuleNote:
    return RuleNote.model_validate({"rule": rule, "outcome": outcome, "reason": reason, "facts": facts})


def told(*verdicts: VerdictView, turns: tuple[TurnDecision, ...] = (), language: LanguageCode = "zh-CN") -> Told:
    given = Explanation(visit_id=uuid7(), verdicts=list(verdicts), turns=list(turns))
    return tell(Texts(language), given, NAMES, lambda at: at.strftime("%H:%M"))


def test_the_result_names_its_rule() -> None:
    (said,) = told(a_verdict(source="channel", rule="registration", owner_id=LI, owner_rule="live_ownership")).verdicts
    assert said.source == "渠道带访 · 依据：渠道报备"
    assert said.owner == "李明 · 依据：客户归属"


def test_the_newest_verdict_comes_first() -> None:
    older, newer = a_verdict(), a_verdict(source="referral", rule="referral")
    assert [said.source[:3] for said in told(older, newer).verdicts] == ["老带新", "自然到"]


def test_what_won_stands_before_what_lost_and_what_had_nothing_to_say() -> None:
    silent, lost, won = (
        a_note("referral", "not_applicable", "no_referral"),
        a_note("walk_in", "lost", "claimed"),
        a_note("registration", "won", "only_claim"),
    )
    (said,) = told(a_verdict(silent, lost, won)).verdicts
    assert [line.outcome for line in said.lines] == ["won", "lost", "not_applicable"]


def test_evidence_carries_its_times_and_people() -> None:
    facts = {"owner_id": LI, "since": NOON.isoformat(), "begun_by": "called", "days": 15}
    (said,) = told(a_verdict(a_note("live_ownership", "won", "followed_up_in_time", **facts))).verdicts
    assert set(said.lines[0].evidence) == {"自 04:00", "归属顾问：李明", "始于来电", "规则期限 15 天"}


def test_claims_of_others_are_said_to_exist_with_their_date_and_why_they_count() -> None:
    claim = {"claim_id": uuid7(), "by": uuid7(), "agent_id": uuid7(), "at": NOON.isoformat(), "valid": True}
    facts = {"claims": [claim | {"lost_by": "", "masked": False}, claim | {"lost_by": "masked_number", "masked": True}]}
    (said,) = told(a_verdict(a_note("registration", "won", "proven_by_number", **facts))).verdicts
    assert said.lines[0].evidence == ("主张 1，04:00：有效", "主张 2（隐号），04:00：仅报备了部分号码")
    assert str(claim["by"]) not in str(said)


def test_a_conflict_of_masked_registrations_is_said() -> None:
    (said,) = told(a_verdict(conflict=[uuid7(), uuid7()])).verdicts
    assert said.conflict


def test_a_turn_names_who_was_chosen_why_and_who_was_passed_by() -> None:
    chosen = TurnCandidate(
        consultant_id=LI, name="李明", place=1, outcome="chosen", reason="assigned", facts={"reason": "客户点名"}
    )
    other = TurnCandidate(consultant_id=WANG, name="", place=2, outcome="skipped", reason="away_lunch")
    made = TurnDecision(
        decided_at=NOON, offer_id=None, rule="rota.assigned", uses_turn=False, candidates=[chosen, other]
    )
    (turn,) = told(turns=(made,)).turns
    assert (turn.rule, turn.chosen) == ("不按轮序，指派接待", "李明（原因：客户点名）")
    assert turn.others == ("同事 — 用餐中",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_newer_than_the_screens_is_shown_as_it_is(language: LanguageCode) -> None:
    (said,) = told(a_verdict(a_note("not_invented_yet", "won", "nor_this")), language=language).verdicts
    assert (said.lines[0].rule, said.lines[0].reason) == ("not_invented_yet", "nor_this")
