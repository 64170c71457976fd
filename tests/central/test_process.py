"""The program as an operator meets it: its configuration, its signals, and a kill in the middle of the work."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.events import Event
from tests.central.head_office import Files, Outbox, minute, visit
from tests.support.processes import ROOT, Program, free_port, until


@pytest.fixture
def program(files: Files, tmp_path: Path) -> Any:
    files.port = free_port()
    arguments = ["-m", "central", "--config", str(files.write())]
    started = Program("central", arguments, log=tmp_path / "log", health=f"http://127.0.0.1:{files.port}/healthz")
    yield started
    if started.alive:
        started.kill()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "central", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def client(files: Files, who: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {files.token(who)}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{files.port}", headers=headers, timeout=20)


def work(count: int) -> list[dict[str, Any]]:
    """Alternating visits of one person and one person counted in."""
    outbox = Outbox()
    facts = (visit(party_size=1) if n % 2 else minute(device=f"door-{n}") for n in range(count))
    return [outbox.event(data).model_dump(mode="json") for data in facts]


class Sender(threading.Thread):
    """Sends as a gateway does: from the last acknowledgement, until everything is committed."""

    def __init__(self, files: Files, events: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.files = files
        self.events = events
        self.committed = 0
        self.interrupted = 0
        self.in_flight = threading.Event()

    def run(self) -> None:
        stream = Event.model_validate(self.events[0]).stream
        with client(self.files, "yunqi") as office:
            while self.committed < len(self.events):
                try:
                    stood = office.get("/v1/ingest/ack", params={"stream": stream})
                    self.committed = stood.raise_for_status().json()["committed"]
                    batch = self.events[self.committed : self.committed + 50]
                    self.in_flight.set()
                    office.post("/v1/ingest", json=batch).raise_for_status()
                except httpx.HTTPError:
                    self.interrupted += self.in_flight.is_set()
                finally:
                    self.in_flight.clear()


def test_kill_9_in_the_middle_of_ingest_counts_every_event_exactly_once(program: Program, files: Files) -> None:
    events = work(1000)
    program.start()
    sender = Sender(files, events)
    sender.start()
    for _ in range(3):
        before = sender.committed
        until(lambda: sender.committed > before or None, seconds=20, what="progress")  # noqa: B023
        assert sender.in_flight.wait(10)
        program.kill()
        program.start()
    sender.join(60)
    assert sender.committed == 1000
    assert sender.interrupted >= 1, "no kill landed while a request was in flight"
    with client(files, "admin") as admin:
        page = admin.get("/v1/overview", params={"days": 60}).json()
        days = [day for office in page["offices"] for day in office["days"]]
        assert sum(day["visits"] for day in days) == 500
        assert sum(day["count_in"] for day in days) == 500
        assert admin.get("/v1/dead-letters").json()["items"] == []


def test_sigterm_ends_cleanly_and_the_keys_stay(program: Program, files: Files) -> None:
    program.start()
    keys = files.folder / "central.keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    made = keys.read_bytes()
    with client(files, "yunqi") as office:
        epoch = office.post("/v1/ingest", json=work(2)).json()["acks"][0]["epoch"]
    assert program.stop() == 0
    program.start()
    with client(files, "yunqi") as office:
        again = office.post("/v1/ingest", json=work(2)).json()["acks"][0]["epoch"]
    assert (keys.read_bytes(), again) == (made, epoch)
    os.kill(program.pid, signal.SIGINT)
    assert program.process is not None
    assert program.process.wait(15) == 0


def test_the_database_is_for_its_user_only_even_when_it_was_open_to_others(tmp_path: Path) -> None:
    files = sqlite_files(tmp_path)
    files.port = free_port()
    health = f"http://127.0.0.1:{files.port}/healthz"
    started = Program("central", ["-m", "central", "--config", str(files.write())], log=tmp_path / "log", health=health)
    for left_open in (False, True):
        if left_open:
            (tmp_path / "central.db").chmod(0o644)
        started.start()
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("central.db*")}
        started.kill()
        assert modes == {0o600}


def sqlite_files(tmp_path: Path) -> Files:
    return Files(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/central.db")


def test_check_finds_no_mistake_in_a_right_file_and_makes_nothing(tmp_path: Path) -> None:
    done = run("--config", str(sqlite_files(tmp_path).write()), "--check")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "central.db").exists()
    assert not (tmp_path / "central.keys").exists()


def test_check_names_the_place_of_every_mistake_and_no_value(tmp_path: Path) -> None:
    files = sqlite_files(tmp_path)
    path = files.write()
    text = path.read_text().replace("port = 8200", 'port = 99999\ncolour = "ultramarine"')
    path.write_text(text.replace("token_sha256", "token_sha265", 1))
    done = run("--config", str(path), "--check")
    assert done.returncode == 2
    for place in ("http.port", "http.colour", "tokens.admin.token_sha256", "tokens.admin.token_sha265"):
        assert place in done.stderr
    assert "ultramarine" not in done.stderr


def test_check_reads_the_seal_keys(tmp_path: Path) -> None:
    path = sqlite_files(tmp_path).write()
    (tmp_path / "yunqi.seal").write_text("c2hvcnQ=")
    done = run("--config", str(path), "--check")
    assert (done.returncode, "office_tokens.yunqi.seal_key_file" in done.stderr) == (2, True)


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = sqlite_files(tmp_path).write()
    done = run("--config", str(path), "--check", ANCHANG_CENTRAL__HTTP__PORT="0")
    assert (done.returncode, "http.port" in done.stderr) == (2, True)


def test_an_unknown_database_is_told_without_its_password(tmp_path: Path) -> None:
    path = Files(tmp_path, "mysql://root:hunter2@db/anchang").write()
    done = run("--config", str(path), "--check")
    assert (done.returncode, "database" in done.stderr, "hunter2" in done.stderr) == (2, True, False)


def test_without_a_file_it_says_which_it_wants(tmp_path: Path) -> None:
    assert run().returncode == 2
    assert "--config" in run().stderr
    assert run("--config", str(tmp_path / "none.toml")).returncode == 2
    assert run("--version").stdout.startswith("central ")


def test_the_example_file_is_right_but_for_the_files_of_a_real_machine() -> None:
    done = run("--config", str(ROOT / "firmware_configs/central/central.toml"), "--check")
    complaints = [line.split(": ")[1] for line in done.stderr.splitlines()]
    assert set(complaints) <= {"office_tokens.yunqi.seal_key_file", "keys_file", "database"}
