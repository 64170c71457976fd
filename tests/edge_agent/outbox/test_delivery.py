"""When what is sent, and what an acknowledgement means."""

import pytest

from contracts.ids import uuid7
from contracts.messages import Ack
from edge_agent.outbox.delivery import FIRST_TIMEOUT, FULL, LAST_TIMEOUT, MAX_WINDOW, PACE_SECONDS, Delivery
from edge_agent.outbox.sender import pack
from edge_agent.outbox.settle import Row

STREAM, EPOCH = uuid7(), uuid7()


def ack(committed: int, *, epoch: str = EPOCH, stream: str = STREAM, **more: object) -> Ack:
    return Ack.model_validate({"stream": stream, "committed": committed, "safe": 0, "epoch": epoch, **more})


@pytest.fixture
def delivery() -> Delivery:
    ready = Delivery(STREAM, 100, EPOCH)
    ready.on_connect()
    return ready


def test_nothing_is_sent_before_the_broker_is_there() -> None:
    assert not Delivery(STREAM, 0, None).may_send


def test_the_window_opens_with_progress_and_is_bounded(delivery: Delivery) -> None:
    through = 100
    for _ in range(10):
        while delivery.may_send:
            through += 1
            delivery.sent(through, now=0)
        assert len(delivery.under_way) <= MAX_WINDOW
        delivery.on_ack(ack(through), last=1000, now=0)
    assert delivery.window == MAX_WINDOW and delivery.committed == through


def test_the_first_goes_at_once_and_what_follows_closely_travels_together(delivery: Delivery) -> None:
    delivery.window = 2
    assert delivery.hold(100, now=5.0) is None, "there is nothing"
    assert delivery.hold(101, now=5.0) == 0
    delivery.sent(101, now=5.0)
    assert delivery.hold(101, now=5.0) is None, "nothing new"
    assert delivery.hold(102, now=5.01) == pytest.approx(PACE_SECONDS - 0.01)
    assert delivery.hold(102, now=5.1) == 0
    assert delivery.hold(101 + FULL, now=5.01) == 0, "a full batch waits for nobody"
    delivery.sent(101 + FULL, now=5.01)
    assert delivery.hold(500, now=6.0) is None, "the window is closed"


def test_without_an_acknowledgement_everything_is_sent_again_one_batch_at_a_time_and_ever_more_rarely(
    delivery: Delivery,
) -> None:
    now, times = 0.0, []
    for _ in range(6):
        assert delivery.may_send
        delivery.sent(140, now)
        assert not delivery.may_send, "one batch at a time"
        while not delivery.on_tick(now):
            now += 0.1
        times.append(round(now, 1))
        assert delivery.cursor == 100
    waits = [b - a for a, b in zip([0.0, *times], times, strict=False)]
    assert waits[0] == pytest.approx(FIRST_TIMEOUT, abs=0.2) and waits[-1] == pytest.approx(LAST_TIMEOUT, abs=0.2)


def test_a_stale_acknowledgement_moves_nothing_back(delivery: Delivery) -> None:
    delivery.sent(140, 0)
    assert delivery.on_ack(ack(90), last=140, now=0) == "settle"
    assert (delivery.committed, delivery.cursor) == (100, 140)


def test_a_receiver_that_insists_on_less_is_believed_at_the_time_out(delivery: Delivery) -> None:
    delivery.sent(140, 0)
    delivery.on_ack(ack(90), last=140, now=0)
    assert delivery.on_tick(FIRST_TIMEOUT + 0.1)
    assert (delivery.committed, delivery.cursor) == (90, 90)


def test_a_rebuilt_receiver_moves_us_back_at_once(delivery: Delivery) -> None:
    delivery.sent(140, 0)
    delivery.on_ack(ack(20, epoch=uuid7()), last=140, now=0)
    assert (delivery.committed, delivery.cursor, delivery.may_send) == (20, 20, True)


@pytest.mark.parametrize("answer", [ack(100, refused="forked"), ack(141)])
def test_a_forked_stream_is_left_once(delivery: Delivery, answer: Ack) -> None:
    assert delivery.on_ack(answer, last=140, now=0) == "new_stream"
    assert delivery.on_ack(answer, last=140, now=0) == "ignored" and not delivery.may_send
    fresh = uuid7()
    delivery.restart(fresh)
    assert (delivery.stream, delivery.committed, delivery.may_send) == (fresh, 0, True)


def test_an_acknowledgement_of_another_stream_is_ignored(delivery: Delivery) -> None:
    assert delivery.on_ack(ack(120, stream=uuid7()), last=140, now=0) == "ignored"


def test_a_receiver_that_speaks_again_is_served_before_the_time_out(delivery: Delivery) -> None:
    delivery.sent(140, 0)
    assert delivery.on_tick(10)
    delivery.sent(140, 10)
    delivery.on_ack(ack(100), last=140, now=10.1)
    assert delivery.may_send and delivery.cursor == 100


def row(sequence: int, covers_from: int | None = None, size: int = 10) -> Row:
    return Row(sequence, covers_from or sequence, '{"x":"' + "y" * size + '"}')


def test_a_batch_holds_contiguous_events_up_to_its_size() -> None:
    rows = [row(n, size=1000) for n in range(1, 40)]
    batch = pack(STREAM, rows, 0)
    assert batch is not None and len(batch.payload) <= 16 * 1024 and 10 <= batch.through < 16


def test_a_batch_ends_at_a_hole_and_a_tombstone_bridges_it() -> None:
    assert pack(STREAM, [row(5)], 0) is None
    holed = pack(STREAM, [row(1), row(3)], 0)
    bridged = pack(STREAM, [row(1), row(9, covers_from=2), row(10)], 0)
    assert holed is not None and holed.through == 1
    assert bridged is not None and bridged.through == 10
