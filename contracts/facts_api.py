"""What a consultant notes of a customer: follow-ups and sales, bodies only."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.events import ShortText
from contracts.ids import Uuid
from contracts.rest import Wire


class FollowUpRequest(Wire):
    customer_id: Uuid
    channel: Literal["call", "message", "meeting", "visit"]
    reached: bool = True
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class SaleRequest(Wire):
    customer_id: Uuid
    kind: Literal["intent", "subscription", "contract", "payment"]
    amount_fen: Annotated[int, Field(ge=0, le=10**13)]
    unit_ref: ShortText = ""
    visit_id: Uuid | None = None


class FactCreated(Wire):
    fact_id: Uuid
