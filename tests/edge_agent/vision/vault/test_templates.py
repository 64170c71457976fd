"""The vault's file: what is bound to its row, and that a deletion leaves no bytes."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.ids import uuid7
from edge_agent.vision.vault import templates as vault_file
from edge_agent.vision.vault.templates import Template, TemplateStore, VaultError, files_of, holds_any
from tests.edge_agent.vision.vault.support import face

KEY = bytes(range(32))
RUN = 12
"""Any such run of a blob's bytes counts as a find; by chance one appears in 1 MB with probability 1e-23."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "faces.db"


@pytest.fixture
def store(path: Path) -> Iterator[TemplateStore]:
    with TemplateStore(path, KEY) as opened:
        yield opened


def rows(consent: str, count: int = 3, *, seed: int = 0, dimensions: int = 128) -> list[Template]:
    return [
        Template(
            template_id=uuid7(),
            person_ref=f"person-of-{consent}",
            consent_id=consent,
            engine="opencv",
            model="a" * 64,
            dimensions=dimensions,
            shot=shot,
            quality=0.9,
            at="2026-11-22T12:00:00+00:00",
            vector=face(seed * 100 + shot, dimensions).tobytes(),
        )
        for shot in range(count)
    ]


def blobs_of(path: Path, consent: str) -> list[bytes]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
        found = reader.execute("SELECT blob FROM templates JOIN slots USING (slot) WHERE consent_id=?", (consent,))
        return [row[0] for row in found]


def runs_found(path: Path, blobs: list[bytes]) -> int:
    """How many of the blobs' runs of `RUN` bytes stand in any file of the vault."""
    everything = b"\0\0".join(file.read_bytes() for file in files_of(path))
    present = {everything[n : n + RUN] for n in range(len(everything) - RUN)}
    return sum(blob[n : n + RUN] in present for blob in blobs for n in range(len(blob) - RUN + 1))


def test_what_was_stored_comes_back(store: TemplateStore) -> None:
    stored = rows("c1") + rows("c2", 2, seed=1)
    store.replace("c1", stored[:3])
    store.replace("c2", stored[3:])

    assert sorted(store.load(), key=lambda t: t.template_id) == sorted(stored, key=lambda t: t.template_id)
    assert store.counts() == (2, 5)
    assert store.consents() == {"c1": "person-of-c1", "c2": "person-of-c2"}


def test_a_deletion_leaves_no_byte_run_of_the_template(store: TemplateStore, path: Path) -> None:
    store.replace("c1", rows("c1"))
    store.replace("c2", rows("c2", seed=1))
    blobs = blobs_of(path, "c1")
    assert runs_found(path, blobs) == sum(len(blob) - RUN + 1 for blob in blobs), "the scan must find it before"

    assert store.delete("c1") == 3

    assert runs_found(path, blobs) == 0
    assert [t.consent_id for t in store.load()] == ["c2"] * 3


@pytest.mark.parametrize("seed", range(4))
def test_no_run_is_left_whatever_came_before(path: Path, seed: int) -> None:
    """Hundreds of people in and out, two engines of different sizes, restarts: pages fill, split, empty and refill."""
    dice = random.Random(seed)
    store = TemplateStore(path, KEY)
    alive: dict[str, list[bytes]] = {}
    gone: list[bytes] = []
    for step in range(250):
        if alive and dice.random() < 0.45:
            consent = dice.choice(sorted(alive))
            assert store.delete(consent) == len(alive[consent])
            gone += alive.pop(consent)
        elif dice.random() < 0.1 and alive:
            consent = dice.choice(sorted(alive))
            gone += alive[consent]
            store.replace(consent, rows(consent, seed=step))
            alive[consent] = blobs_of(path, consent)
        elif dice.random() < 0.05:
            store.close()
            store = TemplateStore(path, KEY)
        else:
            consent = f"c{step}"
            store.replace(consent, rows(consent, dice.randrange(1, 6), seed=step, dimensions=dice.choice([128, 512])))
            alive[consent] = blobs_of(path, consent)
    found = runs_found(path, gone)
    kept = runs_found(path, [blob for blobs in alive.values() for blob in blobs])
    store.close()

    assert len(gone) > 100
    assert found == 0
    assert kept == sum(len(blob) - RUN + 1 for blobs in alive.values() for blob in blobs)


