"""How the box knows that a program is ready: asked from outside, as anyone could."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contracts.messages import NodeStatus
from contracts.topics import Topic
from simulator.devices.control import ControlError, DeviceControl

_ASK_AGAIN = 0.1
Probe = Callable[[], Awaitable[bool]]


class NotReadyError(RuntimeError):
    """The program was not ready in time, or keeps dying."""


async def until(probe: Probe, seconds: float, hopeless: Callable[[], bool] = lambda: False) -> float:
    """Ask until the answer is yes; returns the seconds it took. Raises NotReadyError."""
    began = time.monotonic()
    while not await probe():
        if hopeless() or time.monotonic() - began > seconds:
            raise NotReadyError(f"not ready after {time.monotonic() - began:.0f} s")
        await asyncio.sleep(_ASK_AGAIN)
    return time.monotonic() - began


def healthz(port: int) -> Probe:
    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(f"http://127.0.0.1:{port}/healthz")).is_success
        except httpx.HTTPError:
            return False

    return probe


def listening(port: int) -> Probe:
    async def probe() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    return probe


def devices_answer(control: Path) -> Probe:
    async def probe() -> bool:
        devices = DeviceControl(control)
        try:
            await devices.order(do="state")
        except ControlError:
            return False
        finally:
            devices.close()
        return True

    return probe


def has_roster(port: int, board_token: str) -> Probe:
    """The gateway has pulled its roster. Asked by names, not by signing in: early tries would lock the number."""

    async def probe() -> bool:
        headers = {"Authorization": f"Bearer {board_token}"}
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as client:
                answer = await client.get("/v1/floor", headers=headers)
                return answer.is_success and bool(answer.json()["rota"])
        except httpx.HTTPError:
            return False

    return probe


class NodeWatch:
    """Listens for the retained status of one node."""

    def __init__(self, port: int, office: str, node: str) -> None:
        self._online = False
        topic = str(Topic(office, node, "status"))
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self._client.on_message = self._heard
        self._client.connect_async("127.0.0.1", port, keepalive=20)
        self._client.loop_start()

    def _heard(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            self._online = NodeStatus.model_validate_json(message.payload).online
        except ValueError:
            self._online = False

    async def probe(self) -> bool:
        return self._online

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
