"""`python -m simulator history --config FILE`: tells the invented past, then keeps the other offices going."""

import asyncio
import logging

from simulator.history.progress import Progress
from simulator.history.settings import HistorySettings
from simulator.history.to_central import tell_central
from simulator.history.to_gateway import tell_gateway
from simulator.stopping import stop_event

log = logging.getLogger(__name__)


async def run(settings: HistorySettings) -> None:
    """Runs until told to stop: an office without a live gateway goes on for ever."""
    stopping = stop_event()
    progress = Progress(settings.progress_file)
    async with asyncio.TaskGroup() as tasks:
        for office in settings.offices:
            progress.expect(f"central/{office.office}")
            tasks.create_task(tell_central(settings, office, progress, stopping))
            if office.live and office.crossings_stream:
                progress.expect(f"gateway/{office.office}")
                tasks.create_task(tell_gateway(settings, office, progress, stopping))
        tasks.create_task(_idle(stopping))


async def _idle(stopping: asyncio.Event) -> None:
    await stopping.wait()
