"""The node's two secrets, outside the vault: the AES key of the templates and the private key probes are sealed to.

One JSON file, mode 0600, made at the first start. A copied vault is worthless without it, so it may not lie in the same
folder, and it is refused when anybody else can read it.
"""

import base64
import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

KEY_BYTES = 32
_FORMAT = 1


class KeyFileError(RuntimeError):
    """The key file cannot be used; the text says why and what to do. It never contains a key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`aes`: AES-256 key of the templates. `private`: X25519 (RFC 7748). Neither is ever printed."""

    aes: bytes = field(repr=False)
    private: X25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """The 32 bytes that other nodes seal to."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def public_text(self) -> str:
        """`public` in base64, as `FaceStatus.vault_key` carries it."""
        return base64.b64encode(self.public).decode()

    @classmethod
    def make(cls) -> Self:
        return cls(os.urandom(KEY_BYTES), X25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, *, vault: Path | None = None) -> Self:
        """Read the key file. Raises KeyFileError when it is missing, open to others, damaged or beside the vault."""
        _check_apart(path, vault)
        try:
            with path.open("rb") as file:
                _check_private(path, os.fstat(file.fileno()))
                raw = file.read(4096)
        except FileNotFoundError:
            raise KeyFileError(f"there is no key file {path}") from None
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
        return cls._parse(path, raw)

    @classmethod
    def load_or_make(cls, path: Path, *, vault: Path | None = None) -> Self:
        """Read the key file, making it when there is none. Raises KeyFileError.

        A vault without its key is not given a new one: its templates would be lost without anybody noticing.
        """
        _check_apart(path, vault)
        if not path.exists():
            if vault is not None and vault.exists():
                raise KeyFileError(
                    f"the key file {path} is gone but the vault {vault} is there: bring the key file back, or delete "
                    f"the vault and enrol everybody again"
                )
            _write_once(path, cls.make())
        return cls.load(path, vault=vault)

    @classmethod
    def _parse(cls, path: Path, raw: bytes) -> Self:
        try:
            fields = json.loads(raw)
            if fields["format"] != _FORMAT:
                raise ValueError("format")
            aes, private = (base64.b64decode(fields[name], validate=True) for name in ("aes", "x25519"))
            if len(aes) != KEY_BYTES:
                raise ValueError("length")
            return cls(aes, X25519PrivateKey.from_private_bytes(private))
        except (ValueError, KeyError, TypeError):
            # Without the cause: a JSON error quotes what it could not read.
            raise KeyFileError(f"{path} is not a key file of this program, or it is damaged") from None

    def _text(self) -> str:
        private = self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        encoded = {"aes": base64.b64encode(self.aes).decode(), "x25519": base64.b64encode(private).decode()}
        return json.dumps({"format": _FORMAT, **encoded}) + "\n"


def _check_apart(path: Path, vault: Path | None) -> None:
    if vault is not None and path.resolve().parent == vault.resolve().parent:
        raise KeyFileError(f"the key file {path} lies beside the vault: use another folder")


def _check_private(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise KeyFileError(f"{path} is not a regular file")
    if state.st_mode & 0o077:
        raise KeyFileError(f"others may read {path}: chmod 600 it, and think about who has read it")
    if state.st_uid not in (0, os.geteuid()):
        raise KeyFileError(f"{path} belongs to another user")


def _write_once(path: Path, keys: Keys) -> None:
    """Whole or not at all: a half-written key would lock the vault for ever. A key that is there already stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(keys._text())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(f"cannot make the key file {path}: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
