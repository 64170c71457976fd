"""Visitors with a face: they walk past the door's camera, say yes or no at the kiosk, and come again.

Their faces are licensed photographs; enrolment and return show different ones.
"""

import asyncio
import logging
import random

import httpx

from contracts.faces_api import ConsentRequest
from contracts.gateway_api import CheckInRequest, CheckInResult
from contracts.ids import uuid7
from contracts.values import Phone
from simulator.devices.control import ControlError, DeviceControl
from simulator.people.api import GatewayApi, RefusedError
from simulator.people.house import House
from simulator.people.settings import PeopleSettings, RegularFace, RegularsSettings
from simulator.stopping import sleep_unless
from simulator.world.names import live_phone, visitor_name

log = logging.getLogger(__name__)
_FIRST_NUMBER = 9_900
"""Beyond the numbers of other simulated visitors: who comes again keeps theirs."""
_WALK_PAST_SECONDS = 7.0
_BEFORE_CAMERA_SECONDS = 40.0
_ENROLMENT_SECONDS = 60.0
_READS_SECONDS = (4.0, 9.0)


def regulars_of(
    settings: PeopleSettings, regulars: RegularsSettings, house: House, kiosk: GatewayApi, stopping: asyncio.Event
) -> list["Regular"]:
    cameras = DeviceControl(regulars.control)
    return [
        Regular(settings, regulars, place, face, house, kiosk, cameras, stopping)
        for place, face in enumerate(regulars.faces)
    ]


class Regular:
    """One person. Until enrolled they check in at the kiosk each time; afterwards they just walk in.

    They know themselves whether their enrolment succeeded: a kiosk does not tell who types a number.
    """

    def __init__(
        self,
        settings: PeopleSettings,
        regulars: RegularsSettings,
        place: int,
        face: RegularFace,
        house: House,
        kiosk: GatewayApi,
        cameras: DeviceControl,
        stopping: asyncio.Event,
    ) -> None:
        self._settings, self._regulars, self._face = settings, regulars, face
        self._house, self._kiosk, self._cameras, self._stopping = house, kiosk, cameras, stopping
        self._place = place
        self._chance = random.Random(f"{settings.seed}/regular/{place}")
        same_every_day = random.Random(f"regular/{place}")
        self._name = visitor_name(same_every_day)
        self._phone = live_phone(_FIRST_NUMBER + place)
        self._enrolled = False

    async def come_again_and_again(self) -> None:
        first = self._chance.uniform(*self._regulars.first_seconds) * (1 + self._place)
        if await sleep_unless(self._stopping, first):
            return
        while not self._stopping.is_set():
            await self._visit()
            await sleep_unless(self._stopping, self._chance.uniform(*self._regulars.away_seconds))

    async def _visit(self) -> None:
        await self._stand_before(self._regulars.door_camera, self._face.live, _WALK_PAST_SECONDS)
        await self._house.enter(1)
        if not self._enrolled:
            await sleep_unless(self._stopping, _WALK_PAST_SECONDS)
            try:
                await self._check_in()
            except (httpx.HTTPError, RefusedError) as error:
                log.info("a regular gave up at the kiosk: %s", error)
        await self._house.walk_on(1)
        stay = self._chance.uniform(*self._settings.stay_seconds) / self._settings.speed
        await sleep_unless(self._stopping, stay)
        await self._house.leave(1)

    async def _check_in(self) -> None:
        request = CheckInRequest(phone=Phone.parse(self._phone), name=self._name)
        result = await self._kiosk.check_in(uuid7(), request)
        if result.face == "ask":
            await self._answer(result)

    async def _answer(self, result: CheckInResult) -> None:
        text = await self._kiosk.consent_text("zh-CN")
        await sleep_unless(self._stopping, self._chance.uniform(*_READS_SECONDS))
        answer = await self._kiosk.answer_consent(
            uuid7(),
            ConsentRequest(
                visit_id=result.visit_id,
                text_version=text.version,
                language="zh-CN",
                answer="yes" if self._face.consents else "no",
            ),
        )
        if answer.consent is not None:
            await self._stand_before(self._regulars.desk_camera, self._face.enrol, _BEFORE_CAMERA_SECONDS)
            self._enrolled = await self._enrol(answer.consent.consent_id)
            await self._order(device=self._regulars.desk_camera, do="clear")

    async def _enrol(self, consent_id: str) -> bool:
        await self._kiosk.enrol(consent_id)
        deadline = asyncio.get_running_loop().time() + _ENROLMENT_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            view = await self._kiosk.enrolment(consent_id)
            if view.state not in {"asked", "running"}:
                log.info("a regular's enrolment ended: %s %s", view.state, view.reason)
                return view.state == "done"
            if await sleep_unless(self._stopping, 1.0):
                break
        return False

    async def _stand_before(self, camera: str, portrait: str, seconds: float) -> None:
        await self._order(device=camera, do="show", portrait=portrait, height=self._face.height, seconds=seconds)

    async def _order(self, **order: object) -> None:
        try:
            await self._cameras.order(**order)
        except ControlError as error:
            log.warning("%s", error)
