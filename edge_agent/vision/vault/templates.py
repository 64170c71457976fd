"""The vault's file: face templates, each encrypted and bound to its row, and nothing of them left once deleted.

AES-256-GCM (NIST SP 800-38D), random 96-bit nonce, every column of the row as associated data: a blob moved to another
person, engine or consent does not open. The key is not here (`keys`).

Leaving no bytes. SQLite moves rows when pages split and merge, and a moved row can leave a copy of itself behind that
`secure_delete` knows nothing of (seen with 3.40 in a clustered table). So ciphertext lies in `slots`: rows of one size
that are appended, overwritten in place and reused, never moved nor deleted. The rollback journal holds a page's old
content only inside a transaction and is truncated by its commit: with the commit the bytes are out of every file, and
no checkpoint can lag behind. Each deletion then reads the files to see that this is so.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = 1
_NONCE = 12
_SAMPLE = 24
"""Bytes of ciphertext searched for after a deletion, at the beginning, middle and end of each blob."""
_CHUNK = 1 << 20
_CHECK = "anchang-vault-key"
_TABLES = """
CREATE TABLE vault (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL,
    key_check BLOB NOT NULL,
    move BLOB
);
CREATE TABLE slots (
    slot INTEGER PRIMARY KEY,
    blob BLOB NOT NULL
);
CREATE TABLE templates (
    template_id TEXT PRIMARY KEY,
    person_ref TEXT NOT NULL,
    consent_id TEXT NOT NULL,
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    shot INTEGER NOT NULL,
    quality REAL NOT NULL,
    at TEXT NOT NULL,
    slot INTEGER NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE INDEX templates_by_consent ON templates (consent_id);
"""
_NAMES = ("template_id", "person_ref", "consent_id", "engine", "model", "dimensions", "shot", "quality", "at")
_COLUMNS = ", ".join(_NAMES)


class VaultError(RuntimeError):
    """The vault cannot be used, or cannot do what was asked; the text says why. It never contains a template."""


@dataclass(frozen=True, slots=True)
class Template:
    """One stored look at one person. `vector`: `dimensions` little-endian float32; `at`: ISO 8601, UTC."""

    template_id: str
    person_ref: str
    consent_id: str
    engine: str
    model: str
    dimensions: int
    shot: int
    quality: float
    at: str
    vector: bytes = field(repr=False)

    @property
    def columns(self) -> tuple[str | int | float, ...]:
        """As they stand in the row, and are bound to the blob."""
        return tuple(getattr(self, name) for name in _NAMES)


class TemplateStore:
    """One process holds the vault at a time. Safe from any thread."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make the vault. Raises VaultError: another process has it, another key, or a damaged file."""
        self.path = path
        self._aead = AESGCM(key)
        self._lock = threading.RLock()
        self._held = _claim(path)
        try:
            self._db = _connect(path)
            self._create_or_check()
            self._free = self._free_slots()
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            raise VaultError(f"cannot open the vault {path}: {error}") from error
        except VaultError:
            self._let_go()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._let_go()

    # ---- reading ------------------------------------------------------------------------------------------------
    def load(self, damaged: list[str] | None = None) -> Iterator[Template]:
        """Every template, opened one after another.

        A row that does not open is named in `damaged` (its consent_id) and left out; without such a list VaultError is
        raised.
        """
        with self._lock:
            rows = self._db.execute(f"SELECT {_COLUMNS}, blob FROM templates JOIN slots USING (slot) ORDER BY slot")  # noqa: S608
            for row in rows:
                columns = dict(zip(_NAMES, row[:-1], strict=True))
                try:
                    vector = self._open(row[:-1], row[-1])
                except VaultError:
                    if damaged is None:
                        raise
                    damaged.append(columns["consent_id"])
                else:
                    yield Template(**columns, vector=vector)

    def counts(self) -> tuple[int, int]:
        """(people, templates)."""
        with self._lock:
            people, templates = self._db.execute(
                "SELECT count(DISTINCT person_ref), count(*) FROM templates"
            ).fetchone()
            return int(people), int(templates)

    def count_of(self, consent_id: str) -> int:
        with self._lock:
            row = self._db.execute("SELECT count(*) FROM templates WHERE consent_id=?", (consent_id,)).fetchone()
            return int(row[0])

    def person_of(self, consent_id: str) -> str | None:
        """Whose templates lie here under a consent; None when there are none."""
        with self._lock:
            query = "SELECT person_ref FROM templates WHERE consent_id=? LIMIT 1"
            row = self._db.execute(query, (consent_id,)).fetchone()
            return None if row is None else str(row[0])

    def consents(self) -> dict[str, str]:
        """consent_id → person_ref of everything that lies here."""
        with self._lock:
            return dict(self._db.execute("SELECT DISTINCT consent_id, person_ref FROM templates").fetchall())

    # ---- writing ------------------------------------------------------------------------------------------------
    def replace(self, consent_id: str, templates: Iterable[Template]) -> None:
        """Store the templates of a consent in one transaction; earlier ones of the same consent are overwritten.

        Raises VaultError when a template is of another consent or does not fit its dimensions.
        """
        new = list(templates)
        for template in new:
            if template.consent_id != consent_id:
                raise VaultError("a template belongs to another consent")
        with self._lock:
            with self._transaction():
                gone = self._overwrite(consent_id)
                for template in new:
                    self._insert(template)
            self._prove_gone(gone)

    def delete(self, consent_id: str) -> int:
        """Overwrite and delete the templates of a consent; how many there were.

        Returns only when no file of the vault holds a byte run of them any more. Raises VaultError otherwise: then the
        deletion is to be asked for again.
        """
        with self._lock:
            with self._transaction():
                gone = self._overwrite(consent_id)
            self._prove_gone(gone)
            return len(gone)

    def wipe(self) -> int:
        """Delete everything; how many templates there were. Raises VaultError like `delete`."""
        with self._lock:
            return sum(self.delete(consent_id) for consent_id in self.consents())

    # ---- the state of a move ------------------------------------------------------------------------------------
    def state(self) -> tuple[str, bytes | None]:
        """(`active`, `exported` or `moved`, what `move` noted, decrypted)."""
        with self._lock:
            state, noted = self._db.execute("SELECT state, move FROM vault").fetchone()
            if noted is None:
                return state, None
            try:
                return state, self._aead.decrypt(noted[:_NONCE], noted[_NONCE:], b"move")
            except InvalidTag as error:
                raise VaultError("the note of the vault's move was tampered with") from error

    def set_state(self, state: str, note: bytes | None) -> None:
        nonce = os.urandom(_NONCE)
        sealed = None if note is None else nonce + self._aead.encrypt(nonce, note, b"move")
        with self._lock, self._transaction():
            self._db.execute("UPDATE vault SET state=?, move=?", (state, sealed))

    def take_over(self, templates: Iterable[Template], note: bytes) -> None:
        """Fill an empty vault with another's templates and note where they came from: one transaction."""
        with self._lock:
            if self.counts()[1]:
                raise VaultError("this vault holds templates already: a vault is moved into an empty one only")
            nonce = os.urandom(_NONCE)
            sealed = nonce + self._aead.encrypt(nonce, note, b"move")
            with self._transaction():
                for template in templates:
                    self._insert(template)
                self._db.execute("UPDATE vault SET state='active', move=?", (sealed,))

    # ---- inside -------------------------------------------------------------------------------------------------
    @contextmanager
    def _transaction(self) -> Iterator[None]:
        free = {size: list(slots) for size, slots in self._free.items()}
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._free = free
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise VaultError(f"the vault could not be written: {error}") from error
            raise

    def _insert(self, template: Template) -> None:
        if len(template.vector) != 4 * template.dimensions:
            raise VaultError(f"a template of {template.dimensions} dimensions has {len(template.vector)} bytes")
        blob = self._seal(template)
        slots = self._free.get(len(blob))
        if slots:
            slot = slots.pop()
            self._db.execute("UPDATE slots SET blob=? WHERE slot=?", (blob, slot))
        else:
            slot = self._db.execute("INSERT INTO slots (blob) VALUES (?)", (blob,)).lastrowid or 0
        self._db.execute("INSERT INTO templates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*template.columns, slot))

    def _overwrite(self, consent_id: str) -> list[bytes]:
        """Returns the blobs that are no longer to be found."""
        rows = self._db.execute(
            "SELECT slot, blob FROM templates JOIN slots USING (slot) WHERE consent_id=?", (consent_id,)
        ).fetchall()
        for slot, blob in rows:
            self._db.execute("UPDATE slots SET blob=? WHERE slot=?", (bytes(len(blob)), slot))
            self._free.setdefault(len(blob), []).append(slot)
        self._db.execute("DELETE FROM templates WHERE consent_id=?", (consent_id,))
        return [blob for _, blob in rows]

    def _prove_gone(self, blobs: list[bytes]) -> None:
        if not blobs or not self._found(blobs):
            return
        # Slots never move: something else wrote to the file. A rebuilt one holds live rows only.
        self._db.execute("VACUUM")
        if self._found(blobs):
            raise VaultError(f"deleted templates are still to be found in {self.path}: the deletion is not complete")

    def _found(self, blobs: list[bytes]) -> bool:
        needles = [
            blob[start : start + _SAMPLE] for blob in blobs for start in (0, len(blob) // 2, len(blob) - _SAMPLE)
        ]
        return any(holds_any(file, needles) for file in files_of(self.path))

    def _seal(self, template: Template) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, template.vector, _binding(template.columns))

    def _open(self, columns: tuple[str | int | float, ...], blob: bytes) -> bytes:
        try:
            return self._aead.decrypt(blob[:_NONCE], blob[_NONCE:], _binding(columns))
        except InvalidTag as error:
            raise VaultError(f"template {columns[0]} does not open: damaged, or moved from another row") from error

    def _free_slots(self) -> dict[int, list[int]]:
        free: dict[int, list[int]] = {}
        unused = (
            "SELECT slot, length(blob) FROM slots WHERE slot NOT IN (SELECT slot FROM templates) ORDER BY slot DESC"
        )
        for slot, size in self._db.execute(unused):
            free.setdefault(size, []).append(slot)
        return free

    def _create_or_check(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            nonce = os.urandom(_NONCE)
            check = (nonce + self._aead.encrypt(nonce, b"", _CHECK.encode())).hex()
            first = f"INSERT INTO vault VALUES (1, 'active', x'{check}', NULL);"  # noqa: S608
            self._db.executescript(f"BEGIN;{_TABLES}{first}PRAGMA user_version={_VERSION};COMMIT")
        elif version != _VERSION:
            raise VaultError(f"{self.path} has format {version}, this program reads {_VERSION}")
        (check,) = self._db.execute("SELECT key_check FROM vault").fetchone()
        try:
            self._aead.decrypt(check[:_NONCE], check[_NONCE:], _CHECK.encode())
        except InvalidTag:
            raise VaultError(f"the key file is not the one that {self.path} was made with") from None

    def _let_go(self) -> None:
        if hasattr(self, "_db"):
            self._db.close()
        os.close(self._held) if self._held >= 0 else None
        self._held = -1


def files_of(path: Path) -> list[Path]:
    """Every file in which SQLite may keep something of the database at `path`, as far as they exist."""
    return [
        file for file in (path, *(path.with_name(path.name + s) for s in ("-journal", "-wal", "-shm"))) if file.exists()
    ]


def holds_any(file: Path, needles: Iterable[bytes]) -> bool:
    """Whether any of the byte runs (none longer than 64 bytes) stands in the file."""
    wanted = list(needles)
    tail = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            if any(needle in window for needle in wanted):
                return True
            tail = window[-64:]
    return False


def _binding(columns: tuple[str | int | float, ...]) -> bytes:
    return "\x1f".join(["anchang-template-1", *(repr(value) for value in columns)]).encode()


def _claim(path: Path) -> int:
    """The file beside the vault is only a lock: SQLite's own would be lost when we read the vault's bytes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise VaultError(f"cannot open the vault {path}: {error}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise VaultError(f"another process works on the vault {path}: stop it first") from None
    return held


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)  # SQLite gives its journal the mode of the main file
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode=TRUNCATE", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    return connection
