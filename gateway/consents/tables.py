"""Consents, refusals and enrolments, and what the nodes with faces say of themselves."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field

from gateway.tables import Table, Utc


class ConsentRow(Table, table=True):
    """One person's yes. `person_ref` is all that leaves this database: random, and new for each consent.

    `version` is when the nodes were last told something new about it. `guardian` is bound to the record
    `consent:{consent_id}:guardian`. `settled`: ended, and of no more interest to any node.
    """

    __tablename__ = "consents"
    __table_args__ = (
        Index("uq_consents_live", "customer_id", unique=True, sqlite_where=text("state != 'ended'")),
        Index("ix_consents_told", "version", sqlite_where=text("settled = 0")),
        Index("ix_consents_until", "until", sqlite_where=text("state != 'ended'")),
        Index("ix_consents_state", "state", sqlite_where=text("state != 'ended'")),
        Index("ix_consents_granted", "given_at", sqlite_where=text("state = 'granted'")),
    )
    consent_id: str = Field(primary_key=True)
    person_ref: str = Field(unique=True)
    customer_id: str = Field(index=True)
    visit_id: str
    device_id: str
    """The kiosk whose camera enrols."""
    text_version: str
    text_sha256: str
    language: str
    given_at: datetime = Field(sa_type=Utc)
    until: datetime = Field(sa_type=Utc)
    state: str
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    end_cause: str | None = None
    under_14: bool = False
    guardian: bytes | None = Field(default=None, sa_type=LargeBinary)
    version: int
    settled: bool = False
    engine: str = ""
    model: str = ""
    enrolled_at: datetime | None = Field(default=None, sa_type=Utc)
    withdrawal_id: str | None = Field(default=None, index=True)


class ConsentTextRow(Table, table=True):
    """A consent text as people read it, kept as long as a consent names its `sha256`."""

    __tablename__ = "consent_texts"
    sha256: str = Field(primary_key=True)
    version: str
    language: str
    body: str
    first_at: datetime = Field(sa_type=Utc)


class KioskCheckIn(Table, table=True):
    """Which screen a visit checked in at last: only that one may ask, and only for a few minutes."""

    __tablename__ = "kiosk_checkins"
    visit_id: str = Field(primary_key=True)
    device_id: str
    at: datetime = Field(sa_type=Utc, index=True)


class RefusalRow(Table, table=True):
    """A no, remembered until the end of the local day `day`. Never by face."""

    __tablename__ = "face_refusals"
    day: str = Field(primary_key=True)
    visit_id: str = Field(primary_key=True)
    phone_index: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)


class EnrolmentRow(Table, table=True):
    """The latest enrolment of a consent. `preview_token` opens one picture stream on the kiosk's own loopback."""

    __tablename__ = "enrolments"
    consent_id: str = Field(primary_key=True)
    state: str
    node: str
    camera: str
    command_id: str
    asked_at: datetime = Field(sa_type=Utc)
    deadline: datetime = Field(sa_type=Utc)
    """Without a word by then, it has failed."""
    preview_port: int | None = None
    preview_token: str | None = None
    shots: int = 0
    of: int = 3
    reason: str = ""


class ConsentBook(Table, table=True):
    """One row: what the nodes' copies are compared with. `digest` is of all that is granted (`contracts.faces`)."""

    __tablename__ = "consent_book"
    book: int = Field(default=1, primary_key=True)
    version: int = 0
    count: int = 0
    digest: str
    vault_node: str | None = None
    vault_key: str = ""


class FaceNode(Table, table=True):
    """A node that ever said it has faces. `status` is its last `FaceStatus`; None in `released_at`: it is needed."""

    __tablename__ = "face_nodes"
    node: str = Field(primary_key=True)
    status: str
    vault: bool
    people: int
    first_at: datetime = Field(sa_type=Utc)
    last_at: datetime = Field(sa_type=Utc)
    released_at: datetime | None = Field(default=None, sa_type=Utc)
    released_by: str = ""
    release_reason: str = ""


class FaceAct(Table, table=True):
    """The processing log (处理活动记录): what was done with faces, when and by whom. No name, number or picture."""

    __tablename__ = "face_acts"
    act_id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc, index=True)
    act: str
    consent_id: str | None = Field(default=None, index=True)
    by: str
    facts: str
