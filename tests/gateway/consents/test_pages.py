"""The copies of the consents: a node built from the contract alone ends equal to the gateway, whatever is lost."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import Session, col, select

from contracts.faces import digest
from contracts.ids import uuid7
from contracts.messages import ConsentAsk, ConsentPage
from gateway.consents import book, copies
from gateway.consents.tables import ConsentBook, ConsentRow, FaceAct
from gateway.context import Context
from gateway.database import Database
from gateway.writer import UnitOfWork

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass
class Gateway:
    """The book on a real database, without the rest."""

    database: Database
    context: Context
    people: int = 0

    @classmethod
    def on(cls, database: Database) -> "Gateway":
        config = SimpleNamespace(faces=SimpleNamespace(lease_seconds=900))
        context: Any = SimpleNamespace(config=config, epoch=uuid7(), consents_changed=lambda: None)
        return cls(database, context)

    def work(self, session: Session) -> UnitOfWork:
        return UnitOfWork(session, NOW, "/offices/yunqi/gateway")

    def give(self) -> None:
        self.people += 1
        with Session(self.database.write_engine) as session:
            row = ConsentRow(
                consent_id=uuid7(),
                person_ref=str(uuid4()),
                customer_id=f"customer-{self.people}",
                visit_id="v",
                device_id="kiosk",
                text_version="1",
                text_sha256="0",
                language="en",
                given_at=NOW,
                until=NOW + timedelta(days=90),
                state="granted",
                version=0,
            )
            book.enter(self.work(session), self.context, row)
            session.commit()

    def end(self, which: int) -> None:
        with Session(self.database.write_engine) as session:
            rows = session.exec(select(ConsentRow).order_by(ConsentRow.consent_id)).all()
            if rows:
                book.end(self.work(session), self.context, rows[which % len(rows)], "withdrawn", by="test")
                session.commit()

    def extend(self, which: int, days: int) -> None:
        with Session(self.database.write_engine) as session:
            customer = f"customer-{which % max(self.people, 1) + 1}"
            book.extend(self.work(session), self.context, customer, NOW + timedelta(days=days))
            session.commit()

    def settle(self) -> None:
        """What ended is of no more interest: the withdrawals are complete."""
        with Session(self.database.write_engine) as session:
            session.exec(update(ConsentRow).where(col(ConsentRow.state) == "ended").values(settled=True))
            session.commit()

    def rebuild(self) -> None:
        self.context.epoch = uuid7()

    def page(self, ask: ConsentAsk) -> ConsentPage:
        with self.database.read() as session:
            return copies.page(session, self.context, ask)

    def granted(self) -> dict[str, tuple[str, datetime]]:
        with self.database.read() as session:
            rows = session.exec(select(ConsentRow).where(ConsentRow.state != "ended"))
            return {row.consent_id: (row.person_ref, row.until) for row in rows}


@dataclass
class Node:
    """Does what `contracts.messages` asks of a node, and nothing more."""

    epoch: str = ""
    have: int = 0
    holds: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    forgot: set[str] = field(default_factory=set)
    named: set[str] | None = None
    from_zero: bool = False

    def ask(self) -> ConsentAsk:
        epoch, have = ("", 0) if self.from_zero else (self.epoch, self.have)
        return ConsentAsk(nonce=uuid7(), epoch=epoch, have=have, digest=self.digest())

    def digest(self) -> str:
        return digest((consent_id, ref) for consent_id, (ref, _) in self.holds.items())

    def take(self, page: ConsentPage) -> bool:
        """True when the copy is whole and equal."""
        if page.whole:
            self.named = set()
        for entry in page.entries:
            if entry.granted:
                self.holds[entry.consent_id] = (entry.person_ref, entry.until)
            else:
                self._forget(entry.consent_id)
            if self.named is not None:
                self.named.add(entry.consent_id)
        self.epoch, self.have, self.from_zero = page.epoch, page.through, False
        if page.more:
            return False
        if self.named is not None:
            for consent_id in set(self.holds) - self.named:
                self._forget(consent_id)
            self.named = None
        self.from_zero = self.digest() != page.digest
        return not self.from_zero

    def lose_power(self) -> None:
        """What was carried out is on its disk; that it was in the middle of a whole copy is not."""
        self.named = None

    def _forget(self, consent_id: str) -> None:
        self.holds.pop(consent_id, None)
        self.forgot.add(consent_id)


def sync(gateway: Gateway, node: Node, drop: Iterator[bool]) -> bool:
    """Ask until equal, at most some rounds; a dropped ask or answer is asked again. False: gave up for now."""
    for _ in range(60):
        ask = node.ask()
        if next(drop, False):
            continue
        page = gateway.page(ask)
        assert len(page.model_dump_json()) <= copies.MAX_PAGE_BYTES
        if next(drop, False):
            continue
        if node.take(page):
            return True
    return False


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        made = Database(Path(folder) / "gateway.db")
        made.migrate()
        yield made
        made.close()


def emptied(database: Database) -> Database:
    with Session(database.write_engine) as session:
        for table in (ConsentRow, ConsentBook, FaceAct):
            for row in session.exec(select(table)):
                session.delete(row)
        session.commit()
    return database


STEP = st.one_of(
    st.just(("give", 0)),
    st.just(("give", 0)),
    st.tuples(st.just("end"), st.integers(0, 9)),
    st.tuples(st.just("extend"), st.integers(0, 9)),
    st.just(("settle", 0)),
    st.just(("rebuild", 0)),
    st.tuples(st.just("sync"), st.integers(0, 2**24)),
    st.just(("power", 0)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=25))
def test_whatever_is_lost_on_the_way_a_completed_sync_leaves_both_equal(
    database: Database, steps: list[tuple[str, int]]
) -> None:
    gateway, node = Gateway.on(emptied(database)), Node()
    with patch.object(copies, "ENTRIES", 2):
        for number, (what, figure) in enumerate(steps):
            act(gateway, node, what, figure, number)
        assert sync(gateway, node, iter(()))
    assert node.holds == gateway.granted()


def act(gateway: Gateway, node: Node, what: str, figure: int, number: int) -> None:
    match what:
        case "give":
            gateway.give()
        case "end":
            gateway.end(figure)
        case "extend":
            gateway.extend(figure, 91 + number)
        case "settle":
            gateway.settle()
        case "rebuild":
            gateway.rebuild()
        case "power":
            node.lose_power()
        case _:
            drops = (bool(figure >> bit & 1) for bit in range(24))
            if sync(gateway, node, drops):
                assert node.holds == gateway.granted(), "a node kept what had ended"


def test_a_node_that_was_there_says_forgotten_of_every_consent_that_ended(database: Database) -> None:
    gateway, node = Gateway.on(emptied(database)), Node()
    for _ in range(5):
        gateway.give()
    assert sync(gateway, node, iter(()))
    held = set(node.holds)
    for which in range(5):
        gateway.end(which)
    assert sync(gateway, node, iter(()))
    assert node.forgot == held


def test_a_node_that_lost_its_copy_hears_of_what_must_still_be_confirmed(database: Database) -> None:
    gateway = Gateway.on(emptied(database))
    gateway.give()
    held = set(gateway.granted())
    gateway.end(0)
    fresh = Node()
    assert sync(gateway, fresh, iter(()))
    assert fresh.forgot == held
    gateway.settle()
    later = Node()
    assert sync(gateway, later, iter(()))
    assert later.forgot == set()


def test_a_node_from_a_future_that_a_restored_backup_lost_begins_again(database: Database) -> None:
    gateway, node = Gateway.on(emptied(database)), Node()
    gateway.give()
    assert sync(gateway, node, iter(()))
    node.have, node.holds["ghost"] = 1000, ("ghost", NOW)
    assert gateway.page(node.ask()).whole
    assert sync(gateway, node, iter(()))
    assert node.holds == gateway.granted()
    assert "ghost" in node.forgot


def test_a_full_page_fits_the_smallest_broker_and_the_book_agrees_with_the_rows(database: Database) -> None:
    gateway = Gateway.on(emptied(database))
    for _ in range(copies.ENTRIES + 5):
        gateway.give()
    gateway.end(3)
    gateway.extend(5, 400)
    page = gateway.page(ConsentAsk(nonce=uuid7()))
    assert (len(page.entries), page.more, page.whole) == (copies.ENTRIES, True, True)
    assert len(page.model_dump_json()) <= copies.MAX_PAGE_BYTES
    granted = gateway.granted()
    assert page.digest == digest((consent_id, ref) for consent_id, (ref, _) in granted.items())
    assert page.count == len(granted) == copies.ENTRIES + 4
    assert set(json.loads(page.entries[0].model_dump_json())) == {
        "consent_id",
        "person_ref",
        "granted",
        "until",
        "version",
    }
