"""The office's three keys: data (encrypted columns), index (keyed look-up), seal (envelopes for central).

They live in one JSON file, base64, mode 0600, made on first start. Losing it makes personal data unreadable for good.
The Ed25519 key that signs certificates and the X25519 key that readers seal to are derived from the data key (HKDF,
RFC 5869): files of older offices fit.
"""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Literal, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contracts.sealing import Sealer

IndexKind = Literal[
    "phone", "phone37", "last4", "name", "pinyin", "initials", "id_number", "lookup", "request", "booking"
]
_NONCE = 12
_NAMES = ("data_key", "index_key", "seal_key")


class KeysError(ValueError):
    """The keys file is unreadable, open to others, or damaged."""


class DecryptError(ValueError):
    """A stored value is damaged, was made with another key, or belongs to another record."""


class Keys:
    """Encrypts columns with AES-256-GCM (NIST SP 800-38D, random 96-bit nonce) and indexes them with HMAC-SHA256."""

    def __init__(self, data_key: bytes, index_key: bytes, seal_key: bytes) -> None:
        if any(len(key) != 32 for key in (data_key, index_key, seal_key)):
            raise KeysError("every key is 32 bytes")
        self._aead = AESGCM(data_key)
        self._index_key = index_key
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"anchang certificate ed25519 v1").derive(data_key)
        self._certificates = Ed25519PrivateKey.from_private_bytes(seed)
        reading = HKDF(hashes.SHA256(), 32, salt=None, info=b"anchang readings x25519 v1").derive(data_key)
        self.readings = X25519PrivateKey.from_private_bytes(reading)
        self.sealer = Sealer(seal_key)

    @classmethod
    def generate(cls) -> Self:
        return cls(os.urandom(32), os.urandom(32), os.urandom(32))

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Raises KeysError with what is wrong with the file."""
        if not path.exists():
            _create(path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        if path.stat().st_mode & 0o077:
            raise KeysError(f"{path} may be read by others: chmod 600 it")
        try:
            stored = json.loads(path.read_text(encoding="ascii"))
            return cls(*(base64.b64decode(stored[name], validate=True) for name in _NAMES))
        except (ValueError, KeyError, TypeError) as error:
            raise KeysError(f"{path} is no keys file: {type(error).__name__}") from None

    def encrypt(self, text: str, *, record: str) -> bytes:
        """`record` binds the value to its row: it cannot be moved to another one."""
        return self.encrypt_bytes(text.encode(), record=record)

    def decrypt(self, blob: bytes, *, record: str) -> str:
        """Raises DecryptError."""
        return self.decrypt_bytes(blob, record=record).decode()

    def encrypt_bytes(self, raw: bytes, *, record: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, raw, record.encode())

    def decrypt_bytes(self, blob: bytes, *, record: str) -> bytes:
        """Raises DecryptError."""
        try:
            return self._aead.decrypt(blob[:_NONCE], blob[_NONCE:], record.encode())
        except (InvalidTag, ValueError) as error:
            raise DecryptError("stored value cannot be decrypted: damaged, another key, or another record") from error

    def index(self, kind: IndexKind, text: str) -> str:
        """Keyed HMAC-SHA256 in hex for equality look-up; one text indexed as two kinds gives two values."""
        return hmac.new(self._index_key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()

    @property
    def reader_key(self) -> str:
        """The X25519 public key (RFC 7748), base64, that readers of the nodes seal to."""
        return base64.b64encode(self.readings.public_key().public_bytes_raw()).decode()

    @property
    def public_key(self) -> bytes:
        """The office's Ed25519 public key (RFC 8032), 32 bytes: what its certificates are checked with."""
        return self._certificates.public_key().public_bytes_raw()

    def sign(self, statement: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._certificates.sign(statement)

    def digest(self, raw: bytes) -> str:
        """Keyed digest of a message, to recognise the same bytes again without storing them in the clear."""
        return hmac.new(self._index_key, b"message\0" + raw, hashlib.sha256).hexdigest()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({name: base64.b64encode(os.urandom(32)).decode() for name in _NAMES})
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(scratch, path)  # unlike rename, never replaces keys another process made a moment ago
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
