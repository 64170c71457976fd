"""The invented past: the same seed gives the same past, in order, and it looks like a sales office."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from contracts.facts import CustomerRecorded, FootfallMinute, SaleRecorded, TurnRecorded, VisitRecorded
from contracts.ids import uuid7
from contracts.sealing import CustomerSecret, Sealer
from contracts.values import Phone
from simulator.box.hours import zone_open_at
from simulator.history.to_central import Telling
from simulator.world.names import history_phone, live_phone
from simulator.world.past import Happening, OfficePlan, Past

ZONE = ZoneInfo("Asia/Shanghai")
LIVE_FROM = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SEALER = Sealer(b"k" * 32)
STAFF = tuple(uuid7() for _ in range(5))


def past(seed: int = 1) -> list[Happening]:
    plan = OfficePlan("a", seed, ZONE, LIVE_FROM - timedelta(days=28), LIVE_FROM, STAFF, 100, 0)
    return list(takewhile(lambda happening: happening.at <= NOW, Past(plan, SEALER).happenings()))


@pytest.fixture(scope="module")
def told() -> list[Happening]:
    return past()


def test_the_same_seed_tells_the_same_past(told: list[Happening]) -> None:
    assert [happening.id for happening in past()] == [happening.id for happening in told]
    assert [happening.id for happening in past(seed=2)] != [happening.id for happening in told]


def test_it_is_told_in_the_order_of_time_with_ids_used_once(told: list[Happening]) -> None:
    times = [happening.at for happening in told]
    assert times == sorted(times)
    assert len({happening.id for happening in told}) == len(told)


def test_every_step_of_the_funnel_occurs_each_rarer_than_the_one_before(told: list[Happening]) -> None:
    kinds = Counter(happening.data.kind for happening in told if isinstance(happening.data, SaleRecorded))
    visits = sum(isinstance(happening.data, VisitRecorded) for happening in told)
    assert visits > kinds["intent"] > kinds["subscription"] > kinds["contract"] > kinds["payment"] > 0


def test_who_has_left_received_a_few_on_the_first_days_only() -> None:
    gone, first_day = uuid7(), LIVE_FROM - timedelta(days=28)
    plan = OfficePlan("a", 1, ZONE, first_day, LIVE_FROM, STAFF, 100, 0, left=gone)
    seen = takewhile(lambda happening: happening.at <= NOW, Past(plan, SEALER).happenings())
    files = [h for h in seen if isinstance(h.data, CustomerRecorded) and h.data.owner_id == gone]
    assert 3 <= len(files) <= 20
    assert all(happening.at.astimezone(ZONE).date() < first_day + timedelta(days=10) for happening in files)


def test_as_many_people_leave_as_come_on_a_finished_day(told: list[Happening]) -> None:
    days: Counter[date] = Counter()
    for happening in told:
        if isinstance(happening.data, FootfallMinute):
            day = happening.data.minute.astimezone(ZONE).date()
            days[day] += happening.data.count_in - happening.data.count_out
    assert all(balance == 0 for day, balance in days.items() if day < LIVE_FROM)


def test_before_today_a_visit_is_told_once_and_today_in_every_state(told: list[Happening]) -> None:
    states: dict[str, list[str]] = {}
    opened: dict[str, datetime] = {}
    for happening in told:
        if isinstance(happening.data, VisitRecorded):
            states.setdefault(happening.data.visit_id, []).append(happening.data.state)
            opened[happening.data.visit_id] = happening.data.opened_at
    today = [path for visit, path in states.items() if opened[visit].astimezone(ZONE).date() == LIVE_FROM]
    before = [path for visit, path in states.items() if opened[visit].astimezone(ZONE).date() < LIVE_FROM]
    assert all(path == ["closed"] for path in before)
    assert today
    assert all(path == ["offered", "serving", "closed"][: len(path)] for path in today)


def test_turns_offered_differ_by_at_most_one(told: list[Happening]) -> None:
    offered = Counter(happening.data.consultant_id for happening in told if isinstance(happening.data, TurnRecorded))
    open_at_the_end = 2
    assert max(offered.values()) - min(offered.values()) <= 1 + open_at_the_end


def test_customers_are_sealed_to_their_own_record_and_share_no_number(told: list[Happening]) -> None:
    files = [happening.data for happening in told if isinstance(happening.data, CustomerRecorded)]
    secrets = [CustomerSecret.model_validate_json(SEALER.open(file.sealed, record=file.customer_id)) for file in files]
    assert len({secret.phone for secret in secrets}) == len(files) > 0


def test_numbers_are_valid_and_past_and_present_share_none() -> None:
    assert Phone.parse(history_phone(95_000)).national == history_phone(95_000)
    assert Phone.parse(live_phone(9_999)).national[:7] == "1990000"


def test_telling_goes_on_where_it_was_acknowledged(told: list[Happening]) -> None:
    telling = Telling(iter(told))
    telling.skip_to(100)
    (first, happening), *_ = telling.due(NOW, 10)
    assert (first, happening.id) == (101, told[100].id)


def test_telling_keeps_what_has_not_happened_yet(told: list[Happening]) -> None:
    telling = Telling(iter(told))
    early = telling.due(told[5].at, 1000)
    assert all(happening.at <= told[5].at for _, happening in early)
    assert telling.due(NOW, 10**6)[0][0] == len(early) + 1


@pytest.mark.parametrize("hour", range(24))
def test_the_office_is_open_at_whatever_hour_the_demo_starts(hour: int) -> None:
    now = datetime(2026, 11, 22, hour, 40, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(zone_open_at(now)))
    assert 10 <= local.hour <= 16


def test_a_zone_is_kept_while_its_day_goes_on() -> None:
    kept = zone_open_at(NOW, "Etc/GMT-6")
    assert kept == "Etc/GMT-6"
