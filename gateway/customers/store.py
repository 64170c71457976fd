"""Customer files in the database, encrypted columns and their keyed look-ups."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import delete
from sqlmodel import Session, col, select

from contracts.facts import CustomerRecorded
from contracts.gateway_api import CustomerView
from contracts.ids import uuid7
from contracts.sealing import CustomerSecret
from contracts.values import Phone, mask_name, mask_phone
from gateway.asking import among, ask, given, objects
from gateway.customers import aliases
from gateway.customers.tables import CustomerRow, ErasureRow, NameReading, RevealRow
from gateway.identity.names import readings
from gateway.keys import Keys
from gateway.writer import UnitOfWork

_FILES = select(CustomerRow).where(col(CustomerRow.customer_id).in_(among("files")))
_BY_PHONE = select(CustomerRow.customer_id).where(CustomerRow.phone_index == given("phone"))
_FORGET_READINGS = delete(NameReading).where(col(NameReading.customer_id) == given("file"))


class Details(BaseModel):
    """What the encrypted `details` column holds."""

    needs: str = ""
    tags: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The decrypted side of one file. Never logged."""

    phone: str | None
    name: str
    details: Details


@dataclass(frozen=True, slots=True)
class Figures:
    """Visits of one person over all their files."""

    visits: int
    last_at: datetime | None


def get(session: Session, customer_id: str) -> CustomerRow | None:
    """The file that speaks for that person: of a merged file the one it was merged into."""
    return session.get(CustomerRow, aliases.root(session, customer_id))


