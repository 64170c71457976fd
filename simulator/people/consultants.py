"""A consultant at a tablet: signs in, accepts after a few seconds (declines or misses some), finishes, follows up."""

import asyncio
import logging
import random
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any, Literal

import httpx
import websockets

from contracts.facts_api import FollowUpRequest, SaleRequest
from contracts.gateway_api import DeclineRequest, FinishRequest, OfferView, VisitView
from contracts.rota_api import Me
from simulator.people.api import GatewayApi, RefusedError
from simulator.people.settings import PeopleSettings
from simulator.stopping import sleep_unless
from simulator.world.funnel import INTENT_YUAN, SUBSCRIPTION_YUAN, YUAN, contract_fen, unit_ref

log = logging.getLogger(__name__)
_AGAIN_SECONDS = 3.0
_DECLINES, _MISSES = 0.05, 0.04
_BUYS = 0.16
_FOLLOW_UP_SECONDS = (60.0, 240.0)


class Consultant:
    """One simulated consultant. Everything needed is read from the gateway, so a restart of either side goes on."""

    def __init__(self, settings: PeopleSettings, staff_no: str, pin: str, stopping: asyncio.Event) -> None:
        self._settings = settings
        self._staff_no = staff_no
        self._pin = pin
        self._stopping = stopping
        self._chance = random.Random(f"{settings.seed}/{staff_no}")
        self._api = GatewayApi(settings.gateway_url)
        self._answering: set[str] = set()
        self._serving: set[str] = set()
        self._served: list[VisitView] = []
        self._jobs: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """Until stopping: sign in, listen, and begin again after every interruption."""
        self._begin(self._follow_ups())
        while not self._stopping.is_set():
            try:
                await self._api.sign_in(self._staff_no, self._pin)
                await self._listen()
            except RefusedError as error:
                log.warning("%s was refused: %s", self._staff_no, error)
            except (httpx.HTTPError, websockets.WebSocketException, OSError) as error:
                log.info("%s lost the gateway (%s)", self._staff_no, type(error).__name__)
            await sleep_unless(self._stopping, _AGAIN_SECONDS)
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._api.close()

    async def _listen(self) -> None:
        self._answering.clear()
        self._serving.clear()
        async with aclosing(self._api.offers()) as alerts:
            async for me in alerts:
                if self._stopping.is_set():
                    return
                await self._look_at(me)

    async def _look_at(self, me: Me) -> None:
        if me.rota is None or me.rota.state == "signed_out":
            me = await self._api.join_rota()
        for offer in me.offers:
            if offer.state == "pending" and offer.offer_id not in self._answering:
                self._answering.add(offer.offer_id)
                self._begin(self._answer(offer))
        for visit in me.serving:
            if visit.visit_id not in self._serving:
                self._serving.add(visit.visit_id)
                self._begin(self._serve(visit))

    async def _answer(self, offer: OfferView) -> None:
        await sleep_unless(self._stopping, self._chance.uniform(*self._settings.reaction_seconds))
        luck = self._chance.random()
        if luck < _MISSES:
            log.info("%s misses an offer", self._staff_no)
        elif luck < _MISSES + _DECLINES:
            await self._api.decline(offer.offer_id, DeclineRequest(reason="busy"))
        else:
            await self._api.accept(offer.offer_id)

    async def _serve(self, visit: VisitView) -> None:
        low, high = self._settings.stay_seconds
        if await sleep_unless(self._stopping, self._chance.uniform(low, high) / self._settings.speed):
            return
        buys = visit.customer is not None and self._chance.random() < _BUYS
        if buys:
            await self._sell(visit)
        outcome: Literal["deal", "toured"] = "deal" if buys else "toured"
        await self._api.finish(visit.visit_id, FinishRequest(outcome=outcome))
        if visit.customer is not None:
            self._served = [*self._served[-19:], visit]

    async def _sell(self, visit: VisitView) -> None:
        if visit.customer is None:
            return
        kinds: list[Literal["intent", "subscription", "contract", "payment"]] = ["intent", "subscription", "contract"]
        kind = self._chance.choices(kinds, (70, 20, 10))[0]
        yuan = {"intent": INTENT_YUAN, "subscription": SUBSCRIPTION_YUAN}.get(kind)
        request = SaleRequest(
            customer_id=visit.customer.customer_id,
            kind=kind,
            amount_fen=contract_fen(self._chance) if yuan is None else yuan * YUAN,
            unit_ref=unit_ref(self._chance),
            visit_id=visit.visit_id,
        )
        await self._api.sale(request)

    async def _follow_ups(self) -> None:
        while not await sleep_unless(self._stopping, self._chance.uniform(*_FOLLOW_UP_SECONDS) / self._settings.speed):
            if not self._served:
                continue
            visit = self._served.pop(self._chance.randrange(len(self._served)))
            if visit.customer is None:
                continue
            channel: Literal["call", "message"] = self._chance.choice(("call", "message"))
            await self._quietly(
                self._api.follow_up(
                    FollowUpRequest(
                        customer_id=visit.customer.customer_id,
                        channel=channel,
                        reached=self._chance.random() < 0.7,
                        note=self._chance.choice(("关注三居室", "周末再来", "在比较学区", "需要和家人商量")),
                    )
                )
            )

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(self._quietly(work))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """A refusal or a lost line ends this one deed, not the consultant."""
        try:
            await work
        except RefusedError as error:
            log.info("%s was refused: %s", self._staff_no, error)
        except httpx.HTTPError as error:
            log.info("%s lost the gateway (%s)", self._staff_no, type(error).__name__)
