"""The two programs under the same load. A side starts and kills its storing program and tells what was delivered, when.

Delivered means, here: committed in the gateway's database; there: in the hands of a subscriber of the uplink's broker,
which stands for the server (the server and its database would come after that).
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import paho.mqtt.client as mqtt
import psutil

from tests.bench.conftest import ROOT
from tests.bench.store_forward.load import DEVICES, PREFIX, topic
from tests.support.office import Office
from tests.support.processes import Program
from tests.support.wire import Line, Mosquitto

PEER = ROOT / "build" / "bench-peer"
PEER_LOCK = ROOT / "requirements" / "bench-peer.txt"
_LOOK_SECONDS = 0.002

Unit = tuple[int, int]
"""A device and the total it reported: one person."""


class Side(Protocol):
    name: str
    line: Line
    broker: Mosquitto

    def start(self) -> None: ...
    def kill(self) -> None:
        """kill -9 of the program that stores."""
        ...

    def processes(self) -> dict[str, psutil.Process]:
        """By role; `store` is the program that stores and forwards."""
        ...

    def delivered(self) -> list[tuple[Unit, float]]:
        """Every delivery of a person, with the time it was seen (seconds since 1970)."""
        ...

    def seen(self) -> int:
        """How many deliveries there were; cheap."""
        ...

    def stop(self) -> None: ...


class Ours:
    """Counters → mosquitto → agent → mosquitto → [line] → gateway → its database."""

    name = "this product"

    def __init__(self, folder: Path, *, direct: bool = False) -> None:
        """`direct`: without the line, which costs time of its own."""
        self.broker = Mosquitto(folder)
        self.line = Line(self.broker.port)
        self._office = Office(folder, with_central=False)
        self._office.ports["broker"] = self.broker.port if direct else self.line.port
        self._office.write_configs()
        self._office.ports["broker"] = self.broker.port
        self._office.write_agent_config("".join(_counter_toml(device) for device in range(DEVICES)))
        self._rows: list[tuple[float, str, str]] = []
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        if "gateway" not in self._office.programs:
            self._office.start_gateway()
            self._watcher.start()
        self._office.start_agent()

    def kill(self) -> None:
        self._office.programs["lobby"].kill()

    def processes(self) -> dict[str, psutil.Process]:
        programs = self._office.programs
        return {"store": psutil.Process(programs["lobby"].pid), "gateway": psutil.Process(programs["gateway"].pid)}

    def seen(self) -> int:
        return len(self._rows)

    def delivered(self) -> list[tuple[Unit, float]]:
        """A crossing of three people who came to be counted together stands for the last three totals."""
        units = []
        for at, device, data in list(self._rows):
            crossing = json.loads(data)
            number, last = int(device.rpartition("-")[2]), crossing["total_in"]
            units += [((number, total), at) for total in range(last - crossing["count_in"] + 1, last + 1)]
        return units

    def _watch(self) -> None:
        reader = sqlite3.connect(f"file:{self._office.gateway_db}?mode=ro", uri=True, check_same_thread=False)
        newest = 0
        while not self._stopping.wait(_LOOK_SECONDS):
            query = "SELECT rowid, device, data FROM events WHERE rowid > ? AND type = 'door.crossing.v1'"
            found = reader.execute(query, (newest,)).fetchall()
            at = time.time()
            self._rows += [(at, device, data) for _, device, data in found]
            newest = max([newest, *(row[0] for row in found)])
        reader.close()

    def stop(self) -> None:
        self._stopping.set()
        self._office.stop()
        self.line.close()
        self.broker.__exit__()


def _counter_toml(device: int) -> str:
    """A door of any width: what is measured is the agent, not what can walk."""
    table = f'[[devices]]\nid = "counter-{device}"\ndriver = "milesight_vs121"\ntopic = "{topic(device)}"\n'
    return f"{table}max_per_second = 1000000\n"


class Theirs:
    """Counters → mosquitto → thingsboard-gateway (sqlite storage) → [line] → mosquitto → subscriber."""

    name = "thingsboard-gateway"

    def __init__(self, folder: Path, *, direct: bool = False) -> None:
        self._folder = folder
        self.broker = Mosquitto(folder)
        self.line = Line(self.broker.port)
        _write_peer_config(folder, self.broker.port if direct else self.line.port, self.broker.port)
        self._payloads: list[tuple[float, bytes]] = []
        self._seen = 0
        self._program = Program("peer", ["-c", _PEER_MAIN], log=folder / "peer.log")
        self._server = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="server")
        self._server.on_message = self._heard
        self._server.connect("127.0.0.1", self.broker.port)
        self._server.subscribe([("v1/gateway/telemetry", 1), ("v1/devices/me/rpc/request/+", 1)])
        self._server.loop_start()

    def _heard(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic.startswith("v1/gateway"):
            self._payloads.append((time.time(), message.payload))
            self._seen += message.payload.count(b'"total"')
        elif b"getSessionLimits" in message.payload:
            answer = message.topic.replace("request", "response")
            client.publish(answer, json.dumps(_LIMITS), qos=1)

    def start(self) -> None:
        with self._program.log.open("ab") as sink:
            self._program.process = subprocess.Popen(
                [str(PEER / "bin" / "python"), "-c", _PEER_MAIN],
                cwd=self._folder,
                stdout=sink,
                stderr=sink,
                env={"TB_GW_CONFIG_DIR": f"{self._folder}/config/", "PIP_NO_INDEX": "1", "PYTHONUTF8": "1"},
                start_new_session=True,
            )

    def kill(self) -> None:
        self._program.kill()

    def processes(self) -> dict[str, psutil.Process]:
        return {"store": psutil.Process(self._program.pid)}

    def seen(self) -> int:
        return self._seen

    def delivered(self) -> list[tuple[Unit, float]]:
        units = []
        for at, payload in list(self._payloads):
            for device, entries in json.loads(payload).items():
                totals = (entry["values"]["total"] for entry in entries if "total" in entry["values"])
                units += [((int(device.rpartition("-")[2]), int(total)), at) for total in totals]
        return units

    def stop(self) -> None:
        if self._program.alive:
            self._program.kill()
        self._server.disconnect()
        self._server.loop_stop()
        self.line.close()
        self.broker.__exit__()


_PEER_MAIN = "from thingsboard_gateway.tb_gateway import daemon; daemon()"
_LIMITS = {
    "maxPayloadSize": 65536,
    "maxInflightMessages": 100,
    "rateLimits": {},
    "gatewayRateLimits": {},
}


def _write_peer_config(folder: Path, uplink: int, devices: int) -> None:
    """The package's own configuration with its sqlite storage, and a session that the broker keeps."""
    [shipped] = (PEER / "lib").glob("python3*/site-packages/thingsboard_gateway/config")
    config = folder / "config"
    config.mkdir()
    for name in ("logs.json", "tb_gateway.json"):
        shutil.copy(shipped / name, config / name)
    (folder / "logs").mkdir()
    (folder / "data").mkdir()
    main = json.loads((config / "tb_gateway.json").read_text())
    main["thingsboard"] |= {
        "host": "127.0.0.1",
        "port": uplink,
        "remoteConfiguration": False,
        "statistics": {"enable": False},
        "security": {"type": "accessToken", "accessToken": "bench"},
    }
    main["storage"] = {
        "type": "sqlite",
        "data_file_path": f"{folder}/data/",
        "messages_ttl_check_in_hours": 1,
        "messages_ttl_in_days": 7,
    }
    main["connectors"] = [{"type": "mqtt", "name": "counters", "configuration": "mqtt.json"}]
    (config / "tb_gateway.json").write_text(json.dumps(main))
    (config / "mqtt.json").write_text(json.dumps(_connector(devices)))


