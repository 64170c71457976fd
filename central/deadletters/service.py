"""Messages that could not be taken: kept encrypted with their reason, shown without content, gone when they expire."""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from central.customers import repository as customers
from central.database import Database, table_of
from central.deadletters import repository
from central.deadletters.tables import DeadLetter
from central.down import feed
from central.settings import Retention
from central.vault import Vault
from contracts.ids import uuid7
from contracts.values import utc_now

log = logging.getLogger(__name__)
PURGE_EVERY_SECONDS = 3600.0


class DeadLetters:
    def __init__(self, vault: Vault, *, keep_days: int) -> None:
        self._vault = vault
        self._keep = timedelta(days=keep_days)

    async def keep(
        self,
        session: AsyncSession,
        *,
        office: str,
        origin: str,
        reason: str,
        detail: str,
        payload: bytes,
        now: datetime,
        stream: str | None = None,
        sequence: int | None = None,
        event_type: str | None = None,
    ) -> None:
        dead_letter_id = uuid7(int(now.timestamp() * 1000))
        await session.execute(
            table_of(DeadLetter).insert(),
            {
                "dead_letter_id": dead_letter_id,
                "office": office,
                "received_at": now,
                "expires_at": now + self._keep,
                "origin": origin,
                "stream": stream,
                "sequence": sequence,
                "event_type": event_type,
                "reason": reason,
                "detail": detail[:400],
                "size": len(payload),
                "payload_encrypted": self._vault.encrypt(payload, record=f"dead_letter/{dead_letter_id}"),
            },
        )


async def purge_for_ever(database: Database, retention: Retention) -> None:
    """Until cancelled: remove expired letters, and forget old deletions and look-ups, every hour; a database that is
    away is tried again next time."""
    while True:
        try:
            async with database.write() as session:
                gone = await repository.purge(session, utc_now())
                await customers.forget_lookups(session, utc_now() - timedelta(days=retention.lookup_days))
                await feed.forget_deletions(session, utc_now() - timedelta(days=retention.deletion_days))
            await database.leave_no_copy()
            if gone:
                log.info("expired dead letters removed", extra={"count": gone})
        except (SQLAlchemyError, OSError) as error:
            log.error("dead letters could not be purged", extra={"error": type(error).__name__})
        await asyncio.sleep(PURGE_EVERY_SECONDS)
