"""The board's feed: one stream, last floor kept, honest about being cut off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contracts.rest import Problem
from contracts.stream_api import StreamMessage
from contracts.values import utc_now
from kiosk_ui.clients.gateway import GatewayUnreachableError, SignedOutError
from kiosk_ui.manager.feed import SILENCE_SECONDS, FloorFeed
from tests.kiosk_ui.floors import floor

Script = list[StreamMessage | Exception]


def floor_message(**fields: object) -> StreamMessage:
    body = floor(**fields).model_dump(mode="json")
    return StreamMessage(kind="snapshot", topic="floor", body=body, at=utc_now())


class ScriptOverError(Exception):
    """Ends the endless run when the script is over."""


async def play(*connections: Script) -> tuple[FloorFeed, list[float]]:
    scripts, pauses = list(connections), []

    async def stream() -> AsyncIterator[StreamMessage]:
        if not scripts:
            raise ScriptOverError
        for step in scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    feed = FloorFeed(stream, sleep)
    with pytest.raises(ScriptOverError):
        await feed.run()
    return feed, pauses


async def test_the_last_floor_is_kept_when_the_line_is_lost() -> None:
    feed, _ = await play([floor_message(count_in=5), floor_message(count_in=6), GatewayUnreachableError("gone")])
    assert feed.floor is not None
    assert feed.floor.count_in == 6
    assert feed.state == "lost"


async def test_a_new_connection_is_live_again() -> None:
    feed, _ = await play([GatewayUnreachableError("gone")], [floor_message()])
    assert feed.state == "live"


async def test_pauses_grow_while_nobody_answers_and_start_over_after_a_word() -> None:
    gone = GatewayUnreachableError("gone")
    _, pauses = await play([gone], [gone], [floor_message(), gone])
    assert pauses == [0.5, 1.0, 0.5]


async def test_a_refused_token_is_told_apart_from_a_lost_line() -> None:
    feed, _ = await play([SignedOutError(Problem(title="no", status=401, code="signed_out"))])
    assert feed.state == "refused"


async def test_a_floor_that_cannot_be_read_starts_the_stream_anew() -> None:
    broken = StreamMessage(kind="changed", topic="floor", body={"office": 1}, at=utc_now())
    feed, _ = await play([broken], [floor_message()])
    assert feed.state == "live"


async def test_silence_makes_a_live_feed_stale() -> None:
    feed, _ = await play([floor_message()])
    assert feed.fresh(utc_now())
    assert not feed.fresh(utc_now() + timedelta(seconds=SILENCE_SECONDS + 1))