def test_slots_are_reused(store: TemplateStore, path: Path) -> None:
    for step in range(50):
        store.replace(f"c{step}", rows(f"c{step}"))
        store.delete(f"c{step}")

    assert path.stat().st_size < 64 * 1024


def test_a_deletion_that_cannot_be_proved_is_not_one(store: TemplateStore, path: Path) -> None:
    """A copy of the bytes that SQLite does not know of: the deletion refuses to call itself done."""
    store.replace("c1", rows("c1"))
    (first, *_) = blobs_of(path, "c1")
    path.with_name("faces.db-wal").write_bytes(b"left over" + first)

    with pytest.raises(VaultError, match="still to be found"):
        store.delete("c1")


def test_the_proof_looks_across_the_borders_of_what_it_reads_at_once(tmp_path: Path) -> None:
    needle = bytes(range(1, 25))
    for offset in (0, vault_file._CHUNK - 12, vault_file._CHUNK - 1, 2 * vault_file._CHUNK - 24):
        (tmp_path / "file").write_bytes(bytes(offset) + needle + bytes(100))
        assert holds_any(tmp_path / "file", [needle])
    (tmp_path / "file").write_bytes(bytes(3 * vault_file._CHUNK))
    assert not holds_any(tmp_path / "file", [needle])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE templates SET person_ref='somebody-else'",
        "UPDATE templates SET consent_id='another'",
        "UPDATE templates SET engine='insightface'",
        "UPDATE templates SET model='b'",
        "UPDATE templates SET shot=9",
        "UPDATE templates SET quality=1.0",
        "UPDATE slots SET blob=zeroblob(length(blob))",
        "UPDATE slots SET blob=(SELECT blob FROM slots WHERE slot=2) WHERE slot=1",
    ],
)
def test_a_row_that_was_tampered_with_does_not_open(path: Path, change: str) -> None:
    with TemplateStore(path, KEY) as store:
        store.replace("c1", rows("c1"))
    with sqlite3.connect(path) as attacker:
        attacker.execute(change)
    with TemplateStore(path, KEY) as store, pytest.raises(VaultError, match="does not open"):
        list(store.load())


def test_another_key_is_recognised_even_for_an_empty_vault(path: Path) -> None:
    TemplateStore(path, KEY).close()

    with pytest.raises(VaultError, match="not the one"):
        TemplateStore(path, bytes(32))
    TemplateStore(path, KEY).close()


def test_a_damaged_file_is_said_to_be_one(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)

    with pytest.raises(VaultError, match="cannot open"):
        TemplateStore(path, KEY)


def test_a_failed_enrolment_stores_nothing_and_keeps_the_old(store: TemplateStore) -> None:
    old = rows("c1", 2)
    store.replace("c1", old)
    good, bad = rows("c1", 2, seed=3)
    bad = Template(**{**{n: getattr(bad, n) for n in vault_file._NAMES}, "dimensions": 64}, vector=bad.vector)

    with pytest.raises(VaultError, match="dimensions"):
        store.replace("c1", [good, bad])

    assert {t.template_id: t for t in store.load()} == {t.template_id: t for t in old}
    store.replace("c2", rows("c2", 4))
    assert store.counts() == (2, 6)


def test_a_template_of_another_consent_is_refused(store: TemplateStore) -> None:
    with pytest.raises(VaultError, match="another consent"):
        store.replace("c1", rows("c2"))


def test_it_is_read_and_written_from_many_threads(store: TemplateStore) -> None:
    def work(name: str) -> None:
        for step in range(10):
            store.replace(f"{name}-{step}", rows(f"{name}-{step}"))
            if step % 2:
                store.delete(f"{name}-{step}")

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.counts() == (20, 60)
    assert len(list(store.load())) == 60
