"""Personal data at rest: AES-256-GCM columns (NIST SP 800-38D) and keyed HMAC-SHA-256 for equality look-up."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEYS = ("data_key", "index_key")


class VaultError(ValueError):
    """A stored value cannot be read: damaged, another key, or moved to another record."""


class Vault:
    def __init__(self, data_key: bytes, index_key: bytes) -> None:
        self._aead = AESGCM(data_key)
        self._index_key = index_key

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the keys file, or make it (mode 0600) when there is none. Raises OSError, ValueError."""
        with contextlib.suppress(FileExistsError):
            _make(path)
        try:
            stored = json.loads(path.read_text())
            keys = [base64.b64decode(stored[name], validate=True) for name in _KEYS]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no keys file: it needs {' and '.join(_KEYS)} in base64") from error
        if any(len(key) != 32 for key in keys):
            raise ValueError(f"{path}: each key is 32 bytes")
        return cls(*keys)

    def encrypt(self, plain: bytes, *, record: str) -> bytes:
        """`record` names the row and column, so that a value cannot be moved to another."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, record.encode())

    def decrypt(self, stored: bytes, *, record: str) -> bytes:
        """Raises VaultError."""
        try:
            return self._aead.decrypt(stored[:_NONCE], stored[_NONCE:], record.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"{record} cannot be decrypted: damaged, another key, or another record") from error

    def index(self, kind: str, value: str) -> bytes:
        """A keyed digest for equality; `kind` keeps equal texts of different columns apart."""
        return hmac.new(self._index_key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()


def _make(path: Path) -> None:
    text = json.dumps({name: base64.b64encode(os.urandom(32)).decode() for name in _KEYS}) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
