"""TLS to a real mosquitto: a certificate that has expired is named, a new one is taken without a restart."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.broker import BrokerConfig
from edge_agent.link import Hooks, Link
from tests.support.authority import DAY, Authority
from tests.support.processes import free_port, until

MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


class TlsBroker:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\ncertfile {folder}/server.crt\n"
            f"keyfile {folder}/server.key\n" + ("user root\n" if os.geteuid() == 0 else "")
        )
        with (folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([str(MOSQUITTO), "-c", str(config)], stdout=log, stderr=log)
        until(self._listens, seconds=5, what="mosquitto to listen")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def read_certificate_again(self) -> None:
        """mosquitto(8): SIGHUP reloads certificates."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(5)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def link(tmp_path: Path, authority: Authority) -> Iterator[tuple[Link, TlsBroker]]:
    """Begins with a certificate that expired yesterday."""
    authority.sign(-DAY)
    broker = TlsBroker(tmp_path)
    config = BrokerConfig(host="localhost", port=broker.port, tls_ca_file=str(authority.file))
    link = Link("yunqi", "lobby", config, Hooks(_nothing, _nothing, lambda: b""))
    link._client.reconnect_delay_set(1, 1)
    link.start()
    yield link, broker
    link.stop(b"")
    broker.stop()


def _nothing() -> None: ...


def code(link: Link) -> str:
    return link.trouble.code if link.trouble is not None else ""


def test_an_expired_certificate_is_refused_by_name_and_its_successor_taken(
    link: tuple[Link, TlsBroker], authority: Authority
) -> None:
    ours, broker = link
    until(lambda: code(ours) == "broker_certificate_expired", seconds=5, what="the reason")
    assert not ours.connected
    authority.sign(10 * DAY)
    broker.read_certificate_again()
    until(lambda: ours.connected, seconds=8, what="the connection with the new certificate")
    until(lambda: ours.trouble is None, seconds=1, what="the end of the trouble")
    ends = ours.certificate_until
    assert ends is not None and timedelta(days=9) < ends - datetime.now(UTC) < timedelta(days=11)


def test_a_renewed_authority_is_read_again_without_a_restart(
    link: tuple[Link, TlsBroker], authority: Authority
) -> None:
    ours, broker = link
    until(lambda: code(ours) == "broker_certificate_expired", seconds=5, what="the reason")
    kept = authority.file.read_bytes()
    authority.renew()
    renewed = authority.file.read_bytes()
    authority.file.write_bytes(kept)
    authority.sign(10 * DAY)
    broker.read_certificate_again()
    until(lambda: code(ours) == "broker_certificate_refused", seconds=8, what="the unknown authority to be refused")
    authority.file.write_bytes(renewed)
    until(lambda: ours.connected, seconds=8, what="the connection under the new authority")