def _connector(port: int) -> dict[str, Any]:
    info = {
        "deviceNameExpressionSource": "topic",
        "deviceNameExpression": f"(?<={PREFIX.rpartition('/')[0]}/)(.*)",
        "deviceProfileExpressionSource": "constant",
        "deviceProfileExpression": "counter",
    }
    return {
        "broker": {
            "host": "127.0.0.1",
            "port": port,
            "clientId": "peer-connector",
            "version": 5,
            "cleanSession": False,
            "cleanStart": False,
            "sessionExpiryInterval": 86_400,
            "maxMessageNumberPerWorker": 10,
            "maxNumberOfWorkers": 100,
            "security": {"type": "anonymous"},
        },
        "mapping": [
            {
                "topicFilter": f"{PREFIX.rpartition('/')[0]}/+",
                "subscriptionQos": 1,
                "converter": {
                    "type": "json",
                    "deviceInfo": info,
                    "sendDataOnlyOnChange": False,
                    "timeout": 60_000,
                    "attributes": [],
                    "timeseries": [{"type": "integer", "key": "total", "value": "${total_in}"}],
                },
            }
        ],
    }


def install_peer() -> str:
    """Make the peer's environment from its own lock, once. Returns why it cannot be had, or nothing."""
    stamp = PEER / "installed"
    if stamp.is_file() and stamp.read_text() == PEER_LOCK.read_text():
        return ""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER)], check=True)
    pip = [str(PEER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "-r", str(PEER_LOCK)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    stamp.write_text(PEER_LOCK.read_text())
    return ""


def counted(units: Iterable[tuple[Unit, float]]) -> Counter[Unit]:
    return Counter(unit for unit, _ in units)
