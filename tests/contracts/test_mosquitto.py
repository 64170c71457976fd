"""The shipped mosquitto configuration, in a real mosquitto."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest
from paho.mqtt.client import topic_matches_sub

from tests.contracts.mosquitto import EVERYTHING, MOSQUITTO, PASSWD, SHIPPED, USERS, Broker, client
from tests.support.processes import until

NODE = "yunqi/lobby"
BRANCH = "anchang/v1/yunqi/lobby"
COUNTER = "369362028335"

pytestmark = pytest.mark.skipif(MOSQUITTO is None or PASSWD is None, reason="mosquitto is not installed")


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


LEAVES = ("events", "status", "reply", "ask", "probe", "ack", "config", "command", "consents")
BRANCHES = ("anchang/v1/yunqi/lobby", "anchang/v1/yunqi/garden", "anchang/v1/binhe/lobby")
OWN_WRITES = ("events", "status", "reply", "ask", "probe")
OWN_READS = ("status", "ack", "config", "command", "consents")
DEVICE_REPORTS = (
    "device/door-main/people", "device/369362028335/report", "device/door-main", "esphome/door-main/status",
    "esphome/door-main/sensor/people_in/state", "milesight/369362028335", "milesight/111111111111", "zigbee2mqtt/hall",
    "application/7/device/24e124/event/up",
)  # fmt: skip
"""Every account may hear these; none of them names a person."""
TOPICS = (
    *(f"{branch}/{leaf}" for branch, leaf in product(BRANCHES, LEAVES)),
    *DEVICE_REPORTS,
    f"{BRANCH}/events/more", "anchang/v1/yunqi/lobby", "anchang/v2/yunqi/lobby/events", "anything",
    "device/other/people", "esphome/other/status", "esphome/other/sensor/people_in/state", "esphome/door-main/debug",
    "milesight/369362028335/more", "zigbee2mqtt/hall/set", "zigbee2mqtt/bridge/state",
    "application/7/device/24e124/command/down",
    "espresense/devices/badge7/door", "espresense/devices/badge7/hall", "espresense/rooms/door",
)  # fmt: skip
EVERYBODY_HEARS = {
    *DEVICE_REPORTS, "device/other/people", "esphome/other/status", "esphome/other/sensor/people_in/state",
}  # fmt: skip


def _leaves(branches: tuple[str, ...], leaves: tuple[str, ...]) -> set[str]:
    return {f"{branch}/{leaf}" for branch, leaf in product(branches, leaves)}


def _below(prefix: str) -> set[str]:
    return {topic for topic in TOPICS if topic.startswith(f"{prefix}/")}


WRITES = {
    "gateway": _leaves(BRANCHES, ("ack", "config", "command", "consents")),
    NODE: _leaves((BRANCH,), OWN_WRITES),
    "yunqi/garden": _leaves(("anchang/v1/yunqi/garden",), OWN_WRITES),
    COUNTER: {f"milesight/{COUNTER}", f"device/{COUNTER}/report"},
    "door-main": {
        "device/door-main", "device/door-main/people", "esphome/door-main/status",
        "esphome/door-main/sensor/people_in/state",
    },
    "espresense": _below("espresense"),
    "zigbee2mqtt": _below("zigbee2mqtt"),
    "lorawan": {"application/7/device/24e124/event/up"},
    "stranger": set(),
}  # fmt: skip
HEARS = {
    "gateway": _leaves(BRANCHES, ("events", "status", "reply", "ask")),
    NODE: _leaves((BRANCH,), OWN_READS)
    | _leaves(("anchang/v1/yunqi/lobby", "anchang/v1/yunqi/garden"), ("probe",))
    | {"espresense/devices/badge7/door"},
    "yunqi/garden": _leaves(("anchang/v1/yunqi/garden",), OWN_READS),
    COUNTER: set(),
    "door-main": set(),
    "espresense": _below("espresense"),
    "zigbee2mqtt": _below("zigbee2mqtt"),
    "lorawan": set(),
    "stranger": set(),
}


@pytest.mark.parametrize("user", WRITES)
def test_an_account_may_say_what_is_its_own_and_nothing_else(broker: Broker, user: str) -> None:
    with client(broker, user) as speaker:
        assert speaker.taken(TOPICS) == WRITES[user]


def test_an_account_hears_what_is_meant_for_it_and_nothing_else(broker: Broker) -> None:
    last = "device/last"  # the broker delivers in order: when this has come, what was before it has
    with ExitStack() as open_ones:
        listeners = {user: open_ones.enter_context(client(broker, user)) for user in HEARS}
        for listener in listeners.values():
            listener.subscribe("#")
        with client(broker, EVERYTHING) as speaker:
            assert speaker.taken((*TOPICS, last)) == {*TOPICS, last}
        until(lambda: all(one.hears(last) for one in listeners.values()), seconds=5, what="the last message")
        heard = {user: {topic for topic, _ in listener.received} for user, listener in listeners.items()}
    assert heard == {user: own | EVERYBODY_HEARS | {last} for user, own in HEARS.items()}


def _rules() -> list[tuple[str, str, str]]:
    """(account or "", access, topic) of every line of the shipped file."""
    rules, user = [], ""
    for line in (SHIPPED / "acl").read_text().splitlines():
        match line.split():
            case ["user", name]:
                user = name
            case ["topic", access, topic]:
                rules.append((user, access, topic))
            case ["pattern", access, topic]:
                rules.append(("", access, topic))
    return rules


@pytest.mark.parametrize(("user", "access", "topic"), _rules())
def test_every_rule_is_needed_by_something_that_is_said_or_heard_above(user: str, access: str, topic: str) -> None:
    accounts = (user,) if user else tuple(WRITES)
    said = {(name, t) for name in accounts for t in WRITES[name]} if "write" in access else set()
    heard = {(name, t) for name in accounts for t in HEARS[name] | EVERYBODY_HEARS} if "read" in access else set()
    assert [name for name, t in said | heard if topic_matches_sub(topic.replace("%u", name), t)]


def test_every_account_of_the_rules_is_tried() -> None:
    assert {user for user, _, _ in _rules() if user} <= set(USERS)


def test_what_waits_for_an_absent_node_survives_kill_9_once_it_was_saved(tmp_path: Path) -> None:
    reports = [b"report %d." % number for number in range(1100)]  # mosquitto's own limit drops what is beyond 1000
    broker = Broker(tmp_path)
    broker.start()
    try:
        with client(broker, NODE, keeps_session=True) as lobby:
            lobby.subscribe(f"milesight/{COUNTER}")
            lobby.may_publish(f"{BRANCH}/status", b"online", retain=True)
        with client(broker, COUNTER) as counter:
            counter.publish_all(f"milesight/{COUNTER}", reports)
            until(lambda: broker.has_saved(reports[-1]), seconds=10, what="the queue on disk")
        broker.kill()
        broker.start()
        with client(broker, NODE, keeps_session=True) as lobby:
            until(lambda: len(lobby.received) >= len(reports), seconds=20, what="the queued messages")
            assert [payload for _, payload in lobby.received] == reports
            lobby.subscribe(f"{BRANCH}/status")
            until(lambda: lobby.hears(f"{BRANCH}/status"), seconds=5, what="the retained status")
    finally:
        broker.stop()


def _certificates(folder: Path, *names: str) -> str:
    done = subprocess.run([str(SHIPPED / "certificates.sh"), str(folder), *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(":")[0]


def _shown(broker: Broker, ca: Path) -> bytes:
    """The certificate that the broker shows now, checked against the authority and the address."""
    context = ssl.create_default_context(cafile=str(ca))
    with (
        socket.create_connection(("127.0.0.1", broker.tls_port), 5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        return line.getpeercert(binary_form=True) or b""


def test_a_client_signs_in_over_tls_and_a_renewed_certificate_needs_no_restart(tmp_path: Path) -> None:
    assert _certificates(tmp_path, "127.0.0.1") == "Renewed"
    ca = tmp_path / "ca.crt"
    broker = Broker(tmp_path, tls=True)
    broker.start()
    try:
        with client(broker, NODE, ca=ca) as lobby:
            assert lobby.connected[0]
            assert lobby.may_publish(f"{BRANCH}/events")
        with client(broker, NODE, "wrong", ca=ca) as refused:
            assert refused.connected[0] is False
        before, authority = _shown(broker, ca), ca.read_bytes()
        assert _certificates(tmp_path, "127.0.0.1") == "Unchanged"
        assert _certificates(tmp_path, "127.0.0.1", "gateway.office") == "Renewed", "it has a new name"
        assert ca.read_bytes() == authority
        broker.reload()
        until(lambda: _shown(broker, ca) != before, seconds=5, what="the new certificate")
    finally:
        broker.stop()


def test_a_certificate_that_ends_within_a_month_is_renewed_and_its_key_is_private(tmp_path: Path) -> None:
    _certificates(tmp_path, "gateway.office")
    short = ["openssl", "x509", "-in", "server.crt", "-signkey", "server.key", "-days", "29", "-out", "short.crt"]
    subprocess.run(short, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "short.crt").replace(tmp_path / "server.crt")
    assert _certificates(tmp_path, "gateway.office") == "Renewed"
    assert _certificates(tmp_path, "gateway.office") == "Unchanged"
    assert [name for name in ("ca.key", "server.key") if (tmp_path / name).stat().st_mode & 0o007] == []
    assert list(tmp_path.glob("renewing.*")) == []
