"""A running gateway's backups: while data changes, nothing while it does not, an alarm and no crash when it cannot."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from contracts.messages import NodeStatus
from contracts.values import utc_now
from gateway.app import Outside
from gateway.backup import folder as folders
from gateway.backup.container import BackupKey, read_header, unpack
from tests.gateway.backup.support import backup_config, copies, moved_away
from tests.gateway.central import FakeCentral
from tests.gateway.house import House, open_house
from tests.gateway.running import OFFICE, FakeNode, Gateway, configured, eventually, running, with_central


async def health(house: House) -> str:
    answer = (await house.http.get("/healthz")).json()
    assert answer["status"] == "ok"
    return str(answer["backup"])


async def failing(house: House, reason: str) -> None:
    """Wait for the alarm wherever it shows."""
    await eventually(lambda: house.context.backup.reason == reason, what=f"{reason}, not {house.context.backup}")
    assert await health(house) == "failing"
    floor = await house.get("board", "/v1/floor")
    assert [a["reason"] for a in floor["alarms"] if a["rule"] == "backup"] == [reason]


async def written(house: House, more: int = 1) -> None:
    before = house.context.backup.written
    await eventually(lambda: house.context.backup.written >= before + more, what="another backup")


async def test_a_change_is_saved(tmp_path: Path) -> None:
    async with open_house(tmp_path, **backup_config(tmp_path)) as house:
        await written(house)
        await house.check_in("13800112345")
        await eventually(lambda: read_header(copies(tmp_path)[-1]).counts["visits"] == 1)
        assert await health(house) == "ok"


async def test_nothing_is_written_while_nothing_changes(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    """Also with a central that is asked all the time, and a node that says that it lives."""
    more: dict[str, Any] = with_central(tmp_path) | backup_config(tmp_path)
    async with running(configured(tmp_path, broker_port, **more), Outside(central=FakeCentral())) as gateway:
        node.send(node.event())
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 1)
        await eventually(lambda: gateway.context.link.sent > 0)
        await settled(gateway)
        count, units = gateway.context.backup.written, gateway.context.writer.figures.units
        alive = NodeStatus(office=OFFICE, node=node.node, online=True, at=utc_now(), stream=node.stream)
        for _ in range(20):
            node.send_bytes(alive.model_dump_json().encode(), "status")
        await eventually(lambda: gateway.context.writer.figures.units >= units + 20)
        await asyncio.sleep(10 * gateway.config.backup.every_seconds)
        assert gateway.context.backup.written == count


async def settled(gateway: Gateway) -> None:
    """Everything that changed is in a backup."""
    state, figures = gateway.context.backup, gateway.context.writer.figures
    while True:
        rows, count = figures.rows, state.written
        await asyncio.sleep(4 * gateway.config.backup.every_seconds + 4 * state.seconds)
        if (rows, count) == (figures.rows, state.written):
            return


async def test_a_backup_holds_what_was_committed_and_nobody_can_read_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, **backup_config(tmp_path)) as house:
        await house.check_in("13800112345", name="陈小明")
        await written(house)
    newest = copies(tmp_path)[-1]
    header = read_header(newest)
    assert (header.office, header.counts["visits"], header.counts["customers"]) == ("yunqi", 1, 1)
    assert newest.stat().st_mode & 0o077 == 0
    raw = newest.read_bytes()
    assert b"SQLite format 3" not in raw
    assert b"".join(unpack(newest, BackupKey.load(tmp_path / "safe" / "backup.key"))).startswith(b"SQLite format 3")
    assert not names(tmp_path, "snapshot")


def names(folder: Path, part: str) -> list[str]:
    return [path.name for path in folder.iterdir() if part in path.name]


async def test_without_a_folder_backups_are_off(house: House) -> None:
    assert await health(house) == "off"


async def test_a_share_that_goes_away_is_an_alarm_and_comes_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, **backup_config(tmp_path)) as house:
        await written(house)
        with moved_away(tmp_path / "copies"):
            await house.check_in("13800112345")
            await failing(house, "folder_missing")
        await written(house)
        assert await health(house) == "ok"
        floor = await house.get("board", "/v1/floor")
        assert not [a for a in floor["alarms"] if a["rule"] == "backup"]
    assert read_header(copies(tmp_path)[-1]).counts["visits"] == 1


async def test_a_folder_on_the_databases_own_disk_is_refused_unless_allowed(tmp_path: Path) -> None:
    async with open_house(tmp_path, **backup_config(tmp_path, same_disk=False)) as house:
        await failing(house, "same_disk")
    assert copies(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EACCES, "read_only"), (errno.EIO, "io_error")],
)
async def test_a_disk_that_cannot_be_written_is_an_alarm_and_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    """The disk's refusal comes at the flush, after everything was written."""
    refused: list[int] = []

    def refuse(descriptor: int) -> None:
        refused.append(descriptor)
        raise OSError(number, os.strerror(number))

    async with open_house(tmp_path, **backup_config(tmp_path)) as house:
        await written(house)
        with monkeypatch.context() as patched:
            patched.setattr(folders.os, "fsync", refuse)
            await house.check_in("13800112345")
            await failing(house, reason)
            assert refused
            nothing_half_done = lambda: not list((tmp_path / "copies").glob(".*"))  # noqa: E731 - it is tried again
            await eventually(nothing_half_done)
        await written(house)


