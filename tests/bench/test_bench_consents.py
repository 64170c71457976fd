"""The nodes' copies at the size of a very large office."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from contracts.faces import digest
from contracts.ids import uuid7
from contracts.messages import ConsentAsk
from gateway.consents import book, copies
from gateway.consents.tables import ConsentBook, ConsentRow
from gateway.database import Database
from gateway.writer import UnitOfWork
from tests.bench.conftest import Report, percentile

pytestmark = pytest.mark.bench
PEOPLE = 50_000
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def filled(path: Path) -> Database:
    database = Database(path)
    database.migrate()
    rows = [
        {
            "consent_id": uuid7(),
            "person_ref": str(uuid4()),
            "customer_id": f"c{number}",
            "visit_id": "v",
            "device_id": "kiosk",
            "text_version": "1",
            "text_sha256": "0",
            "language": "en",
            "given_at": NOW,
            "until": NOW + timedelta(days=90),
            "state": "active",
            "under_14": False,
            "version": number,
            "settled": False,
            "engine": "opencv",
            "model": "m",
        }
        for number in range(1, PEOPLE + 1)
    ]
    whole = digest((str(row["consent_id"]), str(row["person_ref"])) for row in rows)
    with Session(database.write_engine) as session:
        session.connection().execute(insert(ConsentRow), rows)
        session.add(ConsentBook(book=1, version=PEOPLE, count=PEOPLE, digest=whole))
        session.commit()
    return database


def test_a_whole_copy_page_by_page_and_one_change(tmp_path: Path, report: Report) -> None:
    database = filled(tmp_path / "gateway.db")
    config = SimpleNamespace(faces=SimpleNamespace(lease_seconds=900))
    context: Any = SimpleNamespace(config=config, epoch=uuid7(), consents_changed=lambda: None)
    spent, sizes, have, more, entries = [], [], 0, True, 0
    while more:
        ask = ConsentAsk(nonce=uuid7(), epoch=context.epoch if have else "", have=have)
        began = time.perf_counter()
        with database.read() as session:
            page = copies.page(session, context, ask)
        text = page.model_dump_json()
        spent.append(time.perf_counter() - began)
        sizes.append(len(text))
        have, more, entries = page.through, page.more, entries + len(page.entries)
    report.add(f"whole copy of {entries:,} consents, gateway's side", f"{sum(spent):.1f} s", "30 s")
    report.add("one page of consents, p99", f"{percentile(spent, 0.99) * 1000:.1f} ms", "50 ms")
    report.add("largest page of consents", f"{max(sizes):,} B", f"{copies.MAX_PAGE_BYTES:,} B")

    began = time.perf_counter()
    with Session(database.write_engine) as session:
        book.extend(UnitOfWork(session, NOW, "/offices/x/gateway"), context, "c77", NOW + timedelta(days=99))
        session.commit()
    report.add(f"one change among {PEOPLE:,} consents", f"{(time.perf_counter() - began) * 1000:.1f} ms", "50 ms")
    assert entries == PEOPLE
    database.close()
