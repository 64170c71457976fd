"""This node's copy of the consents: references only, in a small SQLite file of its own.

A consent lives in `consents`. When it ends, one transaction moves it to `endings`: from then on nobody is matched or
enrolled under it, and the node owes two things, which survive any crash: deleting what it holds (`owed` = 'deletion'),
then telling the gateway (`owed` = 'confirmation'). `owed` = '' is kept, so that one ending is told once.

A consent past its own `until` stops counting at once and its templates go, but its row stays until the gateway says
the same: both ends must keep computing one digest.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from contracts.faces import EMPTY, entry_digest
from contracts.messages import ConsentEntry
from contracts.values import utc_now

Cause = Literal["ended", "unknown", "replaced", "moved"]
_VERSION = 1
_TABLES = """
CREATE TABLE place (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    have INTEGER NOT NULL
);
CREATE TABLE consents (
    consent_id TEXT PRIMARY KEY,
    person_ref TEXT NOT NULL,
    until REAL NOT NULL,
    version INTEGER NOT NULL,
    lapsed INTEGER NOT NULL DEFAULT 0,
    templates INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE endings (
    consent_id TEXT PRIMARY KEY,
    person_ref TEXT NOT NULL,
    cause TEXT NOT NULL,
    templates INTEGER NOT NULL,
    owed TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX endings_owed ON endings (owed);
INSERT INTO place VALUES (1, '', 0);
"""


class CopyError(RuntimeError):
    """The copy of the consents cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Consent:
    """`until`: POSIX seconds. `lapsed`: past it, and the templates are gone (`templates` of them)."""

    consent_id: str
    person_ref: str
    until: float
    version: int
    lapsed: bool = False
    templates: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    consent_id: str
    person_ref: str
    cause: Cause
    templates: int


class ConsentCopy:
    """Safe from any thread. `lock` lets the vault store templates with the consent held still.

    `now` is the wall clock, for `until` only.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = utc_now) -> None:
        """Open or make the file. Raises CopyError."""
        self.path = path
        self._now = now
        self.lock = threading.RLock()
        try:
            self._db = _open(path)
            self._epoch, self._have = self._db.execute("SELECT epoch, have FROM place").fetchone()
            self._granted = {row[0]: _consent(row) for row in self._db.execute(_ALL)}
        except (sqlite3.Error, OSError) as error:
            raise CopyError(
                f"cannot open the copy of the consents {path}: {error}; delete it: it is fetched"
            ) from error
        self._sum = sum(entry_digest(c.consent_id, c.person_ref) for c in self._granted.values())
        self._deleting = {ending.consent_id for ending in self.deletions_owed()}

    def close(self) -> None:
        with self.lock:
            self._db.close()

    # ---- what stands --------------------------------------------------------------------------------------------
    def granted(self, consent_id: str, person_ref: str) -> bool:
        """Whether that consent of that person stands now."""
        with self.lock:
            consent = self._granted.get(consent_id)
            return (
                consent is not None
                and consent.person_ref == person_ref
                and not consent.lapsed
                and consent_id not in self._deleting
                and self._now().timestamp() < consent.until
            )

    def get(self, consent_id: str) -> Consent | None:
        with self.lock:
            return self._granted.get(consent_id)

    def ids(self) -> set[str]:
        with self.lock:
            return set(self._granted)

    @property
    def count(self) -> int:
        """How many consents the copy holds, lapsed ones included."""
        with self.lock:
            return len(self._granted)

    @property
    def digest(self) -> str:
        """`contracts.faces.digest` of what the copy holds."""
        with self.lock:
            return f"{self._sum % 2**256:064x}" if self._granted else EMPTY

    @property
    def place(self) -> tuple[str, int]:
        """`(epoch, have)`: the newest version carried out, and in which life of the gateway."""
        with self.lock:
            return self._epoch, self._have

    # ---- changes ------------------------------------------------------------------------------------------------
    def apply(
        self, entries: Iterable[ConsentEntry], held: Callable[[str], int], through: tuple[str, int] | None
    ) -> None:
        """Carry out a page: one transaction, with the new place unless that is None (inside a whole copy).

        `held(consent_id)` counts the templates this node has; what ends is owed a deletion afterwards.
        """
        with self.lock, self._transaction():
            for entry in entries:
                known = self._granted.get(entry.consent_id)
                if known is not None and known.person_ref != entry.person_ref:
                    self._end(known.consent_id, known.person_ref, "replaced", held)
                    self._settle_before_grant(entry.consent_id)
                if entry.granted:
                    self._grant(entry)
                else:
                    self._end(entry.consent_id, entry.person_ref, "ended", held)
            if through is not None:
                self._move_to(*through)

    def forget_others(self, named: set[str], held: Callable[[str], int], through: tuple[str, int]) -> None:
        """The end of a whole copy: what it did not name is unknown to the gateway."""
        with self.lock, self._transaction():
            for consent_id in set(self._granted) - named:
                self._end(consent_id, self._granted[consent_id].person_ref, "unknown", held)
            self._move_to(*through)

    def owe_unknown(self, consent_id: str, person_ref: str, templates: int) -> None:
        """Templates lie here under a consent that nobody knows: they are to be deleted and reported."""
        with self.lock, self._transaction():
            if consent_id not in self._granted and consent_id not in self._deleting:
                self._owe(Ending(consent_id, person_ref, "unknown", templates), "deletion")

    # ---- what is owed -------------------------------------------------------------------------------------------
    def deletions_owed(self) -> list[Ending]:
        return self._owed("deletion")

    def confirmations_owed(self) -> list[Ending]:
        return self._owed("confirmation")

    def deleted(self, consent_id: str, templates: int) -> None:
        """The bytes are gone. `templates`: how many this last attempt deleted; an earlier one may have been cut off."""
        with self.lock, self._transaction():
            self._deleting.discard(consent_id)
            self._db.execute(
                "UPDATE endings SET owed='confirmation', templates=max(templates, ?) WHERE consent_id=? AND "
                "owed='deletion'",
                (templates, consent_id),
            )

    def confirmed(self, ending: Ending) -> None:
        """The outbox has it. Not when the consent ended anew since."""
        with self.lock, self._transaction():
            self._db.execute(
                "UPDATE endings SET owed='' WHERE consent_id=? AND person_ref=? AND owed='confirmation'",
                (ending.consent_id, ending.person_ref),
            )

    def overdue(self) -> list[Consent]:
        """Consents past their own `until` whose templates are still to be deleted."""
        with self.lock:
            now = self._now().timestamp()
            return [c for c in self._granted.values() if not c.lapsed and c.until <= now]

    def lapse(self, consent_id: str, templates: int) -> None:
        """It is past its `until`, its templates are deleted. The gateway is told now, and again when it ends it."""
        with self.lock, self._transaction():
            known = self._granted.get(consent_id)
            if known is not None:
                lapsed = replace(known, lapsed=True, templates=known.templates + templates)
                self._put(lapsed)
                self._owe(Ending(consent_id, known.person_ref, "ended", lapsed.templates), "confirmation")

    def ended(self, consent_id: str) -> bool:
        """Whether this node was told that the consent ended."""
        with self.lock:
            row = self._db.execute("SELECT 1 FROM endings WHERE consent_id=?", (consent_id,)).fetchone()
            return row is not None

    # ---- one transaction ----------------------------------------------------------------------------------------
    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, in the file and in memory."""
        kept = (dict(self._granted), set(self._deleting), self._sum, self._epoch, self._have)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._granted, self._deleting, self._sum, self._epoch, self._have = kept
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _grant(self, entry: ConsentEntry) -> None:
        self._settle_before_grant(entry.consent_id)
        known = self._granted.get(entry.consent_id)
        until = entry.until.timestamp()
        prolonged = known is not None and known.lapsed and until > self._now().timestamp()
        lapsed = known is not None and known.lapsed and not prolonged
        templates = known.templates if known is not None else 0
        self._put(Consent(entry.consent_id, entry.person_ref, until, entry.version, lapsed, templates))

    def _settle_before_grant(self, consent_id: str) -> None:
        """The gateway went back to a time when it stood, or prolonged it. What is owed stays owed: it happened."""
        self._db.execute("DELETE FROM endings WHERE consent_id=? AND owed=''", (consent_id,))

    def _put(self, consent: Consent) -> None:
        known = self._granted.get(consent.consent_id)
        if known is None:
            self._sum += entry_digest(consent.consent_id, consent.person_ref)
        elif known.person_ref != consent.person_ref:
            raise CopyError("a consent changed its person without ending first")
        self._granted[consent.consent_id] = consent
        self._db.execute(
            "INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?, ?, ?)",
            (
                consent.consent_id,
                consent.person_ref,
                consent.until,
                consent.version,
                int(consent.lapsed),
                consent.templates,
            ),
        )

    def _end(self, consent_id: str, person_ref: str, cause: Cause, held: Callable[[str], int]) -> None:
        known = self._granted.pop(consent_id, None)
        if known is not None:
            self._sum -= entry_digest(known.consent_id, known.person_ref)
            self._db.execute("DELETE FROM consents WHERE consent_id=?", (consent_id,))
        lapsed = known.templates if known is not None else 0
        ending = Ending(consent_id, person_ref, cause, held(consent_id) + lapsed)
        if known is not None or ending.templates or not self.ended(consent_id):
            self._owe(ending, "deletion")

    def _owe(self, ending: Ending, what: Literal["deletion", "confirmation"]) -> None:
        self._db.execute(
            "INSERT INTO endings VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (consent_id) DO UPDATE SET "
            "owed=?5, cause=?3, templates=max(templates, ?4)",
            (ending.consent_id, ending.person_ref, ending.cause, ending.templates, what),
        )
        if what == "deletion":
            self._deleting.add(ending.consent_id)

    def _move_to(self, epoch: str, have: int) -> None:
        self._epoch, self._have = epoch, have
        self._db.execute("UPDATE place SET epoch=?, have=?", (epoch, have))

    def _owed(self, what: str) -> list[Ending]:
        with self.lock:
            rows = self._db.execute(
                "SELECT consent_id, person_ref, cause, templates FROM endings WHERE owed=? ORDER BY consent_id", (what,)
            )
            return [Ending(*row) for row in rows]


_ALL = "SELECT consent_id, person_ref, until, version, lapsed, templates FROM consents"


def _consent(row: tuple[str, str, float, int, int, int]) -> Consent:
    consent_id, person_ref, until, version, lapsed, templates = row
    return Consent(consent_id, person_ref, until, version, bool(lapsed), templates)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version={_VERSION};COMMIT")
    elif version != _VERSION:
        connection.close()
        raise CopyError(f"{path} has format {version}, this program reads {_VERSION}: use the program that made it")
    return connection
