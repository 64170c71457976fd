"""The key file: made once, private, apart from the vault."""

import os
from pathlib import Path

import pytest

from edge_agent.vision.vault.keys import KeyFileError, Keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "faces.key"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "faces.db"


def test_the_first_start_makes_it_and_the_next_reads_it(path: Path, vault: Path) -> None:
    made = Keys.load_or_make(path, vault=vault)
    read = Keys.load_or_make(path, vault=vault)

    assert (read.aes, read.public) == (made.aes, made.public)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["faces.key"]


def test_two_nodes_have_different_keys() -> None:
    assert Keys.make().aes != Keys.make().aes
    assert Keys.make().public != Keys.make().public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_key_that_others_may_read_or_write_is_refused(path: Path, mode: int) -> None:
    Keys.load_or_make(path)
    path.chmod(mode)

    with pytest.raises(KeyFileError, match="chmod 600"):
        Keys.load(path)


def test_a_key_beside_the_vault_is_refused_also_through_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "alias").symlink_to(path.parent)

    with pytest.raises(KeyFileError, match="beside"):
        Keys.load_or_make(path, vault=tmp_path / "alias" / "faces.db")
    assert not path.exists()


def test_a_lost_key_is_not_replaced_behind_the_back_of_a_vault(path: Path, vault: Path) -> None:
    vault.write_bytes(b"templates")

    with pytest.raises(KeyFileError, match="bring the key file back"):
        Keys.load_or_make(path, vault=vault)
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "aes": "AAAA", "x25519": "AAAA"}'])
def test_a_damaged_file_says_so_without_quoting_it(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(KeyFileError, match="not a key file") as caught:
        Keys.load(path)
    assert caught.value.__cause__ is None
    assert "AAAA" not in str(caught.value)


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="there is no key file"):
        Keys.load(tmp_path / "faces.key")
    with pytest.raises(KeyFileError):
        Keys.load(tmp_path)


def test_a_key_never_prints_itself(path: Path) -> None:
    keys = Keys.load_or_make(path)

    assert keys.aes.hex() not in repr(keys)
    assert repr(keys) == "Keys()"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_key_is_refused(path: Path) -> None:
    Keys.load_or_make(path)
    os.chown(path, 4242, 4242)

    with pytest.raises(KeyFileError, match="another user"):
        Keys.load(path)
