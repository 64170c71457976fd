"""Keeps the office's backups while the gateway runs: one a minute while data changes, never in the writer's way."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from gateway.backup.container import BackupKey, BackupKeyError, Header
from gateway.backup.domain import Rule
from gateway.backup.folder import BackupFailedError, Generation, Place
from gateway.config import GatewayConfig
from gateway.context import Context
from gateway.ingest import store as ingest_store
from gateway.ingest.store import StreamState
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
T = TypeVar("T")
IDLE_SHARE = 3.0
"""A database so large that its copy takes long is copied more rarely: three parts of rest to one of work."""


def place_of(config: GatewayConfig) -> Place:
    """Raises BackupKeyError; ValueError when no folder is configured."""
    backup = config.backup
    if backup.folder is None:
        raise ValueError("backup.folder: no folder is configured")
    return Place(backup.folder, config.office, BackupKey.load(backup.key_file), backup.same_disk)


def rule_of(config: GatewayConfig) -> Rule:
    return Rule(config.backup.keep_minutes, config.backup.keep_hours, config.backup.keep_days)


class Keeper:
    """`safe_moved` is called on the event loop with the node streams that a new backup made safe."""

    def __init__(self, context: Context, safe_moved: Callable[[list[StreamState]], None]) -> None:
        self._context = context
        self._safe_moved = safe_moved
        self._stopping = threading.Event()
        self._rows = -1
        context.backup.configured = True

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                began = time.monotonic()
                if self._context.writer.figures.rows != self._rows:
                    await self._try()
                took = time.monotonic() - began
                await asyncio.sleep(max(self._context.config.backup.every_seconds - took, IDLE_SHARE * took))
        finally:
            self._stopping.set()

    async def _try(self) -> None:
        """A failure is an alarm and is tried again; what changed stays to be saved."""
        context, state = self._context, self._context.backup
        rows, began, failing = context.writer.figures.rows, time.monotonic(), state.failing_since is not None
        try:
            generation, header = await in_thread(self._write)
            size = generation.path.stat().st_size
        except Exception as error:
            reason = error.reason if isinstance(error, BackupFailedError) else "key" if _of_key(error) else "io_error"
            state.failed(reason, context.clock())
            if not failing:
                log.error("no backup could be written", extra={"reason": str(error)})
                context.hub.changed("floor")
            return
        state.succeeded(generation.taken_at, size, time.monotonic() - began)
        try:
            await self._tell_safe(header)
        except Exception:
            log.exception("a backup stands, but nodes cannot be told so; another one is written")
        else:
            self._rows = rows
        if failing:
            log.info("backups are written again")
            context.hub.changed("floor")

    def _write(self) -> tuple[Generation, Header]:
        config, now = self._context.config, self._context.clock()
        place = place_of(config)
        written = place.write(config.database, now, go_on=lambda: not self._stopping.is_set())
        place.tidy(now, rule_of(config))
        return written

    async def _tell_safe(self, header: Header) -> None:
        positions = [(at.stream, at.committed) for at in header.streams]

        def note(uow: UnitOfWork) -> list[StreamState]:
            uow.routine = True
            return ingest_store.backed_up(uow.session.connection(), positions)

        if moved := await self._context.writer.run(note):
            self._safe_moved(moved)


def _of_key(error: Exception) -> bool:
    return isinstance(error, BackupKeyError)


async def in_thread(work: Callable[[], T]) -> T:
    """Like `asyncio.to_thread`, on a thread that nobody waits for at exit: a dead share may hold it for ever."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:
            failure = error
        try:
            loop.call_soon_threadsafe(settle, result, failure)
        except RuntimeError:
            log.info("a backup ended after its gateway")

    threading.Thread(target=run, name="backup", daemon=True).start()
    return await future
