"""What a file is known by, read from its keyed indexes and from the readings of its name."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from contracts.identity_api import AlikeBy
from gateway.asking import among, ask_stored
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow, NameReading
from gateway.identity.candidates import Marks
from gateway.identity.names import readings
from gateway.identity.tables import ID_NUMBER, StrongKeyRow
from gateway.keys import Keys

MOST_HOLDERS = 50
"""Files read for one kind of mark, newest first: whoever shares the commonest name with more people is not found."""
_COLUMNS: dict[AlikeBy, tuple[Any, Any]] = {
    "id_number": (col(StrongKeyRow.customer_id), col(StrongKeyRow.key_index)),
    "name": (col(CustomerRow.customer_id), col(CustomerRow.name_index)),
    "masked_phone": (col(CustomerRow.customer_id), col(CustomerRow.phone37_index)),
    "sounds_alike": (col(NameReading.customer_id), col(NameReading.reading_index)),
}

_HOLDERS = {
    kind: select(customer_id).where(index.in_(among("values"))).order_by(customer_id.desc()).limit(MOST_HOLDERS)
    for kind, (customer_id, index) in _COLUMNS.items()
}
_DOCUMENTS = select(StrongKeyRow.customer_id, StrongKeyRow.key_index).where(
    col(StrongKeyRow.customer_id).in_(among("files")), StrongKeyRow.kind == ID_NUMBER
)


def of_files(session: Session, keys: Keys, files: Iterable[CustomerRow]) -> dict[str, Marks]:
    """By the id of each file."""
    rows = list(files)
    wanted = [row.customer_id for row in rows]
    documents: dict[str, str] = dict(ask_stored(session, _DOCUMENTS, files=wanted).all()) if wanted else {}
    return {row.customer_id: _of_file(keys, row, documents.get(row.customer_id)) for row in rows}


def together(known: Iterable[Marks]) -> Marks:
    """Of all files of one person."""
    united: dict[AlikeBy, frozenset[str]] = {}
    for marks in known:
        for kind, values in marks.items():
            united[kind] = united.get(kind, frozenset()) | values
    return united


def holders(session: Session, seen: Marks) -> list[str]:
    """Ids of the files that share a mark, the same file too."""
    found: set[str] = set()
    for kind, values in seen.items():
        found.update(ask_stored(session, _HOLDERS[kind], values=sorted(values)).scalars() if values else ())
    return sorted(found)


def _of_file(keys: Keys, row: CustomerRow, document: str | None) -> Marks:
    name = customers.secrets(keys, row).name
    sounds = frozenset(keys.index("pinyin", way) for way in readings(name).pinyin)
    known: dict[AlikeBy, str | None] = {
        "id_number": document,
        "name": row.name_index,
        "masked_phone": row.phone37_index,
    }
    return {kind: frozenset({value}) for kind, value in known.items() if value} | {"sounds_alike": sounds}
