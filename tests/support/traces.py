"""Looks for what must not be there: pictures and face vectors in files of any kind.

A face vector is found by its shape, whatever it lies in: 128 or 512 numbers in a row of unit length, as float16, 32 or
64 of either byte order at any offset, as base64, or written out in text. A picture is found by its signature and by
opening it.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
DIMENSIONS = (128, 512)
_TYPES = ("<f4", ">f4", "<f8", ">f8", "<f2")
_UNIT = 2e-3
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"BM")
_BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{340,}={0,2}")
_NUMBERS = re.compile(rb"(?:-?\d*\.\d+(?:[eE]-?\d+)?[\s,;]+){100,}-?\d*\.\d+(?:[eE]-?\d+)?")
_SMALLEST_PICTURE = 20
_LARGEST_PICTURE = 8 * 2**20


@dataclass(frozen=True)
class Trace:
    """One find: `kind` is `vector` or `picture`."""

    file: str
    kind: str
    offset: int
    vector: Vector | None = None
    picture: NDArray[np.uint8] | None = None


def scan(folder: Path) -> list[Trace]:
    """Every trace in every file below `folder`, links and sockets excepted."""
    found: list[Trace] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found += traces_in(path.read_bytes(), str(path.relative_to(folder)))
    return found


def traces_in(raw: bytes, name: str) -> list[Trace]:
    decoded = [(match.start(), _decoded(match[0])) for match in _BASE64.finditer(raw)]
    found = [*_vectors(raw, name), *_pictures(raw, name), *_written_out(raw, name)]
    for _, inner in decoded:
        found += [*_vectors(inner, f"{name} (base64)"), *_pictures(inner, f"{name} (base64)")]
    return found


def closest(found: list[Trace], reference: Vector) -> float:
    """The greatest similarity of any vector found to `reference`; -1 when there is none of its length."""
    of_length = [t.vector for t in found if t.vector is not None and len(t.vector) == len(reference)]
    return max((float(vector @ reference) for vector in of_length), default=-1.0)


def bytes_in(folder: Path, needle: bytes) -> list[str]:
    """The files that hold these very bytes."""
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file() and needle in path.read_bytes()]


def _decoded(text: bytes) -> bytes:
    usable = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(usable + b"=" * (-len(usable) % 4))
    except (binascii.Error, ValueError):
        return b""


def _vectors(raw: bytes, name: str) -> list[Trace]:
    found = []
    for kind in _TYPES:
        size = np.dtype(kind).itemsize
        for shift in range(size):
            with np.errstate(invalid="ignore"):  # most bytes are no numbers at all
                whole = raw[shift : shift + (len(raw) - shift) // size * size]
                numbers = np.frombuffer(whole, kind).astype(np.float64)
            for start, length in _unit_runs(numbers):
                vector = numbers[start : start + length].astype(np.float32)
                found.append(Trace(f"{name} as {kind}", "vector", shift + start * size, vector))
    return found


def _unit_runs(numbers: NDArray[np.float64]) -> list[tuple[int, int]]:
    """(start, length) of runs of unit length whose numbers look like a face's: many, none dominant, both signs."""
    sane = np.isfinite(numbers) & (np.abs(numbers) < 0.9)
    squares = np.where(sane, numbers, 0.0) ** 2
    sums, bad = np.concatenate(([0.0], np.cumsum(squares))), np.concatenate(([0], np.cumsum(~sane)))
    runs = []
    for length in DIMENSIONS:
        if len(numbers) < length:
            continue
        energy, clean = sums[length:] - sums[:-length], bad[length:] == bad[:-length]
        for start in np.flatnonzero(clean & (np.abs(energy - 1) < _UNIT)):
            run = numbers[start : start + length]
            if (np.abs(run) > 1e-6).mean() > 0.9 and 0.15 < (run > 0).mean() < 0.85:
                runs.append((int(start), length))
    return runs


def _written_out(raw: bytes, name: str) -> list[Trace]:
    found = []
    for match in _NUMBERS.finditer(raw):
        numbers = np.array([float(each) for each in re.split(rb"[\s,;]+", match[0].strip())])
        for start, length in _unit_runs(numbers):
            vector = numbers[start : start + length].astype(np.float32)
            found.append(Trace(f"{name} as text", "vector", match.start(), vector))
    return found


def _pictures(raw: bytes, name: str) -> list[Trace]:
    found = []
    for signature in _SIGNATURES:
        start = raw.find(signature)
        while start >= 0:
            picture = _opened(raw[start : start + _LARGEST_PICTURE])
            if picture is not None and min(picture.shape[:2]) >= _SMALLEST_PICTURE:
                found.append(Trace(name, "picture", start, picture=picture))
            start = raw.find(signature, start + 1)
    return found


def _opened(raw: bytes) -> NDArray[np.uint8] | None:
    """None when these bytes only begin like a picture. `BM` is two letters: its header must fit as well."""
    if raw[:2] == b"BM" and int.from_bytes(raw[14:18], "little") not in _BITMAP_HEADERS:
        return None
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)
