"""TeraRanger Evo: frames in any portions, noise, lost frames, and the byte order that the manual leaves open."""

import random
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.base import Heard
from edge_agent.devices.checksums import crc8
from edge_agent.devices.terabee_evo import EvoFrames, Order, TerabeeConfig, TerabeeEvo, guess
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.support import Wire
from tests.support.processes import until

DISTANCES = bytes.fromhex(cases("terabee_evo")[6]["bytes"])[-7:]


def passage(count_in: int, count_out: int, order: Order = "big") -> bytes:
    counter = (count_in - count_out) % 2**32
    body = b"PC\x00\x00\x12\x34" + counter.to_bytes(4, order)
    body += count_in.to_bytes(2, order) + count_out.to_bytes(2, order)
    return body + crc8(body)


def totals(frames: EvoFrames, data: bytes) -> list[tuple[int, int]]:
    return [found.totals for found in frames.feed(data) if found.totals is not None]


@pytest.mark.parametrize("command", fixture("terabee_evo")["commands"])
def test_the_crc_is_that_of_the_manuals_commands(command: str) -> None:
    data = bytes.fromhex(command)
    assert crc8(data[:-1]) == data[-1:]


@pytest.mark.parametrize("case", cases("terabee_evo"), ids=lambda case: case["name"])
@pytest.mark.parametrize("portion", [1, 4, 1000])
def test_frames_are_read_in_any_portions(case: dict[str, Any], portion: int) -> None:
    data, frames = bytes.fromhex(case["bytes"]), EvoFrames()
    found = [f.totals for at in range(0, len(data), portion) for f in frames.feed(data[at : at + portion])]
    assert found == [both and tuple(both) for both in case["totals"]]


@pytest.mark.parametrize("order", ["big", "little"])
@given(seed=st.integers(0, 10**6))
def test_with_lost_frames_and_noise_between_them_no_wrong_total_is_told(order: Order, seed: int) -> None:
    chance, frames = random.Random(seed), EvoFrames()
    truth, told = {(0, 0)}, []
    count_in = count_out = 0
    for _ in range(60):
        count_in, count_out = count_in + chance.randint(0, 1), count_out + chance.randint(0, 1)
        truth.add((count_in, count_out))
        frame = b"" if chance.random() < 0.2 else passage(count_in, count_out, order)
        told += totals(frames, DISTANCES + frame + bytes(chance.randrange(256) for _ in range(chance.randint(0, 5))))
    assert set(told) <= truth


@given(st.lists(st.binary(max_size=60)))
def test_no_noise_breaks_it_and_the_next_frames_are_read(noise: list[bytes]) -> None:
    frames = EvoFrames()
    for portion in noise:
        frames.feed(portion)
    assert totals(frames, DISTANCES * 3 + passage(72, 200))[-1:] == [(72, 200)]


def test_endless_noise_is_counted_and_not_kept() -> None:
    frames = EvoFrames()
    for _ in range(1000):
        frames.feed(b"PPPDDD\x00\xff")
    assert frames.noise.lately > 7000


def test_a_counter_mounted_the_other_way_and_a_pulled_plug(tmp_path: Path) -> None:
    wire, host = Wire(tmp_path / "evo"), RememberingHost()
    config = {"id": "door", "driver": "terabee_evo", "url": str(wire.path), "in_is": "right_to_left", "line": 2}
    device = TerabeeEvo(TerabeeConfig.model_validate(config))
    gone: list[BaseException] = []

    def serve() -> None:
        try:
            device.run(host)
        except Exception as error:
            gone.append(error)

    threading.Thread(target=serve, daemon=True).start()
    until(lambda: host.states, seconds=5, what="the line to be open")
    wire.write(DISTANCES + passage(72, 200))
    until(lambda: host.totals, seconds=5, what="a passage")
    assert host.totals == [(2, 200, 72)]
    wire.unplug()
    until(lambda: gone, seconds=5, what="the pulled plug")
    assert "is gone" in str(gone[0])


def test_probe_knows_it_by_its_distances() -> None:
    assert guess(Heard("", DISTANCES * 4)) == {"driver": "terabee_evo"}
    assert guess(Heard("", b"BTN 1\r\n" * 9)) is None and guess(Heard("topic", DISTANCES * 4)) is None
