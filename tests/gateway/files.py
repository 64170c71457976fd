"""A gateway's database as it is after its migrations: made once, because the migrations are most of a short test."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session

from gateway.database import Database
from gateway.tables import GatewayState
from gateway.uplink.tables import UplinkStream


def lay_down(path: Path) -> None:
    """An empty database where there is none; it gets an epoch and a stream of its own when it is opened."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "gateway.db")
        database.migrate()
        with Session(database.write_engine) as session:
            session.connection().execute(delete(GatewayState))
            session.connection().execute(delete(UplinkStream))
            session.commit()
        database.close()
        return database.path.read_bytes()
