"""Ten counters that report over MQTT, a program of its own: `python -m tests.bench.store_forward.load …` prints JSON.

Each message is one more person at one counter, so that (device, total) names it. QoS 1; the program ends once the
broker has acknowledged everything.
"""

import argparse
import json
import sys
import threading
import time
from datetime import UTC, datetime

import paho.mqtt.client as mqtt

DEVICES = 10
PREFIX = "peer/counter-"
_OUTSTANDING = 400


def topic(device: int) -> str:
    return f"{PREFIX}{device}"


def message(device: int, total: int, at_ms: int) -> str:
    """250 bytes: a Milesight counter's report with its line's totals, and `ts` for the program that wants it."""
    now = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y/%m/%d %H:%M:%S")
    report = {
        "ts": at_ms,
        "event": "Line Crossing Counting",
        "report_type": "trigger",
        "device_info": {"device_sn": f"36936202833{device}"},
        "time_info": {"timezone": "UTC+0:00", "end_time": now},
        "total_in": total,
        "total_out": 0,
        "pad": "",
    }
    report["pad"] = "." * (250 - len(json.dumps(report)))
    return json.dumps(report)


class Publisher:
    def __init__(self, port: int) -> None:
        self._room = threading.Semaphore(_OUTSTANDING)
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"load-{time.time_ns()}")
        self._client.max_inflight_messages_set(_OUTSTANDING)
        self._client.on_publish = lambda *_: self._room.release()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._stamps = [0] * DEVICES

    def send(self, device: int, total: int) -> float:
        self._room.acquire()
        # Two values of one device in one millisecond would be one value to the other program.
        self._stamps[device] = max(self._stamps[device] + 1, time.time_ns() // 1_000_000)
        at = time.time()
        self._client.publish(topic(device), message(device, total, self._stamps[device]), qos=1)
        return at

    def finish(self) -> None:
        for _ in range(_OUTSTANDING):
            self._room.acquire()
        self._client.disconnect()
        self._client.loop_stop()


def run(port: int, first: int, count: int, rate: float) -> list[float]:
    """Publish totals from `first` on, `count` messages in all; a rate of 0 is as fast as it goes. Times of sending."""
    publisher = Publisher(port)
    sent: list[float] = []
    began = time.perf_counter()
    for n in range(count):
        if rate and (ahead := began + n / rate - time.perf_counter()) > 0:
            time.sleep(ahead)
        sent.append(publisher.send(n % DEVICES, first + n // DEVICES))
    publisher.finish()
    return sent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (("port", int), ("first", int), ("count", int), ("rate", float)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    given = parser.parse_args()
    json.dump(run(given.port, given.first, given.count, given.rate), sys.stdout)


if __name__ == "__main__":
    main()
