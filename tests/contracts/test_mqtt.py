"""Messages are acknowledged to the broker in the order they came."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.mqtt import InOrder


@given(st.permutations(range(8)))
def test_whatever_order_the_handlers_finish_in(order: list[int]) -> None:
    acknowledged: list[int] = []
    queue = InOrder(acknowledged.append)
    finish = [queue.expect(mid) for mid in range(8)]
    for mid in order:
        finish[mid]()
        assert acknowledged == sorted(acknowledged)
    assert acknowledged == list(range(8))


def test_what_belongs_to_a_lost_connection_is_not_acknowledged_on_the_next() -> None:
    acknowledged: list[int] = []
    queue = InOrder(acknowledged.append)
    before = queue.expect(1)
    queue.forget()
    after = queue.expect(1)
    before()
    assert acknowledged == []
    after()
    assert acknowledged == [1]
