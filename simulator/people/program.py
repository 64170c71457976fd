"""`python -m simulator people --config FILE`: a plausible day at one office."""

import asyncio
import logging

from simulator.devices.control import DeviceControl
from simulator.people.api import GatewayApi
from simulator.people.consultants import Consultant
from simulator.people.house import House
from simulator.people.regulars import regulars_of
from simulator.people.settings import PeopleSettings
from simulator.people.stories import Stories
from simulator.people.visitors import Visitors
from simulator.stopping import stop_event

log = logging.getLogger(__name__)


async def run(settings: PeopleSettings) -> None:
    """Raises OSError when a token or PIN file cannot be read."""
    stopping = stop_event()
    control = DeviceControl(settings.control)
    kiosk = GatewayApi(settings.gateway_url, settings.kiosk_token_file.read_text(encoding="utf-8").strip())
    board = GatewayApi(settings.gateway_url, settings.board_token_file.read_text(encoding="utf-8").strip())
    house = House(control, settings.door, settings.hall, settings.button)
    visitors = Visitors(settings, house, kiosk, board, stopping)
    staff = [
        Consultant(settings, each.staff_no, each.pin_file.read_text(encoding="utf-8").strip(), stopping)
        for each in settings.consultants
    ]
    regulars = [] if settings.regulars is None else regulars_of(settings, settings.regulars, house, kiosk, stopping)
    log.info("%d consultants come to work, visitors arrive", len(staff))
    everyone = [asyncio.create_task(consultant.work()) for consultant in staff]
    everyone.append(asyncio.create_task(visitors.come_and_go()))
    if settings.stories is not None:
        everyone.append(asyncio.create_task(Stories(settings, settings.stories, visitors, stopping).tell()))
    everyone += [asyncio.create_task(regular.come_again_and_again()) for regular in regulars]
    stop = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait({stop, *everyone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *everyone):
        task.cancel()
    await asyncio.gather(*everyone, return_exceptions=True)
    control.close()
    await kiosk.close()
    await board.close()
    for task in done:
        task.result()
