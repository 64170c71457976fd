"""Turns, merges and receipts that the stand-in shows; tests change the members they are about. All invented."""

from datetime import timedelta
from typing import Any

from contracts.alerts_api import PushDeadLetter, ReceiptView
from contracts.appeals_api import AppealView
from contracts.floor_api import DeadLetterView
from contracts.fraud_api import FraudCode, FraudSignal
from contracts.gateway_api import Explanation, RuleNote, TurnCandidate, TurnVisit, VerdictView, WhyNot, WhyNotAnswer
from contracts.identity_api import ClaimableVisit, PoolEntry
from contracts.ids import uuid7
from contracts.sync_api import SyncView
from contracts.values import utc_now
from contracts.verdicts_api import ClaimConflict, OwnVerdict
from tests.kiosk_ui.samples import COLLEAGUE, PERSON, a_customer

THIRD = "01890000-0000-7000-8000-000000000003"


def a_turn(**fields: Any) -> TurnVisit:
    given = {
        "visit_id": uuid7(),
        "opened_at": utc_now() - timedelta(minutes=42),
        "ticket_number": 7,
        "kind": "first",
        "state": "serving",
        "party_size": 2,
        "consultant_name": "王芳",
    }
    return TurnVisit.model_validate(given | fields)


def why_not_me(visit_id: str, **fields: Any) -> WhyNot:
    """At lunch when the turn came: the next one was called, and a make-up kept."""
    given = {
        "decided_at": utc_now() - timedelta(minutes=41),
        "offer_id": uuid7(),
        "rule": "rota.next",
        "order": "walk_in",
        "policy_version": 3,
        "outcome": "skipped",
        "place": 1,
        "reason": "away_lunch",
        "facts": {"turn": "make_up"},
        "stood": [
            _stood(PERSON, "李明", 1, "skipped", "away_lunch"),
            _stood(COLLEAGUE, "王芳", 2, "chosen", "next"),
            _stood(THIRD, "赵磊", 3, "later", "later_in_order"),
        ],
    }
    answer = WhyNotAnswer.model_validate(given | fields)
    return WhyNot(visit_id=visit_id, consultant_id=PERSON, answers=[answer])


def _stood(consultant_id: str, name: str, place: int | None, outcome: str, reason: str) -> TurnCandidate:
    said = {"consultant_id": consultant_id, "name": name, "place": place, "outcome": outcome, "reason": reason}
    return TurnCandidate.model_validate(said)


def a_receipt(**fields: Any) -> ReceiptView:
    now = utc_now()
    given = {
        "alert_id": uuid7(),
        "kind": "vip_return",
        "ticket_number": 12,
        "role": "consultant",
        "recipient_id": PERSON,
        "recipient_name": "李明",
        "awake": False,
        "raised_at": now - timedelta(minutes=3),
        "expires_at": now + timedelta(minutes=27),
        "delivered_at": None,
        "shown_at": None,
        "read_at": None,
        "read_by": None,
        "settled_at": None,
    }
    return ReceiptView.model_validate(given | fields)


def a_dead_letter(**fields: Any) -> DeadLetterView:
    given = {
        "dead_letter_id": uuid7(),
        "received_at": utc_now() - timedelta(hours=1),
        "node": "lobby",
        "topic": "anchang/v1/yunqi/lobby/events",
        "stream": None,
        "sequence": None,
        "event_type": "door.crossing.v1",
        "reason": "schema",
        "detail": "",
        "size": 210,
    }
    return DeadLetterView.model_validate(given | fields)


def a_claim(**fields: Any) -> ClaimableVisit:
    now = utc_now()
    given = {"visit_id": uuid7(), "opened_at": now - timedelta(hours=3), "open_until": now + timedelta(hours=45)}
    return ClaimableVisit.model_validate({**given, "customer": a_customer()} | fields)


def in_pool(**fields: Any) -> PoolEntry:
    customer = a_customer(name="吴先生", owner_id=None, owner_name="孙悦")
    return PoolEntry.model_validate({"customer": customer, "owner_left_at": utc_now() - timedelta(days=2)} | fields)


def a_verdict(**fields: Any) -> OwnVerdict:
    """A colleague's call came first: the customer is theirs, although I received and followed up."""
    now = utc_now()
    rules = [("live_ownership", "won", "followed_up_in_time"), ("walk_in", "lost", "customer_has_owner")]
    evidence = [
        (now - timedelta(days=6), "called", False),
        (now - timedelta(days=3), "contact", True),
        (now - timedelta(minutes=50), "arrival", True),
        (now - timedelta(minutes=48), "received", True),
    ]
    given = {
        "verdict_id": uuid7(),
        "visit_id": uuid7(),
        "made_at": now - timedelta(minutes=47),
        "policy_version": 3,
        "appeal_until": now + timedelta(days=7),
        "source": "walk_in",
        "rule": "live_ownership",
        "owner_rule": "live_ownership",
        "paid_to": "nobody",
        "owner": "somebody",
        "conflict": False,
        "rules": [{"rule": rule, "outcome": outcome, "reason": reason} for rule, outcome, reason in rules],
        "evidence": [{"at": at, "kind": kind, "own": own} for at, kind, own in evidence],
        "opened_at": now - timedelta(minutes=50),
        "ticket_number": 12,
        "customer": "陈**",
    }
    return OwnVerdict.model_validate(given | fields)


