"""The encrypted file: whole and unaltered, or refused with the reason."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backup import container
from gateway.backup.container import (
    BackupKey,
    BackupKeyError,
    BadBackupError,
    Header,
    UplinkPosition,
    pack,
    read_header,
    unpack,
)

KEY = BackupKey(bytes(range(32)))


def header(size: int) -> Header:
    return Header(
        office="yunqi",
        epoch="e",
        taken_at=datetime(2026, 11, 22, tzinfo=UTC),
        revision="0001",
        size=size,
        streams=[],
        uplink=UplinkPosition(stream="u", last=0, committed=0),
        counts={},
    )


def packed(content: bytes, key: BackupKey = KEY) -> bytes:
    return b"".join(pack(io.BytesIO(content), header(len(content)), key))


def fault_of(path: Path, raw: bytes, key: BackupKey = KEY) -> str:
    path.write_bytes(raw)
    with pytest.raises(BadBackupError) as caught:
        b"".join(unpack(path, key))
    return caught.value.fault


@pytest.mark.parametrize("size", [0, 1, container.PIECE - 1, container.PIECE, container.PIECE + 1, 3 * container.PIECE])
def test_what_is_packed_comes_back(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    file = tmp_path / "b"
    file.write_bytes(packed(content))
    assert b"".join(unpack(file, KEY)) == content
    assert read_header(file).size == size


def test_nothing_of_the_content_can_be_read_and_two_backups_of_it_share_no_piece() -> None:
    content = b"anchang" * 1000
    one, two = packed(content), packed(content)
    assert content[:64] not in one
    assert one[-64:] != two[-64:]


def test_another_key_is_told(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "b", packed(b"x"), BackupKey(bytes(32))) == "wrong_key"


@pytest.mark.parametrize("left", [0, 5, len(container.MAGIC), len(container.MAGIC) + 4, 100, -1, -20])
def test_a_file_cut_anywhere_is_truncated(tmp_path: Path, left: int) -> None:
    raw = packed(b"x" * 5000)
    assert fault_of(tmp_path / "b", raw[:left]) in ("truncated", "no_backup")


def test_a_file_cut_between_two_pieces_is_refused(tmp_path: Path) -> None:
    raw = packed(os.urandom(2 * container.PIECE))
    head = len(container.MAGIC) + 4 + int.from_bytes(raw[len(container.MAGIC) :][:4], "big")
    first = head + 4 + int.from_bytes(raw[head : head + 4], "big")
    assert fault_of(tmp_path / "b", raw[:first]) == "damaged"


def test_swapped_pieces_are_refused(tmp_path: Path) -> None:
    raw = packed(os.urandom(3 * container.PIECE))
    head = len(container.MAGIC) + 4 + int.from_bytes(raw[len(container.MAGIC) :][:4], "big")
    length = 4 + int.from_bytes(raw[head : head + 4], "big")
    swapped = raw[:head] + raw[head + length : head + 2 * length] + raw[head : head + length] + raw[head + 2 * length :]
    assert fault_of(tmp_path / "b", swapped) == "damaged"


def test_an_altered_header_is_refused(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "b", packed(b"x").replace(b'"yunqi"', b'"linan"')) == "damaged"


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "b", b"SQLite format 3\0" * 100) == "no_backup"


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(BadBackupError, match="unreadable"):
        read_header(tmp_path / "none")


@settings(max_examples=200)
@given(st.data())
def test_no_altered_byte_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    raw = bytearray(packed(b"the office's truth" * 50))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    file = tmp_path_factory.getbasetemp() / "altered"
    assert fault_of(file, bytes(raw))


def test_the_key_comes_from_the_environment_or_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    file.chmod(0o600)
    assert BackupKey.load(file).id == KEY.id
    monkeypatch.setenv("ANCHANG_BACKUP_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert BackupKey.load(None).id == KEY.id


@pytest.mark.parametrize(
    ("text", "mode", "what"), [("AA==", 0o600, "32 bytes"), ("?", 0o600, "base64"), ("", 0o644, "chmod")]
)
def test_a_key_that_cannot_be_used_says_why(tmp_path: Path, text: str, mode: int, what: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(BackupKeyError, match=what):
        BackupKey.load(file)
