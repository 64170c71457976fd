"""Turns, merges and receipts that the stand-in shows; tests change the members they are about. All invented."""

from datetime import timedelta
from typing import Any

from contracts.alerts_api import ReceiptView
from contracts.floor_api import DeadLetterView
from contracts.gateway_api import TurnCandidate, TurnVisit, WhyNot, WhyNotAnswer
from contracts.ids import uuid7
from contracts.values import utc_now
from tests.kiosk_ui.samples import COLLEAGUE, PERSON

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
