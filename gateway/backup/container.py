"""One backup as one file: a readable header, then compressed and encrypted pieces of the database.

magic, length of the header (4 bytes, big-endian), header (JSON), pieces; each piece is its length (4 bytes) and
AES-256-GCM over zlib. The key of a file is derived (HKDF-SHA256, RFC 5869) from the backup key and the header's random
salt, so that a counter serves as nonce; its last byte marks the last piece (the STREAM construction of Hoang,
Reyhanitabar, Rogaway, Vizar 2015). The header is associated data of every piece: nothing can be altered, left out,
reordered or cut off unnoticed.
"""

import base64
import binascii
import hashlib
import hmac
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.values import UtcDateTime
from gateway.config import BACKUP_KEY

MAGIC = b"anchang-backup-1\n"
PIECE = 1 << 20
_LONGEST_HEADER = 1 << 20
_LEVEL = 1

Fault = Literal["unreadable", "no_backup", "truncated", "damaged", "wrong_key", "other_office", "newer", "not_sound"]


class BadBackupError(Exception):
    """This file cannot be restored; `fault` says why."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else fault)
        self.fault: Fault = fault


class BackupKeyError(ValueError):
    """The backup key is missing or unusable; the text says what to do."""


class StreamPosition(BaseModel):
    """A node's outbox: everything up to `committed` is in the backup."""

    model_config = ConfigDict(frozen=True)
    stream: str
    node: str
    committed: int


class UplinkPosition(BaseModel):
    """What the office had told central: `committed` of `last` facts were there."""

    model_config = ConfigDict(frozen=True)
    stream: str
    last: int
    committed: int


class Header(BaseModel):
    """What a backup says of itself before it is opened. Nothing personal; `counts` is rows by kind."""

    model_config = ConfigDict(frozen=True)
    office: str
    epoch: str
    taken_at: UtcDateTime
    revision: str
    size: int
    streams: list[StreamPosition]
    uplink: UplinkPosition
    counts: dict[str, int]
    key_id: str = ""
    salt: str = Field(default_factory=lambda: os.urandom(32).hex())


class BackupKey:
    """32 bytes that are kept apart from the database and from the backups."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 32:
            raise BackupKeyError(f"a backup key is 32 bytes in base64, got {len(raw)}")
        self._raw = raw
        self.id = hmac.new(raw, b"anchang backup key id", hashlib.sha256).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path | None) -> "BackupKey":
        """From the environment, or from the file. Raises BackupKeyError with what is wrong."""
        text = os.environ.get(BACKUP_KEY) or _read_key(path)
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            raise BackupKeyError(f"{path or BACKUP_KEY}: not base64") from None

    def of_file(self, salt: str) -> AESGCM:
        derived = HKDF(hashes.SHA256(), 32, salt=bytes.fromhex(salt), info=b"anchang backup v1").derive(self._raw)
        return AESGCM(derived)


def _read_key(path: Path | None) -> str:
    if path is None:
        raise BackupKeyError(f"no backup key: set backup.key_file or {BACKUP_KEY} (head -c 32 /dev/urandom | base64)")
    try:
        if path.stat().st_mode & 0o077:
            raise BackupKeyError(f"{path} may be read by others: chmod 600 it")
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupKeyError(f"{path} cannot be read: {error}") from None


def pack(source: BinaryIO, header: Header, key: BackupKey) -> Iterator[bytes]:
    """The bytes of the backup of what `source` holds, piece by piece."""
    named = header.model_copy(update={"key_id": key.id})
    text = named.model_dump_json().encode()
    head = MAGIC + len(text).to_bytes(4, "big") + text
    yield head
    cipher, bound = key.of_file(named.salt), hashlib.sha256(head).digest()
    number, piece = 0, source.read(PIECE)
    while True:
        following = source.read(PIECE)
        sealed = cipher.encrypt(_nonce(number, last=not following), zlib.compress(piece, _LEVEL), bound)
        yield len(sealed).to_bytes(4, "big") + sealed
        if not following:
            return
        number, piece = number + 1, following


def read_header(path: Path) -> Header:
    """What the file says of itself, not yet proven. Raises BadBackupError."""
    with _opened(path) as file:
        return _read_head(file)[0]


def unpack(path: Path, key: BackupKey) -> Iterator[bytes]:
    """The database, piece by piece. Raises BadBackupError: then nothing that came before may be believed."""
    with _opened(path) as file:
        header, head = _read_head(file)
        if header.key_id != key.id:
            raise BadBackupError("wrong_key", "made with another key")
        cipher, bound = key.of_file(header.salt), hashlib.sha256(head).digest()
        number, size = 0, 0
        sealed, following = _next_piece(file), _next_piece(file)
        while sealed is not None:
            piece = _opened_piece(cipher, sealed, _nonce(number, last=following is None), bound)
            size += len(piece)
            yield piece
            number, sealed = number + 1, following
            following = _next_piece(file)
        if size != header.size:
            raise BadBackupError("truncated", f"{size} of {header.size} bytes")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadBackupError("unreadable", error.strerror or "") from None


def _read_head(file: BinaryIO) -> tuple[Header, bytes]:
    magic, length = _read(file, len(MAGIC)), _read(file, 4)
    if magic != MAGIC:
        raise BadBackupError("truncated" if MAGIC.startswith(magic) else "no_backup")
    size = int.from_bytes(length, "big")
    if len(length) < 4:
        raise BadBackupError("truncated", "before its header")
    text = _read(file, size) if size <= _LONGEST_HEADER else b""
    if len(text) < size:
        raise BadBackupError("truncated", "within its header")
    try:
        header = Header.model_validate_json(text)
        bytes.fromhex(header.salt)
    except (ValidationError, ValueError):
        raise BadBackupError("damaged", "its header") from None
    return header, magic + length + text


def _next_piece(file: BinaryIO) -> bytes | None:
    length = _read(file, 4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    piece = _read(file, size) if size <= 2 * PIECE else b""
    if len(length) < 4 or len(piece) < size:
        raise BadBackupError("truncated", "within a piece")
    return piece


def _opened_piece(cipher: AESGCM, sealed: bytes, nonce: bytes, bound: bytes) -> bytes:
    try:
        return zlib.decompress(cipher.decrypt(nonce, sealed, bound))
    except (InvalidTag, zlib.error):
        raise BadBackupError("damaged", "a piece is altered, or the end is missing") from None


def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise BadBackupError("unreadable", error.strerror or "") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
