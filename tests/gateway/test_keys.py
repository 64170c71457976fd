"""Keys and what is done with them."""

import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.keys import DecryptError, Keys, KeysError


def test_keys_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "gateway.keys"
    first = Keys.load_or_create(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = Keys.load_or_create(file)
    assert second.decrypt(first.encrypt("陈小明", record="customer:1"), record="customer:1") == "陈小明"
    assert second.index("phone", "+8613800112345") == first.index("phone", "+8613800112345")
    assert second.sealer.open(first.sealer.seal("x", record="1"), record="1") == "x"
    assert [path.name for path in file.parent.iterdir()] == ["gateway.keys"]


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "gateway.keys"
    Keys.load_or_create(file)
    file.chmod(0o644)
    with pytest.raises(KeysError, match="chmod 600"):
        Keys.load_or_create(file)


@pytest.mark.parametrize("content", ["", "{}", '{"data_key": "AA==", "index_key": "AA==", "seal_key": "AA=="}'])
def test_a_damaged_keys_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "gateway.keys"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeysError):
        Keys.load(file)


def test_a_value_cannot_be_moved_to_another_record() -> None:
    keys = Keys.generate()
    blob = keys.encrypt("+8613800112345", record="customer:1")
    with pytest.raises(DecryptError):
        keys.decrypt(blob, record="customer:2")
    with pytest.raises(DecryptError):
        keys.decrypt(blob[:-1], record="customer:1")
    assert blob != keys.encrypt("+8613800112345", record="customer:1")


def test_indexes_differ_by_kind_and_by_key() -> None:
    keys = Keys.generate()
    found = {keys.index("last4", "2345"), keys.index("phone37", "2345"), Keys.generate().index("last4", "2345")}
    assert len(found) == 3


def test_the_key_of_certificates_comes_from_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "gateway.keys"
    first, again = Keys.load_or_create(path), Keys.load(path)
    assert first.public_key == again.public_key
    assert Keys.generate().public_key != first.public_key
    Ed25519PublicKey.from_public_bytes(again.public_key).verify(first.sign(b"a statement"), b"a statement")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(again.public_key).verify(first.sign(b"a statement"), b"another")
