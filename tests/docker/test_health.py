"""The health checks of the containers, run as the containers run them."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from paho.mqtt.enums import CallbackAPIVersion

from contracts.messages import NodeStatus
from tests.support.processes import ROOT, free_port, until


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30)


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_program_that_answers_is_healthy(web: str) -> None:
    assert run("docker/http_health.py", f"{web}/healthz").returncode == 0


def test_a_program_that_is_ill_or_gone_is_not(web: str) -> None:
    assert run("docker/http_health.py", f"{web}/ill").returncode == 1
    assert run("docker/http_health.py", f"http://127.0.0.1:{free_port()}/healthz").returncode == 1


@pytest.fixture
def broker() -> Iterator[int]:
    port = free_port()
    with Broker(port=port, listen="127.0.0.1"):
        yield port


@pytest.fixture
def config(tmp_path: Path, broker: int) -> str:
    path = tmp_path / "edge_agent.toml"
    outbox = f'[outbox]\npath = "{tmp_path}/outbox.db"\n'
    path.write_text(f'office = "yunqi"\nnode = "lobby"\n{outbox}[broker]\nport = {broker}\n')
    return str(path)


def say(port: int, *, online: bool) -> None:
    status = NodeStatus(office="yunqi", node="lobby", online=online, at=datetime.now(UTC))
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = client.publish("anchang/v1/yunqi/lobby/status", status.model_dump_json(), qos=1, retain=True)
    until(sent.is_published, seconds=5, what="the status at the broker")
    client.disconnect()
    client.loop_stop()


def test_an_agent_is_healthy_when_the_broker_holds_it_online(config: str, broker: int) -> None:
    say(broker, online=True)
    health = run("-m", "docker.edge_health", config)
    assert health.returncode == 0, health.stderr


def test_an_agent_whose_last_will_was_published_is_not(config: str, broker: int) -> None:
    say(broker, online=False)
    assert run("-m", "docker.edge_health", config).returncode == 1


def test_an_agent_without_a_configuration_says_so() -> None:
    health = run("-m", "docker.edge_health", "missing.toml")
    assert health.returncode == 1
    assert "missing.toml" in health.stderr
