"""The shipped mosquitto configuration, in a real mosquitto."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties

from tests.support.processes import free_port, until

SHIPPED = Path(__file__).resolve().parents[2] / "firmware_configs" / "mosquitto"
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
PASSWD = shutil.which("mosquitto_passwd")
USERS = ("gateway", "yunqi/lobby", "yunqi/garden", "369362028335", "stranger")
NODE = "yunqi/lobby"
BRANCH = "anchang/v1/yunqi/lobby"

pytestmark = pytest.mark.skipif(MOSQUITTO is None or PASSWD is None, reason="mosquitto is not installed")


class Broker:
    """The shipped files with only paths, port and the service user changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        text = (SHIPPED / "anchang.conf").read_text()
        text = text.replace("/etc/anchang/mosquitto", str(folder)).replace("/var/lib/mosquitto", str(folder))
        text = text.replace("listener 1883", f"listener {self.port}")
        (folder / "mosquitto.conf").write_text(text + ("user root\n" if os.geteuid() == 0 else ""))
        shutil.copy(SHIPPED / "acl", folder / "acl")
        (folder / "passwords").touch(mode=0o600)
        for user in USERS:
            subprocess.run([str(PASSWD), "-b", str(folder / "passwords"), user, f"{user} secret"], check=True)

    @property
    def database(self) -> Path:
        return self.folder / "anchang.db"

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

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


class Client:
    """A signed-in MQTT 5 client: version 5 answers a publish with the reason it was refused for."""

    def __init__(self, broker: Broker, user: str, password: str | None = None, *, keeps_session: bool = False) -> None:
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
        self._mqtt.connect("127.0.0.1", broker.port, clean_start=not keeps_session, properties=properties)
        self._mqtt.loop_start()
        until(lambda: self.connected, seconds=10, what=f"an answer to {user}")

    def _answer(self, mid: int | None) -> int:
        assert mid is not None
        until(lambda: mid in self.answers, seconds=10, what="the broker's answer")
        return self.answers[mid]

    def may_publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> bool:
        # 0x10 says "taken, though nobody subscribes".
        return self._answer(self._mqtt.publish(topic, payload, qos=1, retain=retain).mid) in (0, 0x10)

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
def client(broker: Broker, user: str, password: str | None = None, *, keeps_session: bool = False) -> Iterator[Client]:
    made = Client(broker, user, password, keeps_session=keeps_session)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("mosquitto"))
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(("user", "password"), [("gateway", "wrong"), ("unknown", "x"), ("", "")])
def test_a_wrong_password_is_refused(broker: Broker, user: str, password: str) -> None:
    with client(broker, user, password) as refused:
        assert refused.connected[0] is False


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        (NODE, f"{BRANCH}/events", True),
        (NODE, f"{BRANCH}/status", True),
        (NODE, f"{BRANCH}/reply", True),
        (NODE, f"{BRANCH}/ask", True),
        (NODE, f"{BRANCH}/probe", True),
        (NODE, f"{BRANCH}/consents", False),
        (NODE, "anchang/v1/yunqi/garden/ask", False),
        (NODE, "anchang/v1/yunqi/garden/probe", False),
        (NODE, f"{BRANCH}/ack", False),
        (NODE, f"{BRANCH}/command", False),
        (NODE, f"{BRANCH}/config", False),
        (NODE, "anchang/v1/yunqi/garden/events", False),
        (NODE, "anchang/v1/binhe/lobby/events", False),
        (NODE, f"{BRANCH}/events/more", False),
        (NODE, "milesight/369362028335", False),
        ("gateway", f"{BRANCH}/ack", True),
        ("gateway", f"{BRANCH}/config", True),
        ("gateway", f"{BRANCH}/command", True),
        ("gateway", f"{BRANCH}/consents", True),
        ("gateway", f"{BRANCH}/events", False),
        ("gateway", f"{BRANCH}/ask", False),
        ("gateway", f"{BRANCH}/probe", False),
        ("369362028335", "milesight/369362028335", True),
        ("369362028335", "milesight/111111111111", False),
        ("369362028335", f"{BRANCH}/events", False),
        ("stranger", f"{BRANCH}/events", False),
        ("stranger", "anything", False),
    ],
)
def test_who_may_publish_where(broker: Broker, user: str, topic: str, allowed: bool) -> None:
    with client(broker, user) as speaker:
        assert speaker.may_publish(topic) is allowed


