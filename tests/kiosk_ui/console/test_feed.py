"""The console's feeds: poll as the person while someone looks, keep the last figures, say what is wrong."""

import asyncio

import httpx
import pytest
from nicegui import core

from kiosk_ui.clients.central import CentralDoor
from kiosk_ui.console.feed import Feeds, OverviewFeed
from tests.kiosk_ui.floors import overview


class Answers(httpx.AsyncBaseTransport):
    """Central at the other end of the client; `status` 0 is a refused connection."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = overview().model_dump(mode="json")
        self.asked: list[str] = []
        self.tokens: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        self.tokens.add(request.headers["authorization"].removeprefix("Bearer "))
        if self.status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(self.status, json=[] if request.url.path == "/v1/consultants" else self.body)


def door_of(answers: Answers) -> CentralDoor:
    return CentralDoor("http://central", transport=answers)


def feed_of(answers: Answers) -> OverviewFeed:
    return OverviewFeed(door_of(answers).of("token"))


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def feeds(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Feeds:
    """Background tasks of the framework want its event loop, which is the test's."""
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    return Feeds(door_of(answers))


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


async def test_a_session_that_ended_is_not_asked_for_again() -> None:
    answers = Answers()
    feed = feed_of(answers)
    await feed.poll()
    answers.status = 401
    await asyncio.wait_for(OverviewFeed.run(feed), 5)
    assert feed.state == "ended"
    asked = len(answers.asked)
    await asyncio.wait_for(feed.run(), 5)
    assert len(answers.asked) == asked


async def test_each_person_is_asked_for_with_their_own_token_while_they_look(feeds: Feeds, answers: Answers) -> None:
    assert answers.asked == []
    mine = feeds.watch("mine")
    assert feeds.watch("mine") is mine
    yours = feeds.watch("yours")
    await asyncio.gather(mine.first_answer(5), yours.first_answer(5))
    assert yours is not mine
    assert answers.tokens == {"mine", "yours"}
    assert answers.asked.count("/v1/overview") == 2
    feeds.unwatch("mine")
    assert feeds.watch("mine") is mine
    for token in ("mine", "mine", "yours"):
        feeds.unwatch(token)
    assert feeds.watch("mine") is not mine
    feeds.unwatch("mine")
