"""Visitors: through the door, to the kiosk (or the button, or out again), and home when their visit is closed."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import httpx

from contracts.gateway_api import CheckInRequest, CheckInResult, Draft
from contracts.ids import uuid7
from contracts.values import Phone, utc_now
from simulator.people.api import GatewayApi, RefusedError
from simulator.people.house import House
from simulator.people.settings import PeopleSettings
from simulator.stopping import sleep_unless
from simulator.world.names import live_phone, visitor_name
from simulator.world.parties import Party, busyness, party

log = logging.getLogger(__name__)
_QUEUE_SECONDS = 3.0
_TRIES = 4
_LOOKS_IN, _PRESSES = 0.04, 0.2


@dataclass(frozen=True, slots=True)
class Guest:
    """`project` as they choose it, empty: any."""

    phone: str
    name: str
    project: str = ""


@dataclass(slots=True)
class _Inside:
    people: int
    guest: Guest | None


class Visitors:
    """All visitors of the running simulation."""

    def __init__(
        self,
        settings: PeopleSettings,
        house: House,
        kiosk: GatewayApi,
        board: GatewayApi,
        stopping: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._house = house
        self._kiosk = kiosk
        self._board = board
        self._stopping = stopping
        self._chance = random.Random(settings.seed)
        self._zone = ZoneInfo(settings.time_zone)
        self._guests: list[Guest] = []
        self._expected: list[Guest] = []
        self._numbers_given = settings.numbers_from
        self._present: dict[str, _Inside] = {}

    async def come_and_go(self) -> None:
        await self._find_those_inside()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._see_off())
            for place in range(10**9):
                if await sleep_unless(self._stopping, self._pause(place)):
                    return
                tasks.create_task(self._visit(party(self._chance, utc_now()), random.Random(self._chance.random())))

    def expect(self, *guests: Guest) -> None:
        """They come next, each for the first time, and say their names."""
        self._expected += guests

    async def _find_those_inside(self) -> None:
        """After a restart: parties of open visits are here and leave later, whoever else was counted leaves now."""
        while not self._stopping.is_set():
            try:
                floor = await self._board.floor()
            except (httpx.HTTPError, RefusedError) as error:
                log.info("the board cannot be read yet: %s", type(error).__name__)
                await sleep_unless(self._stopping, _QUEUE_SECONDS)
                continue
            for visit in (*floor.waiting, *floor.serving):
                self._present[visit.visit_id] = _Inside(visit.party_size, None)
            staying = sum(inside.people for inside in self._present.values())
            self._house.inside = max(floor.occupancy, staying)
            if floor.occupancy > staying:
                await self._house.leave(floor.occupancy - staying)
            return

    def _pause(self, place: int) -> float:
        first = self._settings.first_arrivals_seconds
        if place < len(first):
            return first[place]
        rate = self._settings.parties_per_hour * self._settings.speed * busyness(datetime.now(self._zone)) / 3600
        return self._chance.expovariate(rate)

    async def _visit(self, coming: Party, chance: random.Random) -> None:
        await self._house.enter(coming.size)
        if await sleep_unless(self._stopping, chance.uniform(*self._settings.walk_seconds)):
            return
        luck = chance.random()
        if luck < _LOOKS_IN:
            await sleep_unless(self._stopping, chance.uniform(20, 60))
            await self._house.walk_on(coming.size)
            await self._house.leave(coming.size)
            return
        if coming.size == 1 and luck < _LOOKS_IN + _PRESSES:  # a press counts as a party of one
            await self._take_a_number(coming, chance)
            return
        guest = self._guest(coming, chance)
        result = await self._check_in(coming, guest, chance)
        await self._house.walk_on(coming.size)
        if result is None:
            await self._house.leave(coming.size)
            return
        inside = self._present.setdefault(result.visit_id, _Inside(0, guest))
        inside.people += coming.size

    async def _take_a_number(self, coming: Party, chance: random.Random) -> None:
        """Without a kiosk: nobody knows who they are, and they leave after a while."""
        await self._house.press_button()
        await self._house.walk_on(coming.size)
        await sleep_unless(self._stopping, chance.uniform(*self._settings.stay_seconds) / self._settings.speed)
        await self._house.leave(coming.size)

    async def _check_in(self, coming: Party, guest: Guest, chance: random.Random) -> CheckInResult | None:
        """None when the kiosk could not take it; the same key is sent again, so it is one check-in."""
        key = uuid7()
        language: Literal["zh-CN", "en"] = "en" if chance.random() < 0.06 else "zh-CN"
        draft = Draft(step="phone", language=language, digits=guest.phone[:7], party_size=coming.size)
        request = CheckInRequest(
            language=language,
            phone=Phone.parse(guest.phone),
            name=guest.name if guest.project or chance.random() < 0.8 else "",
            party_size=coming.size,
            purpose=coming.purpose,
            project=guest.project or (chance.choice(self._settings.projects) if self._settings.projects else ""),
        )
        for attempt in range(_TRIES):
            try:
                await self._kiosk.keep_draft(key, draft)
                await sleep_unless(self._stopping, chance.uniform(*self._settings.typing_seconds))
                return await self._kiosk.check_in(key, request)
            except RefusedError as error:
                log.warning("the kiosk refused a check-in: %s", error)
                return None
            except httpx.HTTPError as error:
                log.info("the kiosk cannot reach the gateway (%s)", type(error).__name__)
                if await sleep_unless(self._stopping, 2.0 * (attempt + 1)):
                    return None
        return None

    def _guest(self, coming: Party, chance: random.Random) -> Guest:
        """Who is expected, someone who was here before and has left, or a new number."""
        if self._expected:
            return self._expected.pop(0)
        if coming.returning and len(self._guests) > 3:
            return self._guests.pop(chance.randrange(len(self._guests)))
        self._numbers_given += 1
        return Guest(live_phone(self._numbers_given), visitor_name(chance))

    async def _see_off(self) -> None:
        """Who had checked in before the queue was read and is not in it: their visit is closed, they walk out."""
        while not await sleep_unless(self._stopping, _QUEUE_SECONDS):
            checked_in = list(self._present)
            try:
                queue = await self._kiosk.queue()
            except (httpx.HTTPError, RefusedError) as error:
                log.info("the queue cannot be read: %s", type(error).__name__)
                continue
            listed = {entry.visit_id for entry in (*queue.now_serving, *queue.waiting) if entry.visit_id}
            for visit_id in checked_in:
                if visit_id not in listed:
                    gone = self._present.pop(visit_id)
                    if gone.guest is not None:
                        self._guests.append(gone.guest)
                    await self._house.leave(gone.people)
