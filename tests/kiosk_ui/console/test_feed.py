"""The console's feed: polls while someone looks, keeps the last figures, says what is wrong."""

import asyncio
from contextlib import suppress

import httpx

from kiosk_ui.clients.central import CentralClient
from kiosk_ui.console.feed import OverviewFeed
from tests.kiosk_ui.floors import overview


class Answers(httpx.AsyncBaseTransport):
    """Central at the other end of the client; `status` 0 is a refused connection."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = overview().model_dump(mode="json")
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(self.status, json=[] if request.url.path == "/v1/consultants" else self.body)


def feed_of(answers: Answers) -> OverviewFeed:
    client = CentralClient("http://central", "token")
    client._http = httpx.AsyncClient(transport=answers, base_url="http://central")
    return OverviewFeed(client)


async def test_trouble_keeps_the_last_figures_and_says_so() -> None:
    answers = Answers()
    feed = feed_of(answers)
    await feed.poll()
    assert feed.state == "live"
    for status, state in ((0, "lost"), (503, "lost"), (403, "refused"), (200, "live")):
        answers.status = status
        await feed.poll()
        assert feed.state == state
        assert feed.overview is not None


async def test_an_answer_that_cannot_be_read_is_trouble_not_a_crash() -> None:
    answers = Answers()
    answers.body = {"offices": 3}
    feed = feed_of(answers)
    await feed.poll()
    assert (feed.state, feed.overview) == ("lost", None)


async def test_nobody_looking_means_nobody_asking() -> None:
    answers = Answers()
    feed = feed_of(answers)
    task = asyncio.create_task(feed.run())
    for _ in range(5):
        await asyncio.sleep(0)
    assert answers.asked == []
    changed = asyncio.Event()
    feed.changed.subscribe(changed.set)
    feed.watch()
    await asyncio.wait_for(changed.wait(), 5)
    assert "/v1/overview" in answers.asked
    feed.unwatch()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
