"""`WS /v1/stream`: hello with a token, then snapshots and changes.

Each socket has a task of its own that sends the newest state of what changed since it last did. A slow client skips
states; it never holds up another one.
"""

import asyncio
import logging
import time
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from contracts.rest import Role
from contracts.stream_api import StreamHello, StreamMessage
from gateway.auth import Principal, identify, may
from gateway.context import Context, context_of
from gateway.stream.hub import Watcher
from gateway.writer import Topic

log = logging.getLogger(__name__)
router = APIRouter()

HELLO_SECONDS = 5.0
PING_SECONDS = 5.0
SEND_SECONDS = 10.0
FLOOR_SECONDS = 0.25
UNAUTHORIZED = 4401
FORBIDDEN = 4403
TOO_SLOW = 4408

ALLOWED: dict[Topic, tuple[Role, ...]] = {
    "offers": ("consultant",),
    "floor": ("board", "reception", "manager"),
    "queue": ("kiosk", "board", "reception", "consultant", "manager"),
    "greetings": ("kiosk", "consultant", "reception", "manager"),
    "alerts": ("consultant", "reception", "manager"),
    "readings": ("kiosk", "reception", "manager"),
}


@router.websocket("/v1/stream")
async def stream(socket: WebSocket) -> None:
    context = context_of(socket)
    await socket.accept()
    hello = await _hello(socket)
    principal = None if hello is None else await asyncio.to_thread(identify, context, hello.token)
    if hello is None or principal is None:
        await _refuse(socket, UNAUTHORIZED, "say hello with a valid token")
        return
    if not all(may(principal, *ALLOWED[topic]) and context.hub.can_render(topic) for topic in hello.topics):
        await _refuse(socket, FORBIDDEN, "a topic is not for this role")
        return
    await _serve(socket, context, hello.token, Watcher(principal, frozenset(hello.topics)))


async def _refuse(socket: WebSocket, code: int, reason: str) -> None:
    """Who left before hearing it is no error of ours."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(code, reason)


async def _hello(socket: WebSocket) -> StreamHello | None:
    try:
        text = await asyncio.wait_for(socket.receive_text(), HELLO_SECONDS)
        return StreamHello.model_validate_json(text)
    except (TimeoutError, ValidationError, KeyError):
        return None
    except WebSocketDisconnect:
        return None


async def _serve(socket: WebSocket, context: Context, token: str, watcher: Watcher) -> None:
    context.hub.add(watcher)
    listener = asyncio.create_task(_listen(socket))
    sender = asyncio.create_task(_send(socket, context, token, watcher))
    try:
        await asyncio.wait({listener, sender}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        context.hub.remove(watcher)
        for task in (listener, sender):
            task.cancel()
        for result in await asyncio.gather(listener, sender, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
                log.error("a live stream ended", extra={"error": type(result).__name__}, exc_info=result)


async def _listen(socket: WebSocket) -> None:
    """Clients say nothing after hello, and what they say is not read; this only notices that they left."""
    with suppress(WebSocketDisconnect):
        while (await socket.receive())["type"] != "websocket.disconnect":
            continue


async def _send(socket: WebSocket, context: Context, token: str, watcher: Watcher) -> None:
    for topic in sorted(watcher.topics):
        await _show(socket, context, watcher.principal, topic, "snapshot")
    floor_at = time.monotonic()
    ping_at = 0.0
    while True:
        if time.monotonic() >= ping_at:
            if await asyncio.to_thread(identify, context, token) != watcher.principal:
                await socket.close(UNAUTHORIZED, "the token is no longer valid")
                return
            await _write(socket, StreamMessage(kind="ping", at=context.clock()).model_dump_json())
            ping_at = time.monotonic() + PING_SECONDS
        for topic in _due(watcher, floor_at):
            watcher.dirty.discard(topic)
            await _show(socket, context, watcher.principal, topic, "changed")
            if topic == "floor":
                floor_at = time.monotonic()
        await _pause(watcher, ping_at, floor_at)


def _due(watcher: Watcher, floor_at: float) -> list[Topic]:
    watcher.wake.clear()
    early = time.monotonic() < floor_at + FLOOR_SECONDS
    return [topic for topic in sorted(watcher.dirty) if not (topic == "floor" and early)]


async def _pause(watcher: Watcher, ping_at: float, floor_at: float) -> None:
    """Until something changed, a ping is due, or the floor may be shown again."""
    until = min(ping_at, floor_at + FLOOR_SECONDS) if "floor" in watcher.dirty else ping_at
    with suppress(TimeoutError):
        await asyncio.wait_for(watcher.wake.wait(), max(0.0, until - time.monotonic()))


async def _show(socket: WebSocket, context: Context, viewer: Principal, topic: Topic, kind: str) -> None:
    body = await context.hub.render(context, topic, viewer)
    at = context.clock().isoformat().replace("+00:00", "Z")
    await _write(socket, f'{{"kind":"{kind}","topic":"{topic}","at":"{at}","body":{body}}}')


async def _write(socket: WebSocket, text: str) -> None:
    try:
        await asyncio.wait_for(socket.send_text(text), SEND_SECONDS)
    except TimeoutError:
        raise WebSocketDisconnect(TOO_SLOW, "the client does not read") from None
