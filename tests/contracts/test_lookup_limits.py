"""How long who searched much has to wait: until there is room, and no second longer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.lookup_limits import HOUR, MINUTE, Past, wait_seconds

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40)), max_size=80))
def test_after_the_wait_told_there_is_room_and_not_before(ago: list[tuple[int, int]]) -> None:
    past = [Past(NOW - timedelta(seconds=seconds), files) for seconds, files in ago]
    wait = wait_seconds(past, NOW, in_a_minute=30, files_in_an_hour=300)

    def room(at: datetime) -> bool:
        files = sum(each.shown for each in past if each.at > at - HOUR)
        return sum(each.at > at - MINUTE for each in past) < 30 and files < 300

    assert room(NOW + timedelta(seconds=wait))
    assert wait == 0 or not room(NOW + timedelta(seconds=wait - 1))
