"""Backups under kill -9, and an office whose disk is destroyed: every event counted once, there and at central."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import roster_known
from tests.support.devices import ModbusDoor, modbus_toml
from tests.support.ledger import accepted_through, committed, safe, taken, taken_sequences
from tests.support.office import Office
from tests.support.processes import ROOT, until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
KILLS = 3


def with_backups(office: Office, every_seconds: float) -> None:
    """Add backups to the written configuration."""
    (office.folder / "copies").mkdir()
    (office.folder / "apart").mkdir()
    key = office.folder / "apart" / "backup.key"
    key.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    key.chmod(0o600)
    config = office.folder / "gateway.toml"
    config.write_text(
        config.read_text()
        + f'[backup]\nfolder = "{office.folder}/copies"\nkey_file = "{key}"\n'
        + f"every_seconds = {every_seconds}\nsame_disk = true\n"
    )


def gateway(office: Office, *arguments: str) -> subprocess.CompletedProcess[str]:
    name, *rest = arguments
    command = [sys.executable, "-m", "gateway", name, "--config", f"{office.folder}/gateway.toml", *rest]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def copies(office: Office) -> list[str]:
    return sorted(path.name for path in (office.folder / "copies").glob("*.anchang-backup"))


def parts(office: Office) -> list[Path]:
    return list((office.folder / "copies").glob(".*.part"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Office, ModbusDoor]]:
    office = Office(tmp_path)
    door = ModbusDoor(tmp_path / "tty-door")
    try:
        office.write_configs(modbus_toml("door-main", door.link))
        with_backups(office, 0.2)
        office.start_broker()
        office.start_central()
        office.provision_central()
        office.start_gateway()
        office.start_agent()
        until(lambda: roster_known(office), seconds=40, what="the roster to arrive")
        until(lambda: door.polls > 0, seconds=20, what="the agent to poll the door")
        yield office, door
    finally:
        door.unplug()
        office.stop()


def walk(office: Office, door: ModbusDoor, people: int) -> None:
    before = accepted_through(office.folder / "lobby-outbox.db")[1]
    door.walk(people_in=people, people_out=0)
    until(
        lambda: accepted_through(office.folder / "lobby-outbox.db")[1] > before,
        seconds=20,
        what="the agent to accept the people at the door",
    )


def people_at_central(office: Office) -> int:
    with office.headquarters() as hq:
        days: list[Any] = hq.get("/v1/overview").json()["offices"][0]["days"]
    return sum(day["count_in"] for day in days)


SLOWLY = """
import runpy, sys, time
from gateway.backup import folder
whole = folder.pack
def slowly(*given):
    for piece in whole(*given):
        yield piece[: len(piece) // 2]
        time.sleep(0.4)
        yield piece[len(piece) // 2 :]
folder.pack = slowly
sys.argv[0] = "gateway"
runpy.run_module("gateway", run_name="__main__", alter_sys=True)
"""
"""The gateway on a slow share: a kill lands within a file."""


def test_a_kill_within_a_backup_leaves_no_half_file_that_counts(office: tuple[Office, ModbusDoor]) -> None:
    here, door = office
    program = here.programs["gateway"]
    program.stop()
    program.arguments = ["-c", SLOWLY, *program.arguments[2:]]
    hits = 0
    for _ in range(KILLS):
        program.start()
        walk(here, door, 1)
        until(lambda: parts(here), seconds=20, what="a backup to be under way", every=0.005)
        time.sleep(random.uniform(0, 0.3))
        program.kill()
        hits += bool(parts(here))
    assert hits, "no kill landed within a backup"
    listed = gateway(here, "backup", "--verify")
    assert listed.returncode == (0 if copies(here) else 1), listed.stdout
    assert listed.stdout.count("good") == len(copies(here))
    program.start()
    until(lambda: copies(here) and not parts(here), seconds=30, what="a whole backup, and the halves cleared away")
    assert gateway(here, "backup", "--verify").returncode == 0


def test_a_destroyed_disk_loses_no_event_and_central_agrees_with_the_door(office: tuple[Office, ModbusDoor]) -> None:
    here, door = office
    outbox = here.folder / "lobby-outbox.db"
    for _ in range(3):
        walk(here, door, 2)
    stream, _ = accepted_through(outbox)
    until(
        lambda: safe(here.gateway_db, stream) == accepted_through(outbox)[1], seconds=40, what="all to be in a backup"
    )
    shutil.move(here.folder / "copies", here.folder / "unplugged")
    for _ in range(4):
        walk(here, door, 3)
    until(lambda: people_at_central(here) == door.total_in, seconds=30, what="central to know everyone", every=0.2)
    in_no_backup = committed(here.gateway_db, stream)
    here.programs["gateway"].kill()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{here.gateway_db}{suffix}").unlink(missing_ok=True)
    shutil.move(here.folder / "unplugged", here.folder / "copies")
    walk(here, door, 5)

    told = gateway(here, "restore")
    assert told.returncode == 0, told.stderr
    assert "已恢复" in told.stdout and "minutes of footfall" in told.stdout
    restored = committed(here.gateway_db, stream)
    assert 0 < restored < in_no_backup, f"the loss was real: {restored} of {in_no_backup} were in the backup"
    here.programs["gateway"].start()

    until(lambda: committed(here.gateway_db, stream) == accepted_through(outbox)[1], seconds=60, what="nodes to resend")
    through = accepted_through(outbox)[1]
    assert taken_sequences(here.gateway_db, stream)[:through] == list(range(1, through + 1))
    assert set(taken(here.gateway_db).values()) == {1}
    walk(here, door, 1)
    until(
        lambda: people_at_central(here) == door.total_in, seconds=30, what="central to agree with the door", every=0.2
    )
    with here.client(here.tokens["board"]) as board:
        until(lambda: board.get("/v1/floor").json()["count_in"] == door.total_in, seconds=20, what="the board to agree")
