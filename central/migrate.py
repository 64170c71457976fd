"""Alembic from inside the program: the database is brought to the newest revision before the first request."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from central.database import Database

_ANCHANG_LOCK = 0x616E6368  # PostgreSQL advisory lock: of several workers starting at once one migrates


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return found


async def upgrade(database: Database, revision: str = "head") -> None:
    engine = database.engine.execution_options(begin_statement="BEGIN IMMEDIATE")
    async with engine.begin() as connection:
        if database.dialect == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ANCHANG_LOCK})
        await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
