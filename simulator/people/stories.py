"""What waits on the manager's desk of a fresh demo: an appeal against a verdict, and two files of one person.

Told once, by the doors that people use: two consultants note a call from the same number, it visits, and the later of
the two appeals; somebody checks in with two numbers, and the reception proposes to merge the files.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import httpx

from contracts.appeals_api import AppealRequest
from contracts.identity_api import CallRequest, MergeRequest, SearchRequest
from contracts.values import Phone
from simulator.people.api import GatewayApi, RefusedError
from simulator.people.settings import ConsultantSettings, PeopleSettings, StoriesSettings
from simulator.people.visitors import Guest
from simulator.stopping import sleep_unless
from simulator.world.names import live_phone

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
_SEARCH_SECONDS = 10.0
"""Whoever looks up many numbers in a minute is refused."""
_FIRST_NUMBER = 9_950
"""Beyond the numbers of other simulated visitors and of those with a face."""
APPEAL = "这位客户先和我通过电话，也是我约他今天来看房的，请核对来电记录后重新判定归属。"
MERGE = "姓名相同，本人说两个手机号都是自己的"


class Expecting(Protocol):
    """Where guests are announced, who then come in by themselves."""

    def expect(self, *guests: Guest) -> None: ...


class Stories:
    """Both stories at once; a refusal ends one of them and nothing else."""

    def __init__(
        self, settings: PeopleSettings, stories: StoriesSettings, visitors: Expecting, stopping: asyncio.Event
    ) -> None:
        self._settings, self._stories, self._visitors, self._stopping = settings, stories, visitors, stopping

    async def tell(self) -> None:
        """Until stopping, however soon they are told."""
        await asyncio.gather(self._once(self._appeal), self._once(self._two_files))
        await self._stopping.wait()

    async def _once(self, story: Callable[[], Awaitable[None]]) -> None:
        """Begun again while the gateway is out of reach: it answers late on a slow machine."""
        while not self._stopping.is_set():
            try:
                await story()
                return
            except RefusedError as error:
                log.warning("a story was refused: %s", error)
                return
            except httpx.HTTPError as error:
                log.info("a story waits for the gateway (%s)", type(error).__name__)
                await sleep_unless(self._stopping, _LOOK_SECONDS)

    async def _appeal(self) -> None:
        guest = Guest(live_phone(_FIRST_NUMBER), "郑文轩", self._project)
        first, second = self._settings.consultants[:2]
        for consultant in (first, second):
            async with self._seat(consultant) as api:
                await api.note_call(CallRequest(phone=Phone.parse(guest.phone), name=guest.name, project=guest.project))
        self._visitors.expect(guest)
        async with self._seat(second) as api:
            while not self._stopping.is_set():
                contested = next((v for v in await api.verdicts() if v.owner != "you"), None)
                if contested is not None:
                    await api.appeal(AppealRequest(verdict_id=contested.verdict_id, text=APPEAL))
                    return
                await sleep_unless(self._stopping, _LOOK_SECONDS)

    async def _two_files(self) -> None:
        guests = [Guest(live_phone(_FIRST_NUMBER + place), "许若琳", self._project) for place in (1, 2)]
        self._visitors.expect(*guests)
        async with self._seat(self._stories.reception) as api:
            files: list[str] = []
            while len(files) < len(guests) and not self._stopping.is_set():
                found = await api.search(SearchRequest(text=guests[len(files)].phone))
                files += [each.customer.customer_id for each in found.items[:1]]
                if not found.items:
                    await sleep_unless(self._stopping, _SEARCH_SECONDS)
            if len(files) == len(guests):
                await api.propose_merge(MergeRequest(kept_id=files[0], merged_id=files[1], reason=MERGE))

    @property
    def _project(self) -> str:
        return self._settings.projects[0] if self._settings.projects else ""

    @asynccontextmanager
    async def _seat(self, person: ConsultantSettings) -> AsyncIterator[GatewayApi]:
        api = GatewayApi(self._settings.gateway_url)
        try:
            await api.sign_in(person.staff_no, person.pin_file.read_text(encoding="utf-8").strip())
            yield api
        finally:
            await api.close()
