"""A new machine from a backup: the newest good one, in a life of its own, with every event counted once."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from contracts.events import DoorCrossing, Tombstone
from contracts.facts import CustomerRecorded
from gateway.__main__ import main
from gateway.app import Outside
from gateway.backup.domain import taken_at
from gateway.database import claimed
from gateway.uplink import sender
from tests.gateway.backup.support import OTHER_KEY, backup_config, copies, moved_away, write_config
from tests.gateway.central import FakeCentral
from tests.gateway.house import Clock, House, open_house
from tests.gateway.running import FakeNode, configured, eventually, running, with_central


def keys(folder: Path) -> dict[str, Any]:
    return backup_config(folder, every_seconds=3600) | {"keys_file": folder / "safe" / "gateway.keys"}


def command(folder: Path, *arguments: str, office: str = "yunqi") -> int:
    name, *rest = arguments
    return main([name, "--config", str(folder / f"{office}.toml"), *rest])


def visits(database: Path) -> int:
    return int(rows(database, "SELECT count(*) FROM visits")[0][0])


def rows(database: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def lose(folder: Path) -> Path:
    shutil.rmtree(folder / "data")
    return folder / "data" / "gateway.db"


@pytest.fixture
async def office(tmp_path: Path) -> Path:
    """Backups with 1, 2 and 3 visits: the first is written before its visit is there, so there is one with none too."""
    write_config(tmp_path)
    clock = Clock()
    async with open_house(tmp_path / "data", clock, **keys(tmp_path)) as house:
        await eventually(lambda: house.context.backup.written > 0)
        for number in range(3):
            clock.forward(minutes=1)
            await house.check_in(f"1380000000{number}")
            assert command(tmp_path, "backup", "--now") == 0
    return tmp_path


def test_the_newest_good_backup_is_restored_and_said_in_both_languages(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = lose(office)
    assert command(office, "restore") == 0
    said = capsys.readouterr().out
    assert visits(database) == 3
    assert "已恢复" in said and "restored" in said and "到访 3" in said and "3 visits" in said
    assert database.stat().st_mode & 0o077 == 0
    assert [path.name for path in database.parent.iterdir() if "restoring" in path.name] == []


def spoil_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def spoil_bytes(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


def spoil_empty(path: Path) -> None:
    path.write_bytes(b"")


def spoil_other(path: Path) -> None:
    path.write_bytes(b"not a backup at all" * 10)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(spoil_cut, "truncated"), (spoil_bytes, "damaged"), (spoil_empty, "truncated"), (spoil_other, "no_backup")],
)
def test_a_bad_backup_is_told_and_the_one_before_is_taken(
    office: Path, capsys: pytest.CaptureFixture[str], spoil: Any, words: str
) -> None:
    newest = copies(office)[-1]
    spoil(newest)
    database = lose(office)
    assert command(office, "restore") == 0
    said = capsys.readouterr().out
    assert f"跳过 {newest.name}" in said and f"skipped {newest.name}" in said and words in said
    assert visits(database) == 2


def test_a_backup_of_another_office_is_never_restored(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "linan.toml").write_text((office / "yunqi.toml").read_text().replace('"yunqi"', '"linan"'))
    newest = copies(office)[-1]
    shutil.copy(newest, newest.with_name(newest.name.replace("yunqi-", "linan-")))
    database = lose(office)
    assert command(office, "restore", office="linan") == 1
    assert "other_office" in capsys.readouterr().out
    assert not database.exists()


def test_with_another_key_nothing_is_restored(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "safe" / "backup.key").write_text(OTHER_KEY)
    database = lose(office)
    assert command(office, "restore") == 1
    said = capsys.readouterr()
    assert said.out.count("wrong_key") == len(copies(office)) and "没有可用的备份" in said.err
    assert not database.exists()


def test_with_the_keys_of_another_office_nothing_is_restored(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "safe" / "gateway.keys").unlink()
    database = lose(office)
    assert command(office, "restore") == 2
    assert "put back the copy" in capsys.readouterr().err
    assert not database.exists()


def test_a_database_that_is_there_is_kept_unless_forced(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = office / "data" / "gateway.db"
    assert command(office, "restore") == 2
    assert "--force" in capsys.readouterr().err
    assert command(office, "restore", "--force") == 0
    aside = [path for path in database.parent.iterdir() if ".before-" in path.name and path.suffix != ".lock"]
    assert aside and visits(database) == 3


def test_an_earlier_moment_can_be_asked_for(office: Path) -> None:
    second = copies(office)[2]
    at = str(taken_at("yunqi", second.name))
    database = lose(office)
    assert command(office, "restore", "--at", at) == 0
    assert visits(database) == 2


def test_it_begins_a_life_of_its_own(office: Path) -> None:
    def identity() -> tuple[Any, ...]:
        database = office / "data" / "gateway.db"
        [(epoch,)] = rows(database, "SELECT value FROM gateway_state WHERE key = 'epoch'")
        [(stream,)] = rows(database, "SELECT stream FROM uplink_stream")
        [(revision,)] = rows(database, "SELECT min(revision) FROM customers")
        return epoch, stream, revision

    before = identity()
    assert command(office, "restore", "--force") == 0
    after = identity()
    assert before[0] != after[0] and before[1] != after[1]
    assert after[2] > before[2] + 1000


def test_backups_are_listed_and_verified(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(office, "backup", "--list") == 0
    assert len(capsys.readouterr().out.splitlines()) == len(copies(office)) == 4
    assert command(office, "backup", "--verify") == 0
    assert capsys.readouterr().out.count("good") == 4
    spoil_bytes(copies(office)[1])
    assert command(office, "backup", "--verify") == 1
    assert "已损坏 / is damaged" in capsys.readouterr().out


def test_without_any_backup_the_office_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_config(tmp_path)
    assert command(tmp_path, "restore") == 2  # the office's keys are missing too
    assert command(tmp_path, "rebuild") == 0
    said = capsys.readouterr().out
    assert "已新建空数据库" in said and "empty database" in said
    assert visits(tmp_path / "data" / "gateway.db") == 0
    assert command(tmp_path, "rebuild") == 2


def test_a_running_gateway_keeps_its_database(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with claimed(office / "data" / "gateway.db"):
        assert command(office, "restore", "--force") == 2
    assert "another gateway runs" in capsys.readouterr().err


# ---- counted once ----------------------------------------------------------------------------------------------------
def people_at(central: FakeCentral) -> int:
    newest: dict[tuple[str, str], Any] = {}
    for event in central.of_type("footfall.minute.v1"):
        key = (event.data["device"], event.data["minute"])
        if key not in newest or newest[key]["revision"] < event.data["revision"]:
            newest[key] = event.data
    return sum(data["count_in"] for data in newest.values())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(sender, "LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(sender, "IDLE_SECONDS", 0.1)


def send(node: FakeNode, events: list[Any]) -> None:
    for start in range(0, len(events), 20):
        node.send(*events[start : start + 20])


@pytest.mark.usefixtures("impatient")
async def test_a_destroyed_disk_costs_no_event_and_doubles_none(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    """100 in the backup; 50 more told to central and in no backup; the disk is lost; the node sends again."""
    central = FakeCentral()
    more = with_central(tmp_path) | backup_config(tmp_path)
    write_config(tmp_path)
    config = configured(tmp_path / "data", broker_port, **more | {"keys_file": tmp_path / "safe" / "gateway.keys"})
    sent = [node.event(DoorCrossing(count_in=1, count_out=0)) for _ in range(160)]
    with contextlib.ExitStack() as until_the_loss:
        async with running(config, Outside(central=central)):
            send(node, sent[:100])
            await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 100)
            until_the_loss.enter_context(moved_away(tmp_path / "copies"))
            send(node, sent[100:150])
            await eventually(lambda: people_at(central) == 150)
            old = await node.acked(150)
            assert old.safe == 100
    lose(tmp_path)
    assert command(tmp_path, "restore") == 0
    async with running(config, Outside(central=central)) as gateway:
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.epoch != old.epoch)
        assert (await node.acked(100)).safe == 100
        send(node, sent[100:])
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 160)
        await eventually(lambda: people_at(central) == 160, what=f"160 people at central, {people_at(central)}")
        assert gateway.rows("SELECT sum(count_in), count(*) FROM footfall_minutes")[0][0] == 160
        assert gateway.rows("SELECT count(*), count(DISTINCT id) FROM events") == [(160, 160)]


@pytest.mark.usefixtures("impatient")
async def test_without_a_backup_central_and_nodes_bring_the_counts_back(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    """The node has forgotten what is safe at central; it sends the rest again, some of which central has counted."""
    central = FakeCentral()
    more = with_central(tmp_path) | {"keys_file": tmp_path / "safe" / "gateway.keys"}
    write_config(tmp_path)
    config = configured(tmp_path / "data", broker_port, **more)
    sent = [node.event(DoorCrossing(count_in=1, count_out=0)) for _ in range(60)]
    async with running(config, Outside(central=central)):
        send(node, sent[:40])
        await eventually(lambda: people_at(central) == 40)
    lose(tmp_path)
    assert command(tmp_path, "rebuild") == 0
    central.away = True
    async with running(config, Outside(central=central)) as gateway:
        send(node, [node.event(tombstone(30), sequence=30), *sent[30:50]])
        await node.acked(50)
        assert gateway.rows("SELECT sum(count_in) FROM footfall_minutes") == [(20,)]
        central.away = False
        await eventually(lambda: people_at(central) == 50, what="what central had and the nodes sent")
        assert gateway.rows("SELECT sum(count_in) FROM footfall_minutes") == [(50,)]
        send(node, sent[50:])
        await eventually(lambda: people_at(central) == 60)
        assert gateway.rows("SELECT sum(count_in) FROM footfall_minutes") == [(60,)]


def tombstone(through: int) -> Tombstone:
    return Tombstone(from_sequence=1, through=through, reason="pruned")


async def test_what_a_restored_office_says_of_a_customer_is_newer_than_what_central_heard_before(
    tmp_path: Path,
) -> None:
    central = FakeCentral()
    write_config(tmp_path)
    config = with_central(tmp_path) | keys(tmp_path)

    def told() -> int:
        return max((event.data["revision"] for event in central.of_type(CustomerRecorded.TYPE)), default=0)

    async def rename(house: House, name: str) -> None:
        [(customer,)] = rows(tmp_path / "data" / "gateway.db", "SELECT customer_id FROM customers")
        answer = await house.edit_customer("m", customer, name=name)
        assert answer.status_code == 200, answer.text

    async with open_house(tmp_path / "data", outside_central=central, **config) as house:
        await house.check_in("13800112345")
        assert command(tmp_path, "backup", "--now") == 0
        known = rows(tmp_path / "data" / "gateway.db", "SELECT revision FROM customers")[0][0]
        for name in ("陈一", "陈二", "陈三"):
            await rename(house, name)
        await eventually(lambda: told() == known + 3)
    lose(tmp_path)
    assert command(tmp_path, "restore") == 0
    async with open_house(tmp_path / "data", outside_central=central, **config) as house:
        await rename(house, "陈四")
        await eventually(lambda: told() > known + 3)
