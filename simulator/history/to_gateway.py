"""A node of its own that tells the live office's gateway about the door counts of the days before it ran."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt

from contracts.events import DoorCrossing, Event
from contracts.facts import FootfallMinute
from contracts.messages import Ack
from contracts.topics import MAX_BATCH_BYTES, Topic, device_source
from simulator.devices.program import waiting_client
from simulator.history.plan import past_of
from simulator.history.progress import Progress
from simulator.history.settings import HistoryOffice, HistorySettings
from simulator.history.to_central import SYNTHETIC, RefusedError
from simulator.world.past import DOOR, Happening

log = logging.getLogger(__name__)
_RESEND_SECONDS = 5.0
_BRACKETS = 2


def minutes(settings: HistorySettings, office: HistoryOffice) -> Iterator[tuple[Happening, int, int]]:
    """Door counts in and out of the days before the first start, minute by minute.

    The day of the first start begins with it: nobody can have registered before the gateway ran, and a morning of
    people without visits would be a capture rate to be alarmed at.
    """
    zone = ZoneInfo(office.time_zone)
    today = datetime.combine(settings.started_at.astimezone(zone).date(), time(0), zone)
    for happening in past_of(settings, office).happenings():
        data = happening.data
        if happening.at >= today:
            break
        if isinstance(data, FootfallMinute) and data.minute < today:
            yield happening, data.count_in, data.count_out


def crossings(settings: HistorySettings, office: HistoryOffice) -> Iterator[Event]:
    """Backdated door crossings, a minute each, up to the first start; raises ValueError without a stream for them."""
    if office.crossings_stream is None:
        raise ValueError(f"{office.office} has no crossings_stream")
    sequence = 0
    for happening, count_in, count_out in minutes(settings, office):
        if count_in or count_out:
            sequence += 1
            yield Event.of(
                DoorCrossing(count_in=count_in, count_out=count_out, flags=["late"]),
                source=device_source(office.office, settings.node, DOOR),
                time=happening.at - timedelta(seconds=30),
                stream=office.crossings_stream,
                sequence=sequence,
                id=happening.id,
                bootid=SYNTHETIC,
            )


def batch_from(events: list[str], start: int) -> str:
    """As many whole events from index `start` as one message may hold, as a JSON array."""
    size, end = _BRACKETS, start
    while end < len(events) and size + len(events[end].encode()) + 1 <= MAX_BATCH_BYTES:
        size += len(events[end].encode()) + 1
        end += 1
    return "[" + ",".join(events[start:end]) + "]"


async def tell_gateway(
    settings: HistorySettings, office: HistoryOffice, progress: Progress, stopping: asyncio.Event
) -> None:
    """Returns when the gateway has committed everything. Raises RefusedError."""
    door = f"gateway/{office.office}"
    events = [json.dumps(event.model_dump(mode="json")) for event in crossings(settings, office)]
    acks: asyncio.Queue[Ack] = asyncio.Queue()
    client = waiting_client(settings.broker, f"simulator-{office.office}-{settings.node}")
    _subscribe(client, str(Topic(office.office, settings.node, "ack")), acks)
    client.loop_start()
    committed = 0
    try:
        while committed < len(events) and not stopping.is_set():
            message = batch_from(events, committed)
            client.publish(str(Topic(office.office, settings.node, "events")), message, qos=1)
            committed = await _answered(acks, str(office.crossings_stream), committed)
            progress.tell(door, committed, caught_up=False)
    finally:
        client.disconnect()
        client.loop_stop()
    progress.tell(door, committed, caught_up=committed >= len(events))
    log.info("the gateway of %s knows %d earlier door counts", office.office, committed)


def _subscribe(client: mqtt.Client, topic: str, acks: asyncio.Queue[Ack]) -> None:
    loop = asyncio.get_running_loop()

    def connected(client: mqtt.Client, *_: object) -> None:
        client.subscribe(topic, qos=1)

    def received(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            ack = Ack.model_validate_json(message.payload)
        except ValueError as error:
            log.warning("an acknowledgement cannot be read: %s", type(error).__name__)
            return
        loop.call_soon_threadsafe(acks.put_nowait, ack)

    client.on_connect = connected
    client.on_message = received
    if client.is_connected():  # the connection may have been made before the callback was set
        client.subscribe(topic, qos=1)


async def _answered(acks: asyncio.Queue[Ack], stream: str, committed: int) -> int:
    """Where the gateway stands after its next word about our stream; `committed` again when it says nothing."""
    try:
        async with asyncio.timeout(_RESEND_SECONDS):
            while True:
                ack = await acks.get()
                if ack.stream != stream:
                    continue
                if ack.refused:
                    raise RefusedError(f"the gateway refuses stream {stream}: {ack.refused}")
                return ack.committed
    except TimeoutError:
        return committed