def by_ids(session: Session, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
    """By each id asked for, the file that speaks for that person."""
    above = aliases.roots(session, customer_ids)
    found = files(session, set(above.values()))
    return {each: found[file] for each, file in above.items() if file in found}


def file(session: Session, customer_id: str) -> CustomerRow | None:
    """That very file, merged or not."""
    return session.get(CustomerRow, customer_id)


def files(session: Session, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
    """Those very files, merged or not."""
    wanted = list(customer_ids)
    found = objects(session, _FILES, files=wanted) if wanted else ()
    return {c.customer_id: c for c in found}


def figures(session: Session, row: CustomerRow) -> Figures:
    """Of a file that speaks for others: all of them together."""
    return figures_of(session, [row])[row.customer_id]


def figures_of(session: Session, rows: Collection[CustomerRow]) -> dict[str, Figures]:
    """By the id of each file; two queries, however many they are."""
    theirs = {row.customer_id: [row] for row in rows}
    merges = aliases.below(session, theirs)
    merged = files(session, (merge.merged_id for merge in merges))
    for merge in merges:
        if merge.merged_id in merged:
            theirs[merge.kept_id].append(merged[merge.merged_id])
    return {customer_id: _together(each) for customer_id, each in theirs.items()}


def by_phone(session: Session, keys: Keys, phone: Phone) -> CustomerRow | None:
    return by_phone_index(session, keys.index("phone", phone))


def by_phone_index(session: Session, phone_index: str) -> CustomerRow | None:
    """By the keyed index of a number that somebody proved to be theirs."""
    found: str | None = ask(session, _BY_PHONE, phone=phone_index).scalar()
    return None if found is None else get(session, found)


def new(keys: Keys, phone: Phone, name: str, now: datetime) -> CustomerRow:
    """A file under a provisional id; `record` stores it."""
    return _file(keys, uuid7(), phone, name, now)


def adopted(keys: Keys, customer_id: str, phone: Phone | None, name: str, created_at: datetime) -> CustomerRow:
    """A file that central sent: its id is no longer provisional."""
    row = _file(keys, customer_id, phone, name, created_at)
    row.provisional = False
    return row


def _file(keys: Keys, customer_id: str, phone: Phone | None, name: str, created_at: datetime) -> CustomerRow:
    return CustomerRow(
        customer_id=customer_id,
        phone=None if phone is None else keys.encrypt(phone, record=_record(customer_id, "phone")),
        phone_index=None if phone is None else keys.index("phone", phone),
        phone37_index=None if phone is None else keys.index("phone37", phone.first3_last4),
        last4_index=None if phone is None else keys.index("last4", phone.last4),
        name=keys.encrypt(name, record=_record(customer_id, "name")),
        name_index=keys.index("name", name) if name else None,
        details=keys.encrypt(Details().model_dump_json(), record=_record(customer_id, "details")),
        created_at=created_at,
    )


def secrets(keys: Keys, row: CustomerRow) -> Secrets:
    phone = None if row.phone is None else keys.decrypt(row.phone, record=_record(row.customer_id, "phone"))
    name = keys.decrypt(row.name, record=_record(row.customer_id, "name"))
    details = Details.model_validate_json(keys.decrypt(row.details, record=_record(row.customer_id, "details")))
    return Secrets(phone, name, details)


def rename(keys: Keys, row: CustomerRow, name: str) -> None:
    row.name = keys.encrypt(name, record=_record(row.customer_id, "name"))
    row.name_index = keys.index("name", name) if name else None


def describe(keys: Keys, row: CustomerRow, details: Details) -> None:
    row.details = keys.encrypt(details.model_dump_json(), record=_record(row.customer_id, "details"))


def is_erased(session: Session, customer_id: str) -> bool:
    """Whether the person had that very file erased."""
    return session.get(ErasureRow, customer_id) is not None


def blank(keys: Keys, row: CustomerRow) -> None:
    """Nothing of a person is in it any more; how often somebody came, and whose they were, is nobody's without it."""
    row.phone = row.phone_index = row.phone37_index = row.last4_index = row.read_as = row.owner_id = None
    rename(keys, row, "")
    describe(keys, row, Details())


def record(uow: UnitOfWork, keys: Keys, row: CustomerRow) -> None:
    """Store the file as it stands now and tell central, sealed."""
    row.revision += 1
    uow.session.add(row)
    _index_readings(uow.session, keys, row)
    known = secrets(keys, row)
    secret = CustomerSecret(phone=known.phone, name=known.name)
    uow.uplink(
        CustomerRecorded(
            customer_id=row.customer_id,
            revision=row.revision,
            created_at=row.created_at,
            owner_id=row.owner_id,
            company_revision=row.company_revision,
            sealed=keys.sealer.seal(secret.model_dump_json(), record=row.customer_id),
        )
    )


def keep(session: Session, keys: Keys, row: CustomerRow) -> None:
    """Store a file that central has as it is."""
    session.add(row)
    _index_readings(session, keys, row)
    session.flush()


def log_reveal(uow: UnitOfWork, customer_id: str, person_id: str) -> None:
    uow.session.add(RevealRow(reveal_id=uuid7(), customer_id=customer_id, person_id=person_id, at=uow.now))


def edition(row: CustomerRow) -> str:
    """Of what people write into a file: encrypting the same words again gives another one."""
    return hashlib.sha256(row.name + row.details).hexdigest()[:16]


def view(
    session: Session, keys: Keys, row: CustomerRow, names: dict[str, str], *, revealed: bool = False
) -> CustomerView:
    """Masked unless `revealed`; needs and tags are what a consultant wrote down and are shown as they are."""
    return _view(keys, row, figures(session, row), names, revealed=revealed)


def views(
    session: Session, keys: Keys, rows: Collection[CustomerRow], names: dict[str, str]
) -> dict[str, CustomerView]:
    """A page of them, masked, by the id of each file."""
    seen = figures_of(session, rows)
    return {row.customer_id: _view(keys, row, seen[row.customer_id], names, revealed=False) for row in rows}


def _view(keys: Keys, row: CustomerRow, seen: Figures, names: dict[str, str], *, revealed: bool) -> CustomerView:
    known = secrets(keys, row)
    phone = known.phone or ""
    return CustomerView(
        customer_id=row.customer_id,
        name=known.name if revealed else mask_name(known.name),
        phone=phone if revealed or not phone else mask_phone(phone),
        revealed=revealed,
        visit_count=seen.visits,
        first_seen=row.created_at,
        last_visit_at=seen.last_at,
        owner_id=row.owner_id,
        owner_name=names.get(row.owner_id or ""),
        needs=known.details.needs,
        tags=known.details.tags,
        edition=edition(row),
    )


def index_unread(session: Session, keys: Keys, limit: int) -> int:
    """Index the readings of names stored before readings were kept. Returns of how many, at most `limit`."""
    query = select(CustomerRow).where(col(CustomerRow.read_as).is_distinct_from(col(CustomerRow.name_index)))
    rows = session.exec(query.limit(limit)).all()
    for row in rows:
        _index_readings(session, keys, row)
    return len(rows)


def _index_readings(session: Session, keys: Keys, row: CustomerRow) -> None:
    if row.read_as == row.name_index:
        return
    ask(session, _FORGET_READINGS, file=row.customer_id)
    known = readings(keys.decrypt(row.name, record=_record(row.customer_id, "name")))
    found = [keys.index("pinyin", p) for p in known.pinyin] + [keys.index("initials", i) for i in known.initials]
    session.add_all(NameReading(reading_index=index, customer_id=row.customer_id) for index in found)
    row.read_as = row.name_index
    session.add(row)


def _together(rows: Iterable[CustomerRow]) -> Figures:
    counted = list(rows)
    last = max((each.last_visit_at for each in counted if each.last_visit_at is not None), default=None)
    return Figures(sum(each.visit_count for each in counted), last)


def _record(customer_id: str, column: str) -> str:
    return f"customer:{customer_id}:{column}"
