"""The migrations and the tables say the same."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gateway import migrations
from gateway.database import Database, DatabaseInUseError, claimed, migrate_apart
from gateway.schema import METADATA
from tests.support.processes import until


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


def test_the_files_are_the_revisions_that_alembic_finds() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert list(migrations.revisions()) == [each.revision for each in script.walk_revisions()][::-1]


def test_migrated_apart_a_start_needs_no_alembic(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    migrate_apart(path)
    found = subprocess.run([sys.executable, "-c", _STARTED, str(path)], capture_output=True, text=True, check=True)
    assert found.stdout.split() == [migrations.revisions()[-1], "False"]


_STARTED = """
import sqlite3, sys
from pathlib import Path
import gateway.__main__
from gateway.database import Database
path = Path(sys.argv[1])
database = Database(path)
database.migrate()
database.epoch()
database.close()
print(sqlite3.connect(path).execute("SELECT version_num FROM alembic_version").fetchone()[0], "alembic" in sys.modules)
"""


def test_a_database_of_a_newer_release_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    migrate_apart(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num='9999'")
        connection.commit()
    migrate_apart(path)
    database = Database(path)
    with pytest.raises(CommandError, match="9999"):
        database.migrate()
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_killed_while_it_migrates_the_gateway_leaves_the_file_to_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with subprocess.Popen([sys.executable, "-c", _MIGRATING, str(path)], stdout=subprocess.PIPE, text=True) as gateway:
        assert gateway.stdout is not None
        assert gateway.stdout.readline() == "migrating\n"
        with pytest.raises(DatabaseInUseError), claimed(path):
            pass
        gateway.kill()
    until(lambda: _free(path), seconds=10, what="the child to end with its parent")


def _free(path: Path) -> bool:
    try:
        with claimed(path):
            return True
    except DatabaseInUseError:
        return False


_MIGRATING = """
import sys, time
from pathlib import Path
from gateway import database

def migrate(self):
    print("migrating", flush=True)
    time.sleep(600)

database.Database.migrate = migrate
path = Path(sys.argv[1])
with database.claimed(path):
    database.migrate_apart(path)
"""
