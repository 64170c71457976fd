"""Small questions past SQLAlchemy: the same rows as it reads, in the same transaction, and its errors."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col, func, select

from gateway.asking import among, ask, ask_stored, given, objects, put, put_over
from gateway.attribution.tables import CallRow, ReferralRow
from gateway.database import Database
from gateway.offers.tables import OfferRow
from gateway.prepared import prepared
from gateway.roster.tables import PersonRow
from gateway.tables import GatewayState
from gateway.writer import UnitOfWork
from tests.gateway.files import lay_down

T0 = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
_STATE = select(GatewayState).where(GatewayState.key == given("key"))
_AMONG = select(GatewayState.key).where(col(GatewayState.key).in_(among("keys"))).order_by(GatewayState.key)
_OUTSIDE = select(GatewayState.key).where(col(GatewayState.key).not_in(among("keys")), GatewayState.value == "x")
_CALLS = select(CallRow).where(CallRow.at >= given("since")).order_by(col(CallRow.at))
_CALLED = select(CallRow.call_id).where(col(CallRow.at).in_(among("times")))
_PEOPLE = select(PersonRow.person_id, PersonRow.skills, col(PersonRow.started_on), PersonRow.active)
_REFERRALS = select(ReferralRow)
_CHANGE = update(GatewayState).where(col(GatewayState.key) == given("of_key")).values(value=given("to"))
_FORGET = delete(GatewayState).where(col(GatewayState.key) == given("key"))
_QUOTED = select(GatewayState.key).where(GatewayState.value == "it's :key, 'so'")
_ONE_OF = select(GatewayState.key).where(col(GatewayState.value).in_(["x", "it's :key, 'so'"])).limit(1)
_HERE = select(PersonRow.person_id).where(col(PersonRow.active))
_PENDING = select(OfferRow.offer_id).where(OfferRow.state == "pending", OfferRow.consultant_id > "")
_NEWEST = select(func.max(CallRow.at))
_ADD = (
    insert(GatewayState)
    .values(key=given("new"), value="made")
    .returning(col(GatewayState.key), col(GatewayState.value))
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    lay_down(tmp_path / "gateway.db")
    made = Database(tmp_path / "gateway.db")
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.write_engine) as made:
        yield made


def test_what_the_session_holds_is_found(session: Session) -> None:
    session.add(GatewayState(key="a", value="x"))
    assert ask(session, _STATE, key="a").all() == [("a", "x")]


def test_what_is_stored_is_found_without_writing_first(session: Session) -> None:
    session.add(GatewayState(key="a", value="x"))
    assert ask_stored(session, _STATE, key="a").first() is None


def test_a_rollback_takes_what_was_put(session: Session) -> None:
    put(session, GatewayState, key="a", value="x")
    session.rollback()
    assert ask(session, _STATE, key="a").first() is None
    put(session, GatewayState, key="b", value="x")
    session.commit()
    assert ask(session, _STATE, key="b").first() == ("b", "x")


def test_a_savepoint_takes_only_its_own(session: Session) -> None:
    unit = UnitOfWork(session, T0, "/offices/yunqi/gateway")
    put(session, GatewayState, key="a", value="x")
    with pytest.raises(ValueError, match="no"), unit.isolated():
        put(session, GatewayState, key="b", value="x")
        raise ValueError("no")
    assert ask(session, _AMONG, keys=["a", "b"]).scalars() == ["a"]


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "c"], ["a", "b", "c", "nobody"], [f"k{n}" for n in range(100)]])
def test_any_number_of_values(session: Session, keys: list[str]) -> None:
    for key in "abc":
        put(session, GatewayState, key=key, value="x")
    assert ask(session, _AMONG, keys=keys).scalars() == [key for key in "abc" if key in keys]
    assert set(ask(session, _OUTSIDE, keys=keys).scalars()) == set("abc") - set(keys)


def test_times_are_read_as_they_were_given(session: Session) -> None:
    for n in range(3):
        put(session, CallRow, call_id=f"c{n}", customer_id="k", consultant_id="p", at=T0 + timedelta(hours=n))
    later = ask(session, _CALLS, since=T0 + timedelta(hours=1)).all()
    assert [(row.call_id, row.at) for row in later] == [
        ("c1", T0 + timedelta(hours=1)),
        ("c2", T0 + timedelta(hours=2)),
    ]
    assert ask(session, _CALLED, times=[T0, T0 + timedelta(hours=2)]).scalars() == ["c0", "c2"]
    assert ask(session, _NEWEST).scalar() == T0 + timedelta(hours=2)


def test_lists_dates_and_truths_are_read_as_sqlalchemy_reads_them(session: Session) -> None:
    session.add(
        PersonRow(
            person_id="p",
            staff_no="A1",
            name_encrypted=b"",
            role="consultant",
            pin_hash="-",
            skills=["language:en"],
            team="",
            started_on=date(2026, 3, 1),
            active=False,
        )
    )
    put(session, ReferralRow, referral_id="r", referrer_id="k", phone_index="i", recorded_at=T0, owner_present=True)
    session.flush()
    assert ask(session, _PEOPLE).all() == [tuple(row) for row in session.connection().execute(_PEOPLE)]
    assert ask(session, _REFERRALS).first()._asdict() == session.connection().execute(_REFERRALS).one()._asdict()  # type: ignore[union-attr]
    assert ask(session, _PEOPLE).first() == ("p", ["language:en"], date(2026, 3, 1), False)


def test_constants_of_a_statement_are_taken_as_they_are(session: Session) -> None:
    put(session, GatewayState, key="a", value="it's :key, 'so'")
    assert ask(session, _QUOTED).scalars() == ["a"]
    assert ask(session, _ONE_OF).scalars() == ["a"]
    assert ask(session, _HERE).scalars() == []


def test_a_state_of_few_rows_is_found_by_their_index(session: Session) -> None:
    """SQLite uses an index of some rows only where it reads in the statement that no others are asked for."""
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {prepared(_PENDING).sql}").scalars(3).all()
    assert "uq_offers_pending" in plan[0]


def test_how_many_rows_were_touched(session: Session) -> None:
    put(session, GatewayState, key="a", value="x")
    assert ask(session, _CHANGE, of_key="a", to="y").rowcount == 1
    assert ask(session, _STATE, key="a").first() == ("a", "y")
    assert ask(session, _FORGET, key="a").rowcount == 1
    assert ask(session, _FORGET, key="a").rowcount == 0


def test_what_an_insert_gives_back(session: Session) -> None:
    (row,) = ask(session, _ADD, new="n").all()
    assert (row.key, row.value) == ("n", "made")


def test_the_same_key_twice_is_sqlalchemys_error_without_the_values(session: Session) -> None:
    put(session, GatewayState, key="a", value="13800138000")
    with pytest.raises(IntegrityError) as caught:
        put(session, GatewayState, key="a", value="13800138000")
    assert isinstance(caught.value, DBAPIError)
    assert "13800138000" not in str(caught.value)


def test_put_over_takes_the_place_of_what_was_there(session: Session) -> None:
    put(session, GatewayState, key="a", value="x")
    put_over(session, GatewayState, key="a", value="y")
    assert ask(session, _STATE, key="a").all() == [("a", "y")]


def test_a_reader_cannot_write(database: Database) -> None:
    with database.read() as session, pytest.raises(DBAPIError, match="readonly"):
        put(session, GatewayState, key="a", value="x")


def test_objects_may_be_changed_whether_the_session_holds_them_or_not(session: Session) -> None:
    assert not objects(session, _STATE, key="a")
    put(session, GatewayState, key="a", value="x")
    (row,) = objects(session, _STATE, key="a")
    row.value = "changed"
    assert ask(session, _STATE, key="a").first() == ("a", "changed")
