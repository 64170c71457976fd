"""The two programs under the same load. A side starts and kills its storing program and tells what was delivered, when.

Delivered means, here: committed in the gateway's database; there: in the hands of a subscriber of the uplink's broker,
which stands for the server (the server and its database would come after that), or committed by a small receiver.
"""

import json
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import paho.mqtt.client as mqtt
import psutil

from tests.bench.store_forward import peer
from tests.bench.store_forward.load import DEVICES, topic
from tests.bench.store_forward.receiver import REQUESTS, TELEMETRY, answer_limits, entries
from tests.support.office import Office
from tests.support.processes import Program, until
from tests.support.wire import Line, Mosquitto

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


class Commits:
    """Rows of a database as they become visible to another reader, each with the time it was seen."""

    def __init__(self, path: Path, query: str) -> None:
        """`query` answers rowid and more of what lies behind a rowid."""
        self.rows: list[tuple[Any, ...]] = []
        self._path, self._query = path, query
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """The tables must be there."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _watch(self) -> None:
        reader = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
        newest = 0
        while not self._stopping.wait(_LOOK_SECONDS):
            found = reader.execute(self._query, (newest,)).fetchall()
            at = time.time()
            self.rows += [(at, *row[1:]) for row in found]
            newest = max([newest, *(row[0] for row in found)])
        reader.close()


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
        query = "SELECT rowid, device, data FROM events WHERE rowid > ? AND type = 'door.crossing.v1'"
        self._commits = Commits(self._office.gateway_db, query)

    def start(self) -> None:
        if "gateway" not in self._office.programs:
            self._office.start_gateway()
            self._commits.start()
        self._office.start_agent()

    def kill(self) -> None:
        self._office.programs["lobby"].kill()

    def processes(self) -> dict[str, psutil.Process]:
        programs = self._office.programs
        return {"store": psutil.Process(programs["lobby"].pid), "gateway": psutil.Process(programs["gateway"].pid)}

    def seen(self) -> int:
        return len(self._commits.rows)

    def delivered(self) -> list[tuple[Unit, float]]:
        """A crossing of three people who came to be counted together stands for the last three totals."""
        units = []
        for at, device, data in list(self._commits.rows):
            crossing = json.loads(data)
            number, last = int(device.rpartition("-")[2]), crossing["total_in"]
            units += [((number, total), at) for total in range(last - crossing["count_in"] + 1, last + 1)]
        return units

    def stop(self) -> None:
        self._commits.stop()
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
        peer.configure(folder, self.broker.port if direct else self.line.port, self.broker.port)
        self._payloads: list[tuple[float, bytes]] = []
        self._seen = 0
        self._program = Program("peer", ["-c", peer.MAIN], log=folder / "peer.log")
        self._listen()

    def _listen(self) -> None:
        self._server = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="server")
        self._server.on_message = self._heard
        self._server.connect("127.0.0.1", self.broker.port)
        self._server.subscribe([(TELEMETRY, 1), (REQUESTS, 1)])
        self._server.loop_start()

    def _heard(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == TELEMETRY:
            self._payloads.append((time.time(), message.payload))
            self._seen += message.payload.count(b'"total"')
        else:
            answer_limits(client, message)

    def start(self) -> None:
        with self._program.log.open("ab") as sink:
            self._program.process = subprocess.Popen(
                [str(peer.PEER / "bin" / "python"), "-c", peer.MAIN],
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
        return [(unit, at) for at, payload in list(self._payloads) for unit in entries(payload)]

    def stop(self) -> None:
        if self._program.alive:
            self._program.kill()
        self._stop_listening()
        self.line.close()
        self.broker.__exit__()

    def _stop_listening(self) -> None:
        self._server.disconnect()
        self._server.loop_stop()


class TheirsStored(Theirs):
    """The same to the same end as ours: a receiver commits what comes before it acknowledges it to the broker."""

    name = "thingsboard-gateway, committed by a receiver"

    def _listen(self) -> None:
        database = self._folder / "received.db"
        self._receiver = Program(
            "receiver",
            ["-m", "tests.bench.store_forward.receiver", f"--port={self.broker.port}", f"--database={database}"],
            log=self._folder / "receiver.log",
        )
        self._receiver.start()
        until(database.with_name("received.db-wal").exists, seconds=10, what="the receiver to be ready")
        self._commits = Commits(database, "SELECT rowid, device, total FROM received WHERE rowid > ?")
        self._commits.start()

    def processes(self) -> dict[str, psutil.Process]:
        return super().processes() | {"gateway": psutil.Process(self._receiver.pid)}

    def seen(self) -> int:
        return len(self._commits.rows)

    def delivered(self) -> list[tuple[Unit, float]]:
        return [((device, total), at) for at, device, total in list(self._commits.rows)]

    def _stop_listening(self) -> None:
        self._commits.stop()
        self._receiver.kill()


def counted(units: Iterable[tuple[Unit, float]]) -> Counter[Unit]:
    return Counter(unit for unit, _ in units)
