"""`python -m simulator devices --config FILE`: all devices of one office and the socket that gives them orders."""

import asyncio
import json
import logging
import random
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from simulator.devices.camera import Camera
from simulator.devices.settings import (
    AreaSettings,
    ButtonSettings,
    CameraSettings,
    CounterSettings,
    DevicesSettings,
    PrinterSettings,
    SiteSettings,
)
from simulator.devices.simulated import FAULTS, Area, Button, Counter, Device, OrderError, Panel, Printer
from simulator.devices.site import Site
from simulator.settings import BrokerSettings
from simulator.stopping import stop_event

log = logging.getLogger(__name__)
_LONGEST_SOCKET_PATH = 100
_LONGEST_ORDER = 4096


class DeviceRoom:
    """The devices by id, and what may be ordered of them.

    An order is `{"device": id, "do": verb, …}`; `{"device": id, "do": "fault", "fault": "noise"}` sets a fault, "none"
    ends it; `{"do": "state"}` asks for the state of all. Answers are `{"ok": true, …}` or `{"ok": false, "error": …}`.
    """

    def __init__(self, devices: list[Device]) -> None:
        self._devices = {device.id: device for device in devices}

    async def start(self) -> None:
        for device in self._devices.values():
            await device.start()

    async def stop(self) -> None:
        for device in self._devices.values():
            await device.stop()

    def obey(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True, **self._obey(json.loads(line))}
        except (ValueError, TypeError, AttributeError, OSError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        do = str(order.get("do", ""))
        if do == "state":
            return {"devices": {name: device.state() for name, device in self._devices.items()}}
        device = self._devices.get(str(order.get("device")))
        if device is None:
            raise OrderError(f"no device {order.get('device')!r}; there are {', '.join(self._devices)}")
        if do == "fault":
            if order.get("fault") not in FAULTS:
                raise OrderError(f"faults are {', '.join(FAULTS)}")
            device.fault(order["fault"])
        else:
            device.order(do, order)
        return {"state": device.state()}


def _bring_stand_ins(client: mqtt.Client, devices: list[Device], settings: DevicesSettings) -> None:
    """Cameras with a stand-in hear the commands of their node, on the event loop."""
    loop = asyncio.get_running_loop()
    topics = {d.stand_in.command_topic for d in settings.devices if isinstance(d, CameraSettings) and d.stand_in}
    cameras = [device for device in devices if isinstance(device, Camera)]

    def heard(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        for camera in cameras:
            loop.call_soon_threadsafe(camera.commanded, bytes(message.payload))

    def connected(client: mqtt.Client, *_: Any) -> None:
        for topic in topics:
            client.subscribe(topic, qos=1)

    client.on_message, client.on_connect = heard, connected


def build(settings: DevicesSettings, client: mqtt.Client) -> DeviceRoom:
    def publish(topic: str, payload: bytes) -> None:
        client.publish(topic, payload, qos=1)

    devices: list[Device] = []
    for place, each in enumerate(settings.devices):
        chance = random.Random(f"{settings.seed}/{place}")
        if isinstance(each, CounterSettings):
            devices.append(Counter(each, chance))
        elif isinstance(each, ButtonSettings):
            devices.append(Button(each, chance))
        elif isinstance(each, PrinterSettings):
            devices.append(Printer(each, chance))
        elif isinstance(each, AreaSettings):
            devices.append(Area(each, publish, chance))
        elif isinstance(each, SiteSettings):
            devices.append(Site(each, publish, chance))
        elif isinstance(each, CameraSettings):
            devices.append(Camera(each, chance))
        else:
            devices.append(Panel(each, chance))
    _bring_stand_ins(client, devices, settings)
    return DeviceRoom(devices)


def waiting_client(broker: BrokerSettings, client_id: str) -> mqtt.Client:
    """A client that keeps trying to reach the broker from a thread of its own, once its loop is started."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
    client.max_queued_messages_set(100)
    client.reconnect_delay_set(1, 5)
    client.connect_async(broker.host, broker.port, keepalive=20)
    return client


async def run(settings: DevicesSettings) -> None:
    """Raises OSError when the control socket cannot be made."""
    if len(str(settings.control)) > _LONGEST_SOCKET_PATH:
        raise OSError(f"{settings.control}: a Unix socket's path has at most {_LONGEST_SOCKET_PATH} characters")
    stopping = stop_event()
    client = waiting_client(settings.broker, f"simulator-{settings.control.stem}")
    room = build(settings, client)
    settings.control.parent.mkdir(parents=True, exist_ok=True)
    settings.control.unlink(missing_ok=True)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(room.obey(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            log.info("a control connection ended: %s", error)
        finally:
            writer.close()

    client.loop_start()
    await room.start()
    server = await asyncio.start_unix_server(serve, settings.control, limit=_LONGEST_ORDER)
    settings.control.chmod(0o600)
    log.info("%d devices are plugged in", len(settings.devices))
    await stopping.wait()
    server.close()
    await room.stop()
    client.disconnect()
    client.loop_stop()
    settings.control.unlink(missing_ok=True)
