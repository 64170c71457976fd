"""Withdrawals, what each node confirmed, and the certificates."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from gateway.tables import Table, Utc


class WithdrawalRow(Table, table=True):
    """The consents it ends name it. `reason` is bound to the record `withdrawal:{withdrawal_id}`.

    `certificate` is made when it is complete, and never again.
    """

    __tablename__ = "withdrawals"
    withdrawal_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    state: str = Field(index=True)
    cause: str
    requested_at: datetime = Field(sa_type=Utc)
    requested_by: str
    requester_id: str | None = None
    reason: bytes | None = Field(default=None, sa_type=LargeBinary)
    stops_by: datetime = Field(sa_type=Utc)
    completed_at: datetime | None = Field(default=None, sa_type=Utc)
    certificate_no: str | None = Field(default=None, unique=True)
    certificate: str | None = None
    """The certificate's JSON, as it was issued."""


class WithdrawalNode(Table, table=True):
    """One node whose word the withdrawal waits for."""

    __tablename__ = "withdrawal_nodes"
    withdrawal_id: str = Field(primary_key=True)
    node: str = Field(primary_key=True, index=True)
    state: str
    vault: bool
    templates: int | None = None
    at: datetime | None = Field(default=None, sa_type=Utc)
    by: str = ""
    reason: str = ""


class ForgottenRow(Table, table=True):
    """What a node said last with weight: it holds nothing of that consent, and deleted so many templates."""

    __tablename__ = "face_forgotten"
    consent_id: str = Field(primary_key=True)
    node: str = Field(primary_key=True)
    templates: int
    vault: bool
    cause: str
    at: datetime = Field(sa_type=Utc)
