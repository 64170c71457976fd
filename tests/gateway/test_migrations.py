"""The migrations and the tables say the same."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.database import Database
from gateway.schema import METADATA


def test_migrated_tables_are_the_declared_ones(tmp_path: Path) -> None:
    database = Database(tmp_path / "gateway.db")
    database.migrate()
    with database.write_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.close()


def test_migrating_again_keeps_the_epoch(tmp_path: Path) -> None:
    database = Database(tmp_path / "gateway.db")
    database.migrate()
    epoch = database.epoch()
    database.migrate()
    assert database.epoch() == epoch
    database.close()
