"""People and offers that the stand-in and the tests of the screens show. All invented."""

from datetime import timedelta
from typing import Any

from fastapi.responses import JSONResponse

from contracts.gateway_api import CustomerView, OfferView, RuleNote, TicketView, VisitView
from contracts.ids import uuid7
from contracts.rest import FieldError, Problem
from contracts.rota_api import Me, RotaEntry
from contracts.values import utc_now

PERSON = "01890000-0000-7000-8000-000000000001"
COLLEAGUE = "01890000-0000-7000-8000-000000000002"


def a_customer(**fields: Any) -> CustomerView:
    return CustomerView(
        edition="1",
        **{
            "customer_id": uuid7(),
            "name": "陈女士",
            "phone": "138****2345",
            "visit_count": 3,
            "first_seen": utc_now() - timedelta(days=31),
            "last_visit_at": utc_now() - timedelta(days=13),
            "owner_id": PERSON,
            "owner_name": "李明",
            "needs": "三房，110–130㎡，预算 420–480 万",
            "tags": ["学区", "近地铁"],
        }
        | fields,
    )


def in_two_projects(**fields: Any) -> CustomerView:
    """Somebody's in one of the office's projects, nobody's in the other."""
    lake = {"project": "lake", "name": "湖岸一期", "name_en": "Lakeside I"}
    hill = {"project": "hill", "name": "云栖山境", "name_en": "Yunqi Hill"}
    owned = {"project": lake, "owner_id": PERSON, "owner_name": "李明"}
    return a_customer(**fields, owners=[owned, {"project": hill}])


def an_offer(
    *, seconds: float = 30, kind: str = "return", customer: CustomerView | None = None, **fields: Any
) -> OfferView:
    now = utc_now()
    visit = VisitView(
        visit_id=uuid7(),
        kind=kind,
        state="offered",
        party_size=2,
        purpose="view_home",
        opened_at=now - timedelta(seconds=18),
        ticket=TicketView(ticket_id=uuid7(), number=12, state="waiting", issued_at=now),
        customer=customer or a_customer(),
        owner_id=PERSON,
        owner_name="李明",
    )
    return OfferView(
        **{
            "offer_id": uuid7(),
            "consultant_id": PERSON,
            "state": "pending",
            "offered_at": now,
            "expires_at": now + timedelta(seconds=seconds),
            "uses_turn": False,
            "rule": "rota.owner",
            "why": [
                RuleNote(rule="live_ownership", outcome="won", reason="followed_up_in_time", facts={}),
                RuleNote(rule="walk_in", outcome="lost", reason="customer_has_owner", facts={}),
            ],
            "visit": visit,
        }
        | fields
    )


def no_work() -> Me:
    entry = RotaEntry(consultant_id=PERSON, name="李明", state="signed_out", place=None)
    return Me(
        person_id=PERSON, name="李明", role="consultant", rota=entry, offers=[], serving=[], server_time=utc_now()
    )


def a_problem(status: int, code: str, errors: list[FieldError] | None = None) -> JSONResponse:
    problem = Problem(title=code, status=status, code=code, errors=errors or [])
    return JSONResponse(problem.model_dump(), status, media_type="application/problem+json")
