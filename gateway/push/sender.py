"""Sends what is queued, one task for each channel: a slow server keeps nobody waiting but its own."""

import asyncio
import logging
from collections import deque
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.config import PushChannelConfig, read_secret
from gateway.context import Context
from gateway.outbound.client import OutboundClient, SendError
from gateway.push import service, store
from gateway.push.adapters import DingTalkAdapter, Push, PushAdapter, SmsAdapter, WebhookAdapter, WeComAdapter
from gateway.push.domain import Note
from gateway.push.tables import PushRow
from gateway.sms.sender import sender_of

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
MINUTE = timedelta(minutes=1)


class PushSender:
    """Every channel of the configuration. `wake` says that something new is queued."""

    def __init__(self, context: Context) -> None:
        self._context = context
        outbound = context.config.outbound
        self._client = OutboundClient(outbound.hosts, outbound.timeout_seconds)
        self._wakes = {name: asyncio.Event() for name in context.config.push}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for name, channel in self._context.config.push.items():
            adapter = adapter_of(channel, self._client, self._context)
            self._tasks.append(asyncio.create_task(self._serve(name, adapter), name=f"push {name}"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    def wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    async def _serve(self, name: str, adapter: PushAdapter) -> None:
        sent: deque[datetime] = deque()
        while True:
            self._wakes[name].clear()
            try:
                await self._send_due(name, adapter, sent)
            except Exception:
                log.exception("pushing failed; it is tried again", extra={"channel": name})
            try:
                await asyncio.wait_for(self._wakes[name].wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    async def _send_due(self, name: str, adapter: PushAdapter, sent: deque[datetime]) -> None:
        for push, row in await asyncio.to_thread(self._due, name):
            if not _may_send(sent, adapter.a_minute, self._context.clock()):
                return
            await self._send(adapter, push, row)

    async def _send(self, adapter: PushAdapter, push: Push, row: PushRow) -> None:
        """Killed between the other side's word and our note of it, it is sent again under the same id."""
        context = self._context
        try:
            if context.clock() >= row.expires_at:
                raise SendError("expired", permanent=True)
            await adapter.send(push, context.clock())
        except SendError as error:
            failure = error
            log.warning("a push was not taken", extra={"channel": row.channel, "error": error.code})
            most = context.config.outbound.push_attempts
            await context.writer.run(lambda uow: service.failed(uow, push.push_id, failure, most))
        else:
            await context.writer.run(lambda uow: service.taken(uow, push.push_id))

    def _due(self, name: str) -> list[tuple[Push, PushRow]]:
        context = self._context
        with context.database.read() as session:
            return [(self._push(session, row), row) for row in store.due(session, name, context.clock())]

    def _push(self, session: Session, row: PushRow) -> Push:
        outbound = self._context.config.outbound
        note = Note.model_validate(
            {
                "kind": row.kind,
                "ticket_number": row.ticket_number,
                "link": outbound.link,
                "at": row.created_at,
                "language": outbound.language,
            }
        )
        sms = self._context.config.push[row.channel].kind == "sms"
        phone = store.phone_of(session, self._context.keys, row.recipient) if sms else None
        return Push(row.push_id, note, row.recipient or None, phone)


def adapter_of(channel: PushChannelConfig, client: OutboundClient, context: Context) -> PushAdapter:
    """Raises ValueError for a webhook secret that is none, or text messages in an office that sends none."""
    url, secret = read_secret(channel.url_file), read_secret(channel.secret_file)
    if channel.kind == "webhook":
        return WebhookAdapter(client, url, secret)
    if channel.kind == "wecom":
        return WeComAdapter(client, url)
    if channel.kind == "dingtalk":
        return DingTalkAdapter(client, url, secret)
    sender = sender_of(context.config.sms, context.keys)
    if sender is None:
        raise ValueError("a push channel of kind sms needs a sender of text messages: [sms] sender")
    return SmsAdapter(context.writer, sender)


def _may_send(sent: deque[datetime], a_minute: int | None, now: datetime) -> bool:
    """Within the provider's limit; notes the sending."""
    while sent and now - sent[0] >= MINUTE:
        sent.popleft()
    if a_minute is not None and len(sent) >= a_minute:
        return False
    sent.append(now)
    return True