def test_the_gateway_hears_every_node_and_the_nodes_hear_only_their_own_orders(broker: Broker) -> None:
    with client(broker, "gateway") as gateway, client(broker, NODE) as lobby, client(broker, "yunqi/garden") as garden:
        for listener in (gateway, lobby, garden):
            listener.subscribe("anchang/v1/#")
        lobby.may_publish(f"{BRANCH}/events")
        garden.may_publish("anchang/v1/yunqi/garden/events")
        gateway.may_publish(f"{BRANCH}/ack")
        gateway.may_publish("anchang/v1/yunqi/garden/ack")
        until(lambda: gateway.hears(f"{BRANCH}/events"), seconds=5, what="the lobby's events")
        until(lambda: gateway.hears("anchang/v1/yunqi/garden/events"), seconds=5, what="the garden's events")
        until(lambda: lobby.hears(f"{BRANCH}/ack"), seconds=5, what="the lobby's acknowledgement")
        until(lambda: garden.hears("anchang/v1/yunqi/garden/ack"), seconds=5, what="the garden's acknowledgement")
        assert {topic for topic, _ in lobby.received} == {f"{BRANCH}/ack"}
        assert {topic for topic, _ in garden.received} == {"anchang/v1/yunqi/garden/ack"}


def test_probes_reach_the_vault_s_node_and_nobody_else(broker: Broker) -> None:
    garden_probe, lobby_probe = "anchang/v1/yunqi/garden/probe", f"{BRANCH}/probe"
    with (
        client(broker, "gateway") as gateway,
        client(broker, NODE) as vault,
        client(broker, "yunqi/garden") as garden,
        client(broker, "stranger") as stranger,
    ):
        for listener in (gateway, vault, garden, stranger):
            listener.subscribe("anchang/v1/#")
        garden.may_publish(garden_probe)
        vault.may_publish(lobby_probe)
        vault.may_publish(f"{BRANCH}/ask")
        gateway.may_publish("anchang/v1/yunqi/garden/consents")
        until(lambda: vault.hears(garden_probe) and vault.hears(lobby_probe), seconds=5, what="the probes")
        until(lambda: gateway.hears(f"{BRANCH}/ask"), seconds=5, what="the question")
        until(lambda: garden.hears("anchang/v1/yunqi/garden/consents"), seconds=5, what="the answer")
        assert {topic for topic, _ in gateway.received} == {f"{BRANCH}/ask"}
        assert {topic for topic, _ in garden.received} == {"anchang/v1/yunqi/garden/consents"}
        assert not stranger.received


def test_a_node_hears_a_smart_counter(broker: Broker) -> None:
    with client(broker, NODE) as lobby, client(broker, "369362028335") as counter:
        lobby.subscribe("milesight/369362028335")
        counter.may_publish("milesight/369362028335", b"{}")
        until(lambda: lobby.hears("milesight/369362028335"), seconds=5, what="the counter's report")


def test_messages_queued_for_an_absent_gateway_survive_kill_9(tmp_path: Path) -> None:
    events = [b"event %d." % number for number in range(1100)]  # mosquitto's own limit drops what is beyond 1000
    broker = Broker(tmp_path)
    broker.start()
    try:
        with client(broker, "gateway", keeps_session=True) as gateway:
            gateway.subscribe("anchang/v1/yunqi/+/events")
        with client(broker, NODE) as lobby:
            lobby.publish_all(f"{BRANCH}/events", events)
        until(lambda: events[-1] in broker.database.read_bytes(), seconds=10, what="the queue on disk")
        broker.kill()
        broker.start()
        with client(broker, "gateway", keeps_session=True) as gateway:
            until(lambda: len(gateway.received) >= len(events), seconds=20, what="the queued messages")
            assert [payload for _, payload in gateway.received] == events
    finally:
        broker.stop()
