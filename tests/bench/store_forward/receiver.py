"""What stores behind the other program's uplink: `python -m tests.bench.store_forward.receiver …` runs until killed.

As little as does it: every value one row, told apart by device and total, committed with `synchronous=FULL` before the
broker is acknowledged, everything that waits in one commit. It judges, sums and encrypts nothing.
"""

import argparse
import json
import queue
import sqlite3
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

TELEMETRY, REQUESTS = "v1/gateway/telemetry", "v1/devices/me/rpc/request/+"
LIMITS = {"maxPayloadSize": 65536, "maxInflightMessages": 100, "rateLimits": {}, "gatewayRateLimits": {}}
"""What a server answers when the other program asks what it may send."""


def answer_limits(client: mqtt.Client, message: mqtt.MQTTMessage) -> None:
    if b"getSessionLimits" in message.payload:
        client.publish(message.topic.replace("request", "response"), json.dumps(LIMITS), qos=1)


def entries(payload: bytes) -> list[tuple[int, int]]:
    """Device and total of every value in one message."""
    return [
        (int(device.rpartition("-")[2]), int(entry["values"]["total"]))
        for device, told in json.loads(payload).items()
        for entry in told
        if "total" in entry["values"]
    ]


def opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE received (device INTEGER, total INTEGER, UNIQUE (device, total))")
    return database


def run(port: int, path: Path) -> None:
    database = opened(path)
    waiting: queue.SimpleQueue[mqtt.MQTTMessage] = queue.SimpleQueue()

    def heard(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == TELEMETRY:
            waiting.put(message)
        else:
            answer_limits(client, message)
            client.ack(message.mid, message.qos)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="server", manual_ack=True)
    client.on_message = heard
    client.connect("127.0.0.1", port)
    client.subscribe([(TELEMETRY, 1), (REQUESTS, 1)])
    client.loop_start()
    while True:
        group = [waiting.get()]
        while not waiting.empty():
            group.append(waiting.get())
        database.execute("BEGIN IMMEDIATE")
        rows = [entry for message in group for entry in entries(message.payload)]
        database.executemany("INSERT OR IGNORE INTO received VALUES (?, ?)", rows)
        database.execute("COMMIT")
        for message in group:
            client.ack(message.mid, message.qos)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    given = parser.parse_args()
    run(given.port, given.database)


if __name__ == "__main__":
    main()
