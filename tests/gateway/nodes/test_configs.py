"""Devices asked of a node: kept by version, retained at the broker, and what the node made of them."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker

from contracts.messages import ConfigStatus, DeviceStatus, NodeHealth, NodeStatus, PlacedReason
from contracts.node_config import NodeConfig
from contracts.values import utc_now
from edge_agent.agent import Agent
from edge_agent.config import AgentConfig
from tests.gateway.running import OFFICE, FakeNode, Gateway, configured, eventually, running
from tests.support.processes import free_port

HALL = {"id": "hall", "driver": "milesight_vs121", "topic": "milesight/1"}


def status(**more: Any) -> bytes:
    said = {"office": OFFICE, "node": "lobby", "online": True, "at": utc_now()} | more
    return NodeStatus.model_validate(said).model_dump_json().encode()


async def known(gateway: Gateway, node: FakeNode, **more: Any) -> None:
    node.send_bytes(status(**more), "status")
    await eventually(lambda: gateway.rows("SELECT node FROM nodes"))


async def ask(gateway: Gateway, devices: list[dict[str, Any]], seen: int = 0, role: str = "manager") -> Any:
    return await gateway.client(role).put("/v1/nodes/lobby/config", json={"devices": devices, "seen": seen})


async def retained(port: int) -> NodeConfig:
    """What a node finds at the broker that connects now."""
    heard: list[bytes] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe(f"anchang/v1/{OFFICE}/lobby/config", 1)
    client.on_message = lambda c, u, message: heard.append(message.payload)
    client.connect("127.0.0.1", port)
    client.loop_start()
    await eventually(lambda: heard)
    client.disconnect()
    client.loop_stop()
    return NodeConfig.model_validate_json(heard[-1])


async def test_what_is_asked_waits_at_the_broker_and_its_fate_is_told(
    gateway: Gateway, node: FakeNode, broker_port: int
) -> None:
    await known(gateway, node)
    answer = await ask(gateway, [HALL])
    assert (answer.status_code, answer.json()["version"], answer.json()["state"]) == (200, 1, "asked")
    found = await retained(broker_port)
    assert (found.version, found.devices) == (1, [HALL])
    silent = PlacedReason(at="hall", code="silent_report", facts={"seconds": 900})
    outcome = ConfigStatus(version=1, state="rolled_back", reasons=[silent], active=0)
    node.send_bytes(status(config=outcome), "status")

    async def told() -> bool:
        seen = (await gateway.client("manager").get("/v1/nodes/lobby/config")).json()
        return (seen["state"], seen["reasons"]) == ("rolled_back", [silent.model_dump()])

    await eventually(told)


async def test_earlier_versions_and_what_runs_are_read_by_the_manager_alone(gateway: Gateway, node: FakeNode) -> None:
    await known(gateway, node)
    await ask(gateway, [HALL])
    await ask(gateway, [], seen=1)
    node.send_bytes(status(config=ConfigStatus(accepts=True, running=[HALL])), "status")
    manager = gateway.client("manager")

    async def told() -> bool:
        seen = (await manager.get("/v1/nodes/lobby/config")).json()
        return bool(seen["accepts"]) and seen["running"] == [HALL]

    await eventually(told)
    versions = (await manager.get("/v1/nodes/lobby/config/versions")).json()
    assert [(each["version"], each["devices"]) for each in versions] == [(2, []), (1, [HALL])]
    (shown,) = (await gateway.client("reception").get("/v1/nodes")).json()
    assert shown["config"]["running"] is None
    assert (await gateway.client("reception").get("/v1/nodes/lobby/config/versions")).status_code == 403


async def test_the_same_devices_again_are_the_same_version_and_others_need_the_newest(
    gateway: Gateway, node: FakeNode
) -> None:
    await known(gateway, node)
    await ask(gateway, [HALL])
    assert (await ask(gateway, [HALL])).json()["version"] == 1
    stale = await ask(gateway, [])
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    assert (await ask(gateway, [], seen=1)).json()["version"] == 2


async def test_a_gateway_made_anew_goes_on_above_what_the_node_has(gateway: Gateway, node: FakeNode) -> None:
    await known(gateway, node, config=ConfigStatus(version=41, state="applied", active=41))
    assert (await ask(gateway, [HALL])).json()["version"] == 42


@pytest.mark.parametrize(
    ("device", "field", "code"),
    [
        ({"id": "No", "driver": "x"}, "devices.0.id", "invalid"),
        ({"driver": "x"}, "devices.0.id", "invalid"),
        ({"id": "a"}, "devices.0.driver", "missing"),
        ({"id": "a", "driver": "x", "password": "hunter2"}, "devices.0.password", "secret"),
        ({"id": "a", "driver": "x", "in": [{"token": "hunter2"}]}, "devices.0.in.0.token", "secret"),
    ],
)
async def test_a_mistake_is_told_with_its_place(
    device: dict[str, Any], field: str, code: str, gateway: Gateway, node: FakeNode
) -> None:
    await known(gateway, node)
    answer = await ask(gateway, [device])
    assert answer.status_code == 422 and answer.json()["errors"] == [{"field": field, "code": code}]
    assert "hunter2" not in answer.text and gateway.rows("SELECT * FROM node_configs") == []


async def test_only_a_manager_asks_and_only_of_a_node_that_exists(gateway: Gateway, node: FakeNode) -> None:
    assert (await ask(gateway, [HALL])).status_code == 404
    await known(gateway, node)
    for role in ("reception", "kiosk", "board"):
        assert (await ask(gateway, [HALL], role=role)).status_code == 403
    assert (await ask(gateway, [HALL | {"note": "x" * 20_000}])).status_code == 413


async def test_the_list_tells_how_a_node_is_and_forgets_devices_it_no_longer_has(
    gateway: Gateway, node: FakeNode
) -> None:
    door = DeviceStatus(device="door", driver="d", state="ok", discarded=7)
    await known(gateway, node, devices=[door, DeviceStatus(device="old", driver="d", state="offline")])
    health = NodeHealth(temperature=61.5, throttled=["under_voltage"])
    node.send_bytes(status(devices=[door], alarms=["disk_full"], health=health, refused=3), "status")

    async def seen() -> Any:
        (found,) = (await gateway.client("manager").get("/v1/nodes")).json()
        return found if found["alarms"] else None

    found = await eventually(seen)
    assert [(d["device"], d["discarded"]) for d in found["devices"]] == [("door", 7)]
    assert (found["alarms"], found["refused"], found["health"]["temperature"]) == (["disk_full"], 3, 61.5)


@pytest.fixture
def own_broker() -> Iterator[int]:
    """A real agent leaves its status at the broker, as it should: that must not meet the tests after it."""
    port = free_port()
    with Broker(port=port, listen="127.0.0.1"):
        yield port


async def test_a_real_agent_takes_what_a_real_gateway_asks(tmp_path: Path, own_broker: int) -> None:
    config = AgentConfig.model_validate(
        {
            "office": OFFICE,
            "node": "lobby",
            "outbox": {"path": tmp_path / "outbox.db"},
            "broker": {"port": own_broker},
            "remote": {"accept": True, "folder": tmp_path / "kept", "trial_seconds": 1},
        }
    )
    agent = Agent(config)
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        async with running(configured(tmp_path, own_broker)) as gateway:
            await eventually(lambda: gateway.rows("SELECT node FROM nodes"))
            version = (await ask(gateway, [HALL])).json()["version"]

            async def devices() -> list[str]:
                (found,) = (await gateway.client("manager").get("/v1/nodes")).json()
                ours = found["config"]["state"] == "applied" and found["config"]["version"] == version
                return [d["device"] for d in found["devices"]] if ours else []

            assert await eventually(devices) == ["hall"]
            refused = await ask(gateway, [{"id": "x", "driver": "serial_button", "url": "/dev/mem"}], seen=version)
            assert refused.status_code == 200

            async def reason() -> Any:
                said = (await gateway.client("manager").get("/v1/nodes/lobby/config")).json()
                return said["reasons"] if said["state"] == "refused" else []

            refused = {"at": "x.url", "code": "file_forbidden", "facts": {"file": "/dev/mem"}}
            assert await eventually(reason) == [refused]
    finally:
        agent.stop()
        thread.join(10)
    assert json.loads((tmp_path / "kept" / "snapshot.json").read_text())["good"]["version"] == version