async def test_a_key_that_is_gone_is_an_alarm(tmp_path: Path) -> None:
    async with open_house(tmp_path, **backup_config(tmp_path)) as house:
        await written(house)
        (tmp_path / "safe" / "backup.key").unlink()
        await house.check_in("13800112345")
        await failing(house, "key")


async def test_what_a_killed_gateway_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    config = backup_config(tmp_path)
    part = tmp_path / "copies" / ".yunqi-20261122T000000000000Z.anchang-backup.part"
    part.write_bytes(b"half")
    async with open_house(tmp_path, **config) as house:
        await written(house)
    assert not part.exists()


async def test_figures_tell_of_backups(tmp_path: Path, broker_port: int) -> None:
    async with running(configured(tmp_path, broker_port, **backup_config(tmp_path))) as gateway:
        await eventually(lambda: gateway.context.backup.written)
        text = (await gateway.client().get("/metrics")).text
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("anchang_gateway_backup"))
    assert figures["anchang_gateway_backup_failing"] == "0.0"
    assert float(figures["anchang_gateway_backup_written"]) >= 1
    assert float(figures["anchang_gateway_backup_bytes"]) > 1000


async def test_an_event_is_safe_once_a_backup_holds_it(tmp_path: Path, broker_port: int, node: FakeNode) -> None:
    config = configured(tmp_path, broker_port, **backup_config(tmp_path))
    async with running(config) as gateway:
        await eventually(lambda: gateway.context.backup.written)
        with moved_away(tmp_path / "copies"):
            node.send(*[node.event() for _ in range(5)])
            assert (await node.acked(5)).safe == 0
            await eventually(lambda: gateway.context.backup.reason == "folder_missing")
            assert (await node.acked(5)).safe == 0
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 5)
    held = {at.stream: at.committed for at in read_header(copies(tmp_path)[-1]).streams}
    assert held[node.stream] == 5


async def test_central_alone_makes_nothing_safe_where_backups_are_kept(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    """Central keeps sums: the office's own figures come back from a backup and the nodes only."""
    central = FakeCentral()
    more: dict[str, Any] = with_central(tmp_path) | backup_config(tmp_path)
    async with running(configured(tmp_path, broker_port, **more), Outside(central=central)) as gateway:
        await eventually(lambda: gateway.context.backup.written)
        with moved_away(tmp_path / "copies"):
            node.send(node.event())
            await eventually(lambda: gateway.context.link.online and len(central.events) > 0)
            await eventually(lambda: gateway.rows("SELECT safe = last_sequence FROM uplink_stream") == [(1,)])
            assert (await node.acked(1)).safe == 0
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 1)


async def test_backups_switched_off_later_leave_safety_to_central(
    tmp_path: Path, broker_port: int, node: FakeNode
) -> None:
    central = FakeCentral()
    more: dict[str, Any] = with_central(tmp_path) | backup_config(tmp_path, same_disk=False)
    async with running(configured(tmp_path, broker_port, **more), Outside(central=central)):
        node.send(node.event())
        assert (await node.acked(1)).safe == 0
    async with running(configured(tmp_path, broker_port, **with_central(tmp_path)), Outside(central=central)):
        node.send(node.event())
        await eventually(lambda: (ack := node.last_ack()) is not None and ack.safe == 2)
