"""RTSP against GStreamer's server: another implementation, in another process, killed and brought back."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import LoginRefusedError, Source
from edge_agent.vision.sources.factory import build
from edge_agent.vision.sources.live import Patience
from tests.edge_agent.vision.sources.pictures import wait_fault, wait_frame
from tests.support.processes import free_port

PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
PASSWORD = "p@:/%w#?ü"
PATIENCE = Patience(first=15, next=3, end=1)


def _available() -> bool:
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    return Path(PYTHON).exists() and subprocess.run([PYTHON, "-c", probe], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not _available(), reason="needs gir1.2-gst-rtsp-server-1.0 and python3-gi")
Serve = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[subprocess.Popen[str]] = []

    def start(
        *, port: int = 0, protocol: str = "tcp", width: int = 320, height: int = 240, fps: int = 15, password: str = ""
    ) -> tuple[subprocess.Popen[str], int]:
        words = [str(word) for word in (port, protocol, width, height, fps)] + ([password] if password else [])
        process = subprocess.Popen(
            [PYTHON, str(SERVER), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def camera(port: int, path: str = "cam", user: str = "", password_file: str = "", transport: str = "tcp") -> Source:
    url = f"rtsp://{user + '@' if user else ''}127.0.0.1:{port}/{path}"
    config = NetworkSource.model_validate(
        {"kind": "rtsp", "url": url, "password_file": password_file, "transport": transport}
    )
    return build(config, PATIENCE)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pictures_arrive_by_the_configured_transport_only(transport: str, serve: Serve) -> None:
    _, port = serve(protocol=transport)
    source = camera(port, transport=transport)
    source.open()
    first = wait_frame(source)
    assert first.image.shape == (240, 320, 3)
    time.sleep(1)  # a slow pipeline: the pictures of this second are skipped
    later = wait_frame(source)
    assert later.number - first.number >= 8 and time.monotonic() - later.taken < 0.5
    source.close()


def test_a_server_killed_in_the_middle_is_noticed_and_found_again(serve: Serve) -> None:
    port = free_port()
    process, _ = serve(port=port)
    source = camera(port)
    source.open()
    wait_frame(source)
    process.kill()
    assert wait_fault(source, 8) == f"127.0.0.1:{port} broke off the stream"
    source.open()
    assert wait_fault(source, 8) == f"127.0.0.1:{port} cannot be reached: connection refused"
    serve(port=port)
    source.open()
    wait_frame(source)
    source.close()


def test_a_server_that_hangs_is_noticed_and_does_not_hold_up_another(serve: Serve) -> None:
    process, port = serve()
    source = camera(port)
    source.open()
    wait_frame(source)
    process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert wait_fault(source, 10) == "no picture from 127.0.0.1 for 3 s"
    assert time.monotonic() - began < 5
    began = time.monotonic()
    source.close()
    assert time.monotonic() - began < 2
    hung = camera(port)
    hung.open()  # asks, and waits for an answer
    _, other_port = serve()
    other = camera(other_port)
    other.open()
    wait_frame(other, seconds=8)
    assert "does not answer" in wait_fault(hung, 10)
    process.send_signal(signal.SIGCONT)
    for opened in (hung, other):
        opened.close()


def test_the_password_comes_from_its_file_and_any_character_may_stand_in_it(serve: Serve, tmp_path: Path) -> None:
    _, port = serve(password=PASSWORD)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    source = camera(port, user="anna", password_file=str(secret))
    source.open()
    wait_frame(source)
    source.close()


def test_a_wrong_password_is_told_apart_and_never_shown(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    _, port = serve(password=PASSWORD)
    secret = tmp_path / "password"
    secret.write_text("wrong-horse")
    source = camera(port, user="anna", password_file=str(secret))
    source.open()
    with pytest.raises(LoginRefusedError, match="refuses the user name or the password") as refused:
        wait_frame(source)
    source.close()
    assert "wrong-horse" not in f"{refused.value!r} {refused.value.__cause__!r} {caplog.text} {capfd.readouterr()}"


def test_a_wrong_path_is_told(serve: Serve) -> None:
    _, port = serve()
    source = camera(port, path="no-such")
    source.open()
    assert "has no such stream" in wait_fault(source)
    source.close()


def test_the_wrong_transport_is_told(serve: Serve) -> None:
    _, port = serve(protocol="udp")
    source = camera(port, transport="tcp")
    source.open()
    assert "sends no video by tcp" in wait_fault(source, 20)
    source.close()
