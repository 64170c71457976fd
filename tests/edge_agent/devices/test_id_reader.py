"""Identity card readers: frames in any portions, two fields of a card and no more, sealed before they are stored."""

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.base import DeviceError
from edge_agent.devices.factory import build
from edge_agent.devices.id_card_frames import FIND, READ, SELECT, Answer, SamFrames, card, frame
from tests.edge_agent.devices import fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.devices.sealed import BESIDE, opened
from tests.edge_agent.devices.speaking import config
from tests.edge_agent.support import Wire
from tests.support.processes import until

RECORDED = fixture("id_reader")
EXCHANGE = {name: bytes.fromhex(data) for name, data in RECORDED["exchange"].items()}
CARD = bytes.fromhex(RECORDED["card"]["answer"])


def test_questions_are_the_documented_bytes() -> None:
    assert (EXCHANGE["find"], EXCHANGE["select"], EXCHANGE["read"]) == (FIND, SELECT, READ)


@pytest.mark.parametrize("portion", [1, 7, 5000])
def test_documented_answers_are_read_in_any_portions(portion: int) -> None:
    data, frames = EXCHANGE["found"] + EXCHANGE["selected"] + EXCHANGE["no_card"] + CARD, SamFrames()
    found = [a for at in range(0, len(data), portion) for a in frames.feed(data[at : at + portion])]
    assert [answer.state for answer in found] == [0x9F, 0x90, 0x80, 0x90]
    read = card(found[-1].data)
    assert (read.number, read.name) == (RECORDED["card"]["number"], RECORDED["card"]["name"])


def test_nothing_of_a_card_shows_where_it_might_be_printed() -> None:
    answer = SamFrames().feed(CARD)[0]
    shown = f"{answer!r} {card(answer.data)!r}"
    assert RECORDED["card"]["number"] not in shown and RECORDED["card"]["name"] not in shown


@given(st.lists(st.binary(max_size=60)))
def test_after_any_noise_the_next_card_is_read(noise: list[bytes]) -> None:
    frames = SamFrames()
    for portion in noise:
        frames.feed(portion)
    frames.forget()
    assert frames.feed(b"\x00" + CARD)[-1:] == SamFrames().feed(CARD)


@given(st.integers(0, 8 * len(CARD) - 1))
def test_one_flipped_bit_gives_no_card(bit: int) -> None:
    damaged = bytearray(CARD)
    damaged[bit // 8] ^= 1 << bit % 8
    frames = SamFrames()
    assert frames.feed(bytes(damaged)) == []
    frames.forget()
    assert frames.noise.ever == len(CARD)


@given(st.binary(max_size=400))
def test_any_data_is_a_card_with_a_number_or_refused(data: bytes) -> None:
    try:
        read = card(data)
    except ValueError:
        return
    assert len(read.number) == 18


@given(st.binary(min_size=3, max_size=40))
def test_any_frame_with_its_checksum_is_an_answer(body: bytes) -> None:
    assert SamFrames().feed(frame(body)) == [Answer(body[2], body[3:])]


@contextmanager
def reader(folder: Path, answer: Callable[[bytes], bytes]) -> Iterator[tuple[RememberingHost, list[BaseException]]]:
    """A reader on a pseudo-terminal, and the driver at work with it."""
    wire, host, raised = Wire(folder / "reader"), RememberingHost(), list[BaseException]()
    settings = BESIDE | {"screen": "reception"}
    device = build(config("id_reader", url=str(wire.path), poll_seconds=0.05, timeout_seconds=0.3, **settings))

    def respond() -> None:
        while not host.stopping.is_set():
            if select.select([wire.master], [], [], 0.05)[0]:
                os.write(wire.master, answer(wire.read()))

    def run() -> None:
        try:
            device.run(host)
        except DeviceError as error:
            raised.append(error)

    threads = [threading.Thread(target=each, daemon=True) for each in (respond, run)]
    for thread in threads:
        thread.start()
    yield host, raised
    host.stopping.set()
    for thread in threads:
        thread.join(5)


def lying_there(question: bytes) -> bytes:
    return {FIND: EXCHANGE["found"], SELECT: EXCHANGE["selected"], READ: CARD}.get(question, b"")


def test_a_card_that_lies_there_is_told_once_and_sealed(tmp_path: Path) -> None:
    asked: list[bytes] = []

    def answer(question: bytes) -> bytes:
        asked.append(question)
        return lying_there(question)

    with reader(tmp_path, answer) as (host, raised):
        until(lambda: asked.count(READ) >= 3, seconds=10, what="the card to be read three times")
    (event,) = host.reported
    assert opened(event).number == RECORDED["card"]["number"] and not raised
    assert RECORDED["card"]["number"] not in event.model_dump_json()
    assert host.states[-1] == ("ok", "")


def test_no_card_is_no_fault_and_a_card_pulled_away_neither(tmp_path: Path) -> None:
    answers = {FIND: EXCHANGE["found"], SELECT: EXCHANGE["no_card"]}
    with reader(tmp_path, lambda question: answers.get(question, b"")) as (host, raised):
        until(lambda: len(host.states) >= 2, seconds=5, what="two questions")
    assert host.reported == [] and not raised and ("ok", "") in host.states


def test_a_damaged_card_is_counted_and_a_silent_reader_is_a_fault(tmp_path: Path) -> None:
    damaged = CARD[:100] + b"\x00" + CARD[101:]
    with reader(tmp_path, lambda question: damaged if question == READ else lying_there(question)) as (host, raised):
        until(lambda: raised, seconds=5, what="the fault")
    assert "no valid answer" in str(raised[0]) and host.reported == []
