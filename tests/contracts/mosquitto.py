"""A real mosquitto with the shipped files, and clients that are told why they are refused."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties

from tests.support.processes import ROOT, free_port, until

SHIPPED = ROOT / "firmware_configs" / "mosquitto"
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
PASSWD = shutil.which("mosquitto_passwd")
EVERYTHING = "everything"
"""An account of the tests alone: it may say and hear all there is."""
USERS = (
    "gateway",
    "yunqi/lobby",
    "yunqi/garden",
    "369362028335",
    "door-main",
    "espresense",
    "zigbee2mqtt",
    "lorawan",
    "stranger",
    EVERYTHING,
)


class Broker:
    """The shipped files with only paths, ports and the service user changed, and everything saved each second."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.tls_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        text = (SHIPPED / "anchang.conf").read_text() + ((SHIPPED / "tls.conf").read_text() if tls else "")
        text = text.replace("/etc/anchang/mosquitto", str(folder)).replace("/var/lib/mosquitto", str(folder))
        text = text.replace("listener 1883", f"listener {self.port}").replace(
            "listener 8883 0.0.0.0", f"listener {self.tls_port} 127.0.0.1"
        )
        text = text.replace("autosave_interval 10", "autosave_interval 1")
        (folder / "mosquitto.conf").write_text(text + ("user root\n" if os.geteuid() == 0 else ""))
        rules = (SHIPPED / "acl").read_text()
        (folder / "acl").write_text(f"user {EVERYTHING}\ntopic readwrite #\n\n{rules}")
        (folder / "passwords").touch(mode=0o600)
        for user in USERS:
            subprocess.run([str(PASSWD), "-b", str(folder / "passwords"), user, f"{user} secret"], check=True)

    def has_saved(self, text: bytes) -> bool:
        database = self.folder / "anchang.db"
        return database.exists() and text in database.read_bytes()

    def start(self) -> None:
        with (self.folder / "mosquitto.log").open("ab") as log:
            command = [str(MOSQUITTO), "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._listens, seconds=10, what="mosquitto to listen")

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "mosquitto.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        assert self.process.wait(10) == -signal.SIGKILL

    def reload(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


class Client:
    """A signed-in MQTT 5 client: version 5 answers a publish with the reason it was refused for."""

    def __init__(
        self,
        broker: Broker,
        user: str,
        password: str | None = None,
        *,
        keeps_session: bool = False,
        ca: Path | None = None,
    ) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.answers: dict[int, int] = {}
        self.connected: list[bool] = []
        self._mqtt = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"{user} client", protocol=mqtt.MQTTv5)
        self._mqtt.username_pw_set(user, f"{user} secret" if password is None else password)
        self._mqtt.on_connect = lambda _c, _u, _f, reason, _p: self.connected.append(not reason.is_failure)
        self._mqtt.on_publish = lambda _c, _u, mid, reason, _p: self.answers.update({mid: reason.value})
        self._mqtt.on_subscribe = lambda _c, _u, mid, reasons, _p: self.answers.update({mid: reasons[0].value})
        self._mqtt.on_message = lambda _c, _u, message: self.received.append((message.topic, message.payload))
        properties = Properties(mqtt.PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600 if keeps_session else 0
        if ca is not None:
            self._mqtt.tls_set(str(ca))
        port = broker.port if ca is None else broker.tls_port
        self._mqtt.connect("127.0.0.1", port, clean_start=not keeps_session, properties=properties)
        self._mqtt.loop_start()
        until(lambda: self.connected, seconds=10, what=f"an answer to {user}")

    def _answer(self, mid: int | None) -> int:
        assert mid is not None
        until(lambda: mid in self.answers, seconds=10, what="the broker's answer")
        return self.answers[mid]

    def may_publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> bool:
        # 0x10 says "taken, though nobody subscribes".
        return self._answer(self._mqtt.publish(topic, payload, qos=1, retain=retain).mid) in (0, 0x10)

    def taken(self, topics: Iterable[str]) -> set[str]:
        """Publish to each without waiting in between; those that the broker took."""
        sent = {topic: self._mqtt.publish(topic, b"x", qos=1).mid for topic in topics}
        return {topic for topic, mid in sent.items() if self._answer(mid) in (0, 0x10)}

    def publish_all(self, topic: str, payloads: list[bytes]) -> None:
        """Publish without waiting in between, then until the broker has answered for every one."""
        sent = [self._mqtt.publish(topic, payload, qos=1).mid for payload in payloads]
        until(lambda: self.answers.keys() >= set(sent), seconds=30, what="the broker's answers")
        assert {self.answers[mid] for mid in sent} <= {0, 0x10}

    def subscribe(self, topic: str) -> None:
        assert self._answer(self._mqtt.subscribe(topic, qos=1)[1]) < 0x80

    def hears(self, topic: str) -> bool:
        return any(topic == heard for heard, _ in self.received)

    def close(self) -> None:
        self._mqtt.disconnect()
        self._mqtt.loop_stop()


@contextmanager
def client(
    broker: Broker, user: str, password: str | None = None, *, keeps_session: bool = False, ca: Path | None = None
) -> Iterator[Client]:
    made = Client(broker, user, password, keeps_session=keeps_session, ca=ca)
    try:
        yield made
    finally:
        made.close()
