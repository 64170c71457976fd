"""Runs in build/bench-dlib: times `face_recognition` on the given pictures and prints JSON. Not imported by tests.

Per picture and per number of upsamplings: faces found, milliseconds to find them, milliseconds to embed them.
"""

import json
import os
import sys
import time

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import face_recognition  # noqa: E402 - its threads are counted at import

ROUNDS = 5


def fastest(work):
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - started)
    return result, min(taken) * 1000


def measure(path, upsamplings):
    image = face_recognition.load_image_file(path)
    boxes, finding = fastest(lambda: face_recognition.face_locations(image, upsamplings, "hog"))
    _, embedding = fastest(lambda: face_recognition.face_encodings(image, boxes))
    return {"faces": len(boxes), "find_ms": finding, "embed_ms": embedding}


json.dump({path: {n: measure(path, n) for n in (0, 1)} for path in sys.argv[1:]}, sys.stdout)
