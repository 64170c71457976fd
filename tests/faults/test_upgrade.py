"""The agent is exchanged for a release that changes its outbox, and for one that does not run, with what it holds."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contracts.events import ButtonPressed
from edge_agent.allowance import Limits
from edge_agent.clock import Clock
from edge_agent.outbox.schema import VERSION
from edge_agent.outbox.transaction import Place, Reading
from edge_agent.outbox.writer import Outbox
from tests.support.processes import ROOT, free_port

SCRIPT = ROOT / "firmware_configs" / "systemd" / "upgrade.sh"

PROGRAM = """
import runpy, sys
from edge_agent.outbox import formats, schema
for n in range({first}, {reads}):
    formats.UP[n] = (f"CREATE TABLE of_format_{{n + 1}} (x)",)
    formats.DOWN[n + 1] = (f"DROP TABLE of_format_{{n + 1}}",)
schema.VERSION = {reads}
sys.argv = ["edge_agent", *sys.argv[3:]]
tool = len(sys.argv) > 1 and not sys.argv[1].startswith("--config") or "--check" in sys.argv
if {broken} and not tool:
    from pathlib import Path
    from edge_agent.config import load
    schema.open_outbox(load(Path(sys.argv[2])).outbox.path).close()  # it converts, then it falls over
    sys.exit("broken on purpose")
runpy.run_module("edge_agent", run_name="__main__", alter_sys=True)
"""

SYSTEMCTL = """#!/bin/bash
set -u
case $1 in
start)
  cd {home}/current || exit 1
  setsid .venv/bin/python -m edge_agent --config {config} >>{home}/agent.log 2>&1 &
  echo $! >{home}/pid
  until [ -e {home}/run/status.json ]; do kill -0 "$(cat {home}/pid)" 2>/dev/null || exit 1; sleep 0.1; done ;;
stop) kill "$(cat {home}/pid)" 2>/dev/null; while kill -0 "$(cat {home}/pid)" 2>/dev/null; do sleep 0.05; done ;;
esac
exit 0
"""


class Machine:
    """Releases side by side, one of them running under a stand-in for systemd, which waits until it is ready."""

    def __init__(self, home: Path) -> None:
        self.home, self.config, self.database = home, home / "agent.toml", home / "data" / "outbox.db"
        (home / "run").mkdir()
        self.config.write_text(
            f'office = "yunqi"\nnode = "lobby"\nstatus_file = "{home}/run/status.json"\n'
            f'[outbox]\npath = "{self.database}"\n[broker]\nport = {free_port()}\n'
        )
        self._script(home / "systemctl", SYSTEMCTL.format(home=home, config=self.config))

    def release(self, name: str, reads: int = VERSION, *, broken: bool = False) -> None:
        folder = self.home / "releases" / name / ".venv" / "bin"
        folder.mkdir(parents=True)
        (folder / "program.py").write_text(PROGRAM.format(first=VERSION, reads=reads, broken=broken))
        call = f'PYTHONPATH={ROOT} exec {sys.executable} {folder}/program.py "$@"'
        self._script(folder / "python", f"#!/bin/sh\n{call}\n")

    @staticmethod
    def _script(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def systemctl(self, order: str) -> None:
        subprocess.run([str(self.home / "systemctl"), order, "unit"], check=True)

    def upgrade(self, name: str) -> "subprocess.CompletedProcess[str]":
        own = {
            "ANCHANG_HOME": str(self.home),
            "ANCHANG_CONFIG": str(self.config),
            "ANCHANG_USER": "",
            "ANCHANG_PATIENCE": "60",
            "ANCHANG_PAUSE": "0.1",
            "ANCHANG_SYSTEMCTL": str(self.home / "systemctl"),
        }
        return subprocess.run(
            ["bash", str(SCRIPT), name], env={**os.environ, **own}, capture_output=True, text=True, timeout=120
        )

    @property
    def current(self) -> str:
        return (self.home / "current").resolve().name

    def runs(self) -> bool:
        command = [str(self.home / "current/.venv/bin/python"), "-m", "edge_agent", "status", "--config"]
        return subprocess.run([*command, str(self.config)], capture_output=True).returncode in (0, 1)

    def held(self) -> tuple[int, list[Any], list[Any]]:
        """Format, events and totals of the outbox."""
        with closing(sqlite3.connect(self.database)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            events = connection.execute("SELECT stream, sequence, id, body FROM events ORDER BY sequence").fetchall()
            return version, events, connection.execute("SELECT device, total_in, total_out FROM counters").fetchall()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Release `a` runs, with events that wait and a counter's totals."""
    found = Machine(tmp_path)
    found.release("a")
    clock = Clock()
    outbox = Outbox(found.database, Place("yunqi", "lobby"), clock, max_events=1000, linger=0)
    outbox.start()
    for number in range(20):
        outbox.submit(lambda tx, n=number: tx.append("b", ButtonPressed(button=str(n)), clock.stamp()))  # type: ignore[misc]
    outbox.submit(lambda tx: tx.count(Reading("door", 1, 100, 90, Limits(), clock.stamp()))).result(5)
    outbox.close()
    (tmp_path / "current").symlink_to(tmp_path / "releases" / "a")
    found.systemctl("start")
    yield found
    found.systemctl("stop")


def test_a_release_with_another_format_takes_over_and_gives_back(machine: Machine) -> None:
    before = machine.held()
    machine.release("b", VERSION + 1)
    answer = machine.upgrade("b")
    assert answer.returncode == 0, answer.stderr
    assert (machine.current, machine.held()[0], machine.held()[1:]) == ("b", VERSION + 1, before[1:])
    answer = machine.upgrade("a")
    assert answer.returncode == 0, answer.stderr
    assert (machine.current, machine.held()) == ("a", before) and machine.runs()


def test_a_release_that_falls_over_after_converting_is_taken_back_by_itself(machine: Machine) -> None:
    before = machine.held()
    machine.release("c", VERSION + 2, broken=True)
    answer = machine.upgrade("c")
    assert answer.returncode == 1 and "does not run: going back" in answer.stderr
    assert "broken on purpose" in (machine.home / "agent.log").read_text(), "the fault did not happen"
    copies = list(machine.database.parent.glob("outbox.db.format-*"))
    assert copies, "the new release never touched the outbox"
    assert (machine.current, machine.held()) == ("a", before) and machine.runs()


def test_a_release_that_does_not_take_the_configuration_changes_nothing(machine: Machine) -> None:
    machine.release("d")
    machine.config.write_text(machine.config.read_text() + "nonsense = 1\n")
    answer = machine.upgrade("d")
    assert answer.returncode == 2 and "nothing was changed" in answer.stderr and machine.current == "a"
    assert f"does not take {machine.config}" in answer.stderr
    assert machine.upgrade("nowhere").returncode == 2


def test_a_release_that_does_not_start_is_not_told_as_a_mistake_in_the_configuration(machine: Machine) -> None:
    machine.release("e")
    (machine.home / "releases" / "e" / ".venv" / "bin" / "program.py").write_text("import nothing_of_that_name\n")
    answer = machine.upgrade("e")
    assert answer.returncode == 2 and "does not start at all" in answer.stderr and machine.current == "a"
    assert "does not take" not in answer.stderr