def an_appeal(**fields: Any) -> AppealView:
    given = {
        "appeal_id": uuid7(),
        "revision": 1,
        "visit_id": uuid7(),
        "verdict_id": uuid7(),
        "party_kind": "consultant",
        "party_id": PERSON,
        "party_name": "李明",
        "state": "open",
        "text": "客户三周前就由我接待，微信记录在",
        "filed_at": utc_now() - timedelta(minutes=20),
        "filed_by": PERSON,
    }
    return AppealView.model_validate(given | fields)


def explained(verdict: OwnVerdict) -> Explanation:
    """The same verdict as the manager reads it: the colleague's customer."""
    full = VerdictView(
        verdict_id=verdict.verdict_id,
        visit_id=verdict.visit_id,
        made_at=verdict.made_at,
        source=verdict.source,
        owner_id=COLLEAGUE,
        owner_name="王芳",
        rule=verdict.rule,
        rules=[RuleNote.model_validate(rule.model_dump()) for rule in verdict.rules],
        policy_version=verdict.policy_version,
        owner_rule="live_ownership",
    )
    return Explanation(visit_id=verdict.visit_id, verdicts=[full], turns=[])


def a_push(**fields: Any) -> PushDeadLetter:
    given = {
        "push_id": uuid7(),
        "channel": "managers",
        "kind": "unanswered",
        "ticket_number": 12,
        "recipient_id": None,
        "created_at": utc_now() - timedelta(hours=1),
        "attempts": 8,
        "error": "timeout",
    }
    return PushDeadLetter.model_validate(given | fields)


def a_sync(**fields: Any) -> SyncView:
    conflict = {
        "conflict_id": uuid7(),
        "at": utc_now() - timedelta(hours=2),
        "kind": "customer",
        "item_id": uuid7(),
        "field": "name",
        "office_value": "陈**",
        "company_value": "程**",
        "winner": "company",
        "rule": "head_office_corrects_names",
    }
    given = {
        "configured": True,
        "cursor": "1",
        "fetching_everything": False,
        "heard_at": utc_now(),
        "complete_at": utc_now() - timedelta(minutes=3),
        "lag_seconds": 180.0,
        "clock_offset_ms": 12,
        "conflicts": [conflict],
        "faults": [],
    }
    return SyncView.model_validate(given | fields)


FIGURES: dict[FraudCode, dict[str, float]] = {
    "registered_near_arrival": {"minutes_before": 12.0, "within": 45, "masked": 1.0},
    "walk_in_registered_after": {"minutes_after": 95.0, "hours": 24, "masked": 0.0},
    "number_of_many_channels": {"channels": 3, "registrations": 4, "hours": 30.0, "at_least": 3, "days": 15},
    "agent_faster_than_others": {
        "n": 14,
        "median_minutes": 36.0,
        "others_n": 120,
        "others_median_minutes": 2880.0,
        "ratio": 0.0125,
        "ratio_low": 0.008,
        "ratio_high": 0.03,
        "confidence": 0.95,
        "at_most": 0.25,
        "at_least": 10,
    },
    "masked_behind_rivals": {
        "followed": 6,
        "masked": 8,
        "share": 0.75,
        "at_least": 3,
        "at_least_share": 0.5,
        "hours": 48,
    },
}
"""What the gateway says of each kind of signal (`FraudSignal`)."""


def a_signal(code: FraudCode = "registered_near_arrival", **fields: Any) -> FraudSignal:
    given = {
        "signal_id": uuid7(),
        "code": code,
        "at": utc_now() - timedelta(hours=1),
        "figures": FIGURES[code],
        "registration_ids": [uuid7()],
        "channel_ids": [uuid7()],
    }
    return FraudSignal.model_validate(given | fields)


def a_conflict(**fields: Any) -> ClaimConflict:
    now = utc_now()
    claims = [("安居渠道", "韩梅", 5), ("同城渠道", "", 3)]
    given = {
        "visit_id": uuid7(),
        "verdict_id": uuid7(),
        "made_at": now,
        "opened_at": now,
        "ticket_number": 12,
        "customer": "陈**",
        "appeal_until": now + timedelta(days=7),
        "claims": [
            {
                "registration_id": uuid7(),
                "channel_name": channel,
                "agent_name": agent,
                "accepted_at": now - timedelta(hours=hours),
            }
            for channel, agent, hours in claims
        ],
    }
    return ClaimConflict.model_validate(given | fields)
