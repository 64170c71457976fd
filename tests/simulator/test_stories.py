"""What a first start tells, against a stand-in gateway: an appeal, and two files of one person."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Header

from contracts.appeals_api import AppealRequest
from contracts.identity_api import CallRequest, MergeRequest, SearchRequest
from contracts.ids import uuid7
from contracts.rest import SessionRequest
from contracts.values import utc_now
from simulator.people.settings import ConsultantSettings, PeopleSettings, StoriesSettings
from simulator.people.stories import Stories
from simulator.people.visitors import Guest
from tests.kiosk_ui.judging_samples import a_verdict
from tests.kiosk_ui.samples import a_customer
from tests.simulator.test_people import until


class StandIn:
    """Who was called and who came; everything is told at the first asking."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.calls: list[tuple[str, CallRequest]] = []
        self.appeals: list[tuple[str, AppealRequest]] = []
        self.merges: list[tuple[str, MergeRequest]] = []
        self.guests: list[Guest] = []
        self.verdicts = [a_verdict(owner="you"), a_verdict(owner="somebody")]
        self._routes()

    def expect(self, *guests: Guest) -> None:
        self.guests += guests

    def _routes(self) -> None:
        app = self.app

        @app.post("/v1/sessions")
        async def session(body: SessionRequest) -> dict[str, Any]:
            who = {"role": "consultant", "person_id": uuid7(), "name": "陈"}
            return {"token": body.staff_no, "expires_at": utc_now().isoformat(), **who}

        @app.post("/v1/calls", status_code=201)
        async def call(body: CallRequest, authorization: str = Header()) -> dict[str, str]:
            self.calls.append((authorization[-3:], body))
            return {}

        @app.get("/v1/me/verdicts")
        async def verdicts() -> list[dict[str, Any]]:
            return [each.model_dump(mode="json") for each in self.verdicts]

        @app.post("/v1/appeals", status_code=201)
        async def appeal(body: AppealRequest, authorization: str = Header()) -> dict[str, str]:
            self.appeals.append((authorization[-3:], body))
            return {}

        @app.post("/v1/customers/search")
        async def search(body: SearchRequest) -> dict[str, Any]:
            came = [each for each in self.guests if each.phone == body.text]
            customers = [a_customer(name=each.name).model_dump(mode="json") for each in came]
            return {"items": [{"customer": each, "reasons": ["phone"]} for each in customers]}

        @app.post("/v1/merges", status_code=201)
        async def merge(body: MergeRequest, authorization: str = Header()) -> dict[str, str]:
            self.merges.append((authorization[-3:], body))
            return {}


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[StandIn]:
    stand_in = StandIn()
    server = uvicorn.Server(uvicorn.Config(stand_in.app, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    (tmp_path / "pin").write_text("2468")
    seats = [ConsultantSettings(staff_no=name, pin_file=tmp_path / "pin") for name in ("A02", "A03", "A81")]
    settings = PeopleSettings(
        gateway_url=f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}",
        kiosk_token_file=tmp_path / "token",
        board_token_file=tmp_path / "token",
        control=tmp_path / "none",
        projects=("lake", "hill"),
        consultants=seats[:2],
    )
    stopping = asyncio.Event()
    stories = Stories(settings, StoriesSettings(reception=seats[2]), stand_in, stopping)
    telling = asyncio.create_task(stories.tell())
    await until(lambda: stand_in.appeals and stand_in.merges)
    yield stand_in
    stopping.set()
    await telling
    server.should_exit = True
    await serving


async def test_the_later_of_two_who_were_called_appeals_and_two_files_of_one_person_are_proposed(told: StandIn) -> None:
    assert [who for who, _ in told.calls] == ["A02", "A03"]
    assert len({str(call.phone) for _, call in told.calls}) == 1
    ((who, appeal),) = told.appeals
    assert (who, appeal.verdict_id) == ("A03", told.verdicts[1].verdict_id)
    ((proposer, merge),) = told.merges
    assert proposer == "A81"
    assert merge.kept_id != merge.merged_id
    one, other = (guest for guest in told.guests if guest.name != told.calls[0][1].name)
    assert one.name == other.name
