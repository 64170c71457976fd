"""The migrations make exactly the tables of the models, on both databases."""

import asyncio

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from central import migrate
from central.database import Database
from central.schema import METADATA


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


async def test_migrated_tables_are_those_of_the_models(blank_url: str) -> None:
    database = Database(blank_url)
    await migrate.upgrade(database)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_two_workers_starting_at_once_migrate_once(blank_url: str) -> None:
    workers = [Database(blank_url) for _ in range(2)]
    await asyncio.gather(*(migrate.upgrade(worker) for worker in workers))
    async with workers[0].read() as session:
        assert (await session.execute(text("SELECT count(*) FROM meta WHERE name = 'epoch'"))).scalar() == 1
    for worker in workers:
        await worker.close()


def _down(connection: Connection) -> list[str]:
    settings = migrate.config()
    settings.attributes["connection"] = connection
    command.downgrade(settings, "base")
    return inspect(connection).get_table_names()


async def test_down_removes_every_table_and_up_makes_them_again(blank_url: str) -> None:
    database = Database(blank_url)
    await migrate.upgrade(database)
    async with database.engine.begin() as connection:
        assert await connection.run_sync(_down) == ["alembic_version"]
    await migrate.upgrade(database)
    await database.close()
