"""Devices of the tests: a Modbus-RTU slave on a pseudo-terminal, written against the Modbus specification alone
(MODBUS over Serial Line V1.02 for the frame and CRC, Application Protocol V1.1b3 for functions 3 and 4), and a
Milesight VS121-P publisher. Nothing here shares code with what is tested.
"""

import contextlib
import json
import os
import struct
import threading
import tty
from pathlib import Path

import paho.mqtt.client as mqtt


def crc16(frame: bytes) -> bytes:
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class ModbusDoor:
    """A door counter: totals in and out as two big-endian 32-bit values in holding registers 0–3 of one slave."""

    def __init__(self, link: Path, *, slave: int = 1) -> None:
        self.link = link
        self.slave = slave
        self.total_in = 0
        self.total_out = 0
        self.mute = False
        self.noise = b""
        self.polls = 0
        self._lock = threading.Lock()
        self._master = -1
        self._stopping = threading.Event()
        self.plug()

    def plug(self) -> None:
        """Make the port appear at `link`, as udev does when an adapter is plugged in."""
        self._stopping = threading.Event()
        self._master, slave_end = os.openpty()
        tty.setraw(slave_end)
        self._slave_end = slave_end
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(slave_end))
        threading.Thread(target=self._serve, args=(self._master, self._stopping), daemon=True).start()

    def unplug(self) -> None:
        """The port and its name vanish."""
        self._stopping.set()
        self.link.unlink(missing_ok=True)
        for end in (self._slave_end, self._master):
            with contextlib.suppress(OSError):
                os.close(end)

    def walk(self, *, people_in: int = 0, people_out: int = 0) -> None:
        with self._lock:
            self.total_in = (self.total_in + people_in) % 2**32
            self.total_out = (self.total_out + people_out) % 2**32

    def _serve(self, master: int, stopping: threading.Event) -> None:
        buffer = b""
        while not stopping.is_set():
            try:
                buffer += os.read(master, 256)
            except OSError:
                return
            while len(buffer) >= 8:
                request, buffer = buffer[:8], buffer[8:]
                if crc16(request[:6]) != request[6:]:
                    buffer = b""
                    break
                self._answer(master, request)

    def _answer(self, master: int, request: bytes) -> None:
        slave, function, address, quantity = struct.unpack(">BBHH", request[:6])
        if slave != self.slave or self.mute:
            return
        with self._lock:
            registers = struct.unpack(">4H", struct.pack(">II", self.total_in, self.total_out))
            noise = self.noise
        body = b"".join(struct.pack(">H", r) for r in registers[address : address + quantity])
        frame = struct.pack(">BBB", slave, function, len(body)) + body
        with contextlib.suppress(OSError):
            os.write(master, noise + frame + crc16(frame))
        self.polls += 1


def modbus_toml(device: str, link: Path, *, poll_seconds: float = 0.1) -> str:
    return f"""
[[devices]]
id = "{device}"
driver = "modbus_counter"
url = "{link}"
slave = 1
poll_seconds = {poll_seconds}
max_per_second = 1000
[devices.registers]
total_in = {{ function = 3, address = 0, type = "uint32", word_order = "big" }}
total_out = {{ function = 3, address = 2, type = "uint32", word_order = "big" }}
"""


def milesight_toml(device: str, topic: str) -> str:
    return f"""
[[devices]]
id = "{device}"
driver = "milesight_vs121"
topic = "{topic}"
max_per_second = 1000
"""


def milesight_report(total: int) -> str:
    """The vendor's documented message with `total` people in view."""
    return json.dumps(
        {
            "event": "Region People Counting",
            "report_type": "interval",
            "device_info": {"device_sn": "369362028335", "device_mac": "24:E1:24:00:00:01", "ip_address": "127.0.0.1"},
            "time_info": {
                "timezone": "UTC+8:00",
                "dst_status": False,
                "start_time": "2026/11/22 18:15:52",
                "end_time": "2026/11/22 18:16:52",
            },
            "current_total": total,
            "max_counted": total,
            "numbering_regions": [1, 2],
            "occupancy": [total, 0],
        }
    )


def mqtt_client(port: int, name: str) -> mqtt.Client:
    """A connected client with its network loop running."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.max_inflight_messages_set(200)
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert connected.wait(10), "the broker did not answer"
    return client
