"""Ticket numbers, from 1 each day."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from gateway.tables import Table, Utc


class TicketRow(Table, table=True):
    """`paper` is a `contracts.gateway_api.Paper`; `print_command` the one order to print it, good to `paper_until`."""

    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("day", "number", name="uq_tickets_day_number"),)
    ticket_id: str = Field(primary_key=True)
    day: str
    number: int
    visit_id: str = Field(unique=True)
    state: str
    issued_at: datetime = Field(sa_type=Utc)
    called_at: datetime | None = Field(default=None, sa_type=Utc)
    paper: str = "none"
    paper_reason: str = ""
    paper_until: datetime | None = Field(default=None, sa_type=Utc)
    print_command: str | None = Field(default=None, index=True)
