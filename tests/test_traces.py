"""The search for traces finds what it is there to find, wherever it was hidden."""

import base64
import json
import random
import sqlite3
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.traces import Vector, bytes_in, closest, scan, traces_in

CHANCE = np.random.default_rng(7)


def face(dimensions: int = 128) -> Vector:
    vector = CHANCE.normal(size=dimensions)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", "<f2"])
@pytest.mark.parametrize("shift", [0, 1, 3])
def test_a_vector_is_found_in_any_number_format_at_any_offset(kind: str, shift: int) -> None:
    hidden = face()
    raw = random.Random(1).randbytes(4096 + shift) + hidden.astype(kind).tobytes() + random.Random(2).randbytes(999)
    assert closest(traces_in(raw, "file"), hidden) > 0.99


@pytest.mark.parametrize("dimensions", [128, 512])
def test_a_vector_is_found_in_base64_and_in_text(dimensions: int) -> None:
    hidden = face(dimensions)
    message = json.dumps({"data": {"vector": base64.b64encode(hidden.tobytes()).decode()}}).encode()
    assert closest(traces_in(message, "message"), hidden) > 0.99
    log = json.dumps({"embedding": [float(x) for x in hidden]}).encode()
    assert closest(traces_in(log, "log"), hidden) > 0.99


def test_a_vector_is_found_in_a_database_and_its_deleted_pages(tmp_path: Path) -> None:
    hidden = face()
    with sqlite3.connect(tmp_path / "careless.db") as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE t (v BLOB)")
        database.execute("INSERT INTO t VALUES (?)", (hidden.tobytes(),))
        database.commit()
        database.execute("DELETE FROM t")
    database.close()
    assert closest(scan(tmp_path), hidden) > 0.99
    assert bytes_in(tmp_path, hidden.tobytes())


def test_a_picture_is_found_inside_another_file(tmp_path: Path) -> None:
    picture = np.full((120, 90, 3), 128, np.uint8)
    cv2.circle(picture, (45, 60), 30, (10, 60, 220), -1)
    for suffix in (".jpg", ".png"):
        raw = random.Random(3).randbytes(777) + cv2.imencode(suffix, picture)[1].tobytes() + b"tail"
        (tmp_path / f"dump{suffix}.bin").write_bytes(raw)
    assert [trace.kind for trace in scan(tmp_path)] == ["picture", "picture"]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "noise.bin").write_bytes(random.Random(4).randbytes(300_000))
    (tmp_path / "zeros.bin").write_bytes(bytes(100_000))
    (tmp_path / "log").write_text("\n".join(f"{x / 7:.6f}, reading {x}" for x in range(5000)))
    assert scan(tmp_path) == []
