"""An outbox of the first format is taken over, and given back, without losing or doubling an event."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contracts.events import ButtonPressed
from edge_agent.__main__ import main
from edge_agent.allowance import Limits
from edge_agent.clock import Clock
from edge_agent.outbox import formats, schema
from edge_agent.outbox.transaction import Reading
from tests.edge_agent.outbox.conftest import MakeOutbox

FIRST_FORMAT = """
CREATE TABLE stream (one INTEGER PRIMARY KEY CHECK (one = 1), stream TEXT NOT NULL, next_sequence INTEGER NOT NULL,
    committed INTEGER NOT NULL, safe INTEGER NOT NULL, offered INTEGER NOT NULL, epoch TEXT, dropped INTEGER NOT NULL);
CREATE TABLE events (stream TEXT NOT NULL, sequence INTEGER NOT NULL, covers_from INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stream, sequence));
CREATE TABLE counters (device TEXT NOT NULL, line INTEGER NOT NULL, total_in INTEGER NOT NULL,
    total_out INTEGER NOT NULL, read_at REAL NOT NULL, reported_at REAL, PRIMARY KEY (device, line)) WITHOUT ROWID;
CREATE TABLE commands (id TEXT PRIMARY KEY, expires_at REAL NOT NULL, ok INTEGER, error TEXT) WITHOUT ROWID;
INSERT INTO stream VALUES (1, '0190b8a0-0000-7000-8000-000000000001', 3, 1, 0, 2, NULL, 7);
INSERT INTO events VALUES ('0190b8a0-0000-7000-8000-000000000001', 1, 1, 'a', 'queue.button.v1', '{}');
INSERT INTO events VALUES ('0190b8a0-0000-7000-8000-000000000001', 2, 2, 'b', 'queue.button.v1', '{}');
INSERT INTO counters VALUES ('door', 1, 100, 90, 1795000000.0, NULL);
PRAGMA user_version=1;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Written by the agent of the first format."""
    with closing(sqlite3.connect(tmp_path / "outbox.db")) as connection:
        connection.executescript(FIRST_FORMAT)
    return tmp_path / "outbox.db"


def content(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = ("stream", "events", "commands")
        found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        totals = connection.execute("SELECT device, line, total_in, total_out, read_at, reported_at FROM counters")
        return found | {"counters": totals.fetchall()}


def shape(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in sorted(names)}


def test_the_first_format_is_taken_over_with_everything_in_it(path: Path, tmp_path: Path) -> None:
    before = content(path)
    schema.open_outbox(path).close()
    schema.open_outbox(tmp_path / "fresh.db").close()
    assert content(path) == before
    assert shape(path) == shape(tmp_path / "fresh.db")
    assert content(tmp_path / "outbox.db.format-1") == before
    assert (tmp_path / "outbox.db.format-1").stat().st_mode & 0o077 == 0


def test_people_are_counted_once_through_an_upgrade_and_back(path: Path, make_outbox: MakeOutbox) -> None:
    outbox = make_outbox()
    stamp = Clock().stamp()
    step = outbox.submit(lambda tx: tx.count(Reading("door", 1, 104, 90, Limits(), stamp))).result(5)
    assert step.count_in == 4
    pressed = outbox.submit(lambda tx: tx.append("button", ButtonPressed(button="1"), stamp)).result(5)
    assert pressed == 4, "the stream goes on where it was"
    outbox.close()
    before = content(path)
    with closing(schema.connect(path)) as connection:
        schema.convert(connection, path, 1)
    assert content(path) == before and "intervals" not in shape(path)
    again = make_outbox()
    step = again.submit(lambda tx: tx.count(Reading("door", 1, 105, 90, Limits(), stamp))).result(5)
    assert (step.count_in, again.state.last, again.state.dropped) == (1, 5, 7)


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, looked = content(path), shape(path)
    monkeypatch.setitem(formats.UP, 1, (*formats.UP[1], "INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(schema.OutboxError, match="cannot open"):
        schema.open_outbox(path)
    assert (content(path), shape(path)) == (before, looked)


def test_every_format_has_a_way_up_and_back() -> None:
    for older in range(1, schema.VERSION):
        assert formats.reachable(older, schema.VERSION) and formats.reachable(schema.VERSION, older)


def test_a_technician_converts_the_file_and_is_told_when_no_way_leads_there(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(f'office = "yunqi"\nnode = "lobby"\n[outbox]\npath = "{path}"\n')

    def run(*more: str) -> tuple[int, str]:
        code = main(["outbox", "--config", str(config), *more])
        said = capsys.readouterr()
        return code, (said.out + said.err).strip()

    assert run() == (0, "1")
    assert run("--format", str(schema.VERSION)) == (0, str(schema.VERSION))
    code, text = run("--format", "99")
    assert code == 2 and "no way leads" in text
