"""Sends each subscription its facts in order; one that does not answer keeps nobody else waiting."""

import asyncio
import json
import logging

from contracts.ids import uuid7
from gateway.context import Context
from gateway.outbound.client import OutboundClient, SendError
from gateway.outbound.domain import signed_headers
from gateway.webhooks import service, store
from gateway.webhooks.tables import WebhookFactRow, WebhookRow

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5


class WebhookSender:
    """`wake` says that facts were committed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        outbound = context.config.outbound
        self._client = OutboundClient(outbound.hosts, outbound.timeout_seconds)
        self._wake = asyncio.Event()
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def stop(self) -> None:
        tasks = [task for task in (self._task, *self._serving.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()

    def wake(self) -> None:
        self._wake.set()

    async def post(self, webhook: WebhookRow, message_id: str, body: bytes) -> None:
        """Signed with the time of sending: a receiver refuses what is older than 5 minutes. Raises SendError."""
        stamp = int(self._context.clock().timestamp())
        key = service.signing_key(self._context.keys, webhook)
        await self._client.post(webhook.url, body, signed_headers(key, message_id, stamp, body))

    async def ping(self, webhook: WebhookRow) -> None:
        """Raises SendError."""
        stamp = self._context.clock().isoformat().replace("+00:00", "Z")
        body = json.dumps({"type": "ping", "timestamp": stamp, "data": {}}, separators=(",", ":")).encode()
        await self.post(webhook, f"msg_{uuid7()}", body)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._serve_due()
            except Exception:
                log.exception("no subscription could be looked at; it is tried again")
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    async def _serve_due(self) -> None:
        for webhook_id in await asyncio.to_thread(self._due):
            running = self._serving.get(webhook_id)
            if running is None or running.done():
                self._serving[webhook_id] = asyncio.create_task(self._serve(webhook_id))

    async def _serve(self, webhook_id: str) -> None:
        """Until nothing waits or one is not taken. Killed before our note of it, the same is sent again, same id."""
        try:
            while (found := await asyncio.to_thread(self._next, webhook_id)) is not None:
                if not await self._sent(*found):
                    return
        except Exception:
            log.exception("sending webhooks failed; it is tried again", extra={"webhook": webhook_id})

    async def _sent(self, webhook: WebhookRow, sequence: int, fact: WebhookFactRow) -> bool:
        context, webhook_id = self._context, webhook.webhook_id
        try:
            await self.post(webhook, fact.message_id, fact.body.encode())
        except SendError as error:
            code = error.code
            log.warning("a webhook was not taken", extra={"webhook": webhook_id, "error": code})
            await context.writer.run(lambda uow: service.failed(uow, context, webhook_id, sequence, code))
            return False
        await context.writer.run(lambda uow: service.taken(uow, webhook_id, sequence))
        return True

    def _due(self) -> list[str]:
        now = self._context.clock()
        with self._context.database.read() as session:
            return [row.webhook_id for row in store.all_of(session) if row.next_at <= now]

    def _next(self, webhook_id: str) -> tuple[WebhookRow, int, WebhookFactRow] | None:
        with self._context.database.read() as session:
            webhook = store.get(session, webhook_id)
            fact = None if webhook is None else store.next_fact(session, webhook)
            if webhook is None or fact is None or fact.sequence is None:
                return None
            return webhook, fact.sequence, fact
