"""Fetches page after page; patient while central is away, and at once again while there is more."""

import asyncio
import logging

import httpx
from pydantic import ValidationError

from contracts.down_api import DownPage
from gateway.config import read_secret
from gateway.context import Context
from gateway.downsync import service, store

log = logging.getLogger(__name__)
PAGE_ITEMS = 500


class DownSync:
    """One per gateway with a central."""

    def __init__(self, context: Context, transport: httpx.AsyncBaseTransport | None = None) -> None:
        central = context.config.central
        self._context = context
        self._client = httpx.AsyncClient(
            base_url=central.url,
            headers={"Authorization": f"Bearer {read_secret(central.token_file)}"},
            timeout=httpx.Timeout(15.0, connect=5.0),
            transport=transport,
        )

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    while await self.fetch():
                        pass
                    failures = 0
                except Exception as error:  # a full disk as well: whatever it is, it may be over in a while
                    failures += 1
                    if failures in (1, 10) or failures % 100 == 0:
                        log.log(_level(error), "nothing fetched from central", extra={"error": type(error).__name__})
                await asyncio.sleep(self._context.config.central.down_seconds)
        finally:
            await self._client.aclose()

    async def fetch(self) -> bool:
        """One page; True when there is more at once. Raises httpx.HTTPError, ValidationError."""
        writer, office = self._context.writer, self._context.config.office
        after = await asyncio.to_thread(self._cursor)
        asked = {"limit": str(PAGE_ITEMS)} | ({} if after is None else {"after": after})
        answer = await self._client.get(f"/v1/offices/{office}/down", params=asked)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        if answer.status_code == httpx.codes.GONE:
            log.warning("central does not know our cursor: fetching everything anew")
            await writer.run(service.begin_again)
            return after is not None
        answer.raise_for_status()
        page = DownPage.model_validate_json(answer.content)
        taken = await writer.run(lambda uow: service.take(uow, self._context, page, after))
        return taken and page.more and page.cursor != after

    def _cursor(self) -> str | None:
        with self._context.database.read() as session:
            return store.state(session).cursor


def _level(error: Exception) -> int:
    """A line that is down is no fault of ours."""
    return logging.INFO if isinstance(error, httpx.HTTPError | ValidationError) else logging.ERROR
