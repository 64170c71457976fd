"""A clean stop on SIGTERM and Ctrl-C."""

import asyncio
import signal


def stop_event() -> asyncio.Event:
    """An event of the running loop that the first SIGTERM or SIGINT sets."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event


async def sleep_unless(stopping: asyncio.Event, seconds: float) -> bool:
    """Wait; True as soon as `stopping` is set."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True
