"""Finding one of 200,000 customers from the desk."""

import random
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from contracts.values import Phone
from gateway.customers import store as customers
from gateway.customers.tables import CustomerRow, NameReading
from gateway.identity import store
from gateway.identity.names import readings
from gateway.identity.search import terms
from gateway.keys import Keys
from gateway.policy import PolicyConfig
from gateway.writer import UnitOfWork
from tests.bench.conftest import Report, percentile
from tests.gateway.house import House, open_house

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]
CUSTOMERS, LOOKUPS, BATCH = 200_000, 300, 5_000
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单仇解"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰宁波晨曦梓涵欣怡子轩浩宇思远雨桐嘉懿若溪景行"


def person(number: int, rng: random.Random) -> tuple[Phone, str]:
    """Names are as unevenly spread as real ones: the first surnames are the common ones."""
    surname = SURNAMES[int(len(SURNAMES) * rng.random() ** 2)]
    given = "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2, 2))))
    return Phone.parse(f"1{3 + number % 7}{rng.randrange(10**4):04d}{number % 10**5:05d}"), surname + given


async def fill(house: House) -> list[tuple[Phone, str]]:
    rng, keys = random.Random(1), house.context.keys
    people: list[tuple[Phone, str]] = []
    for start in range(0, CUSTOMERS, BATCH):
        made = [person(number, rng) for number in range(start, start + BATCH)]
        rows = [customers.new(keys, phone, name, SINCE + timedelta(minutes=start)) for phone, name in made]
        await house.context.writer.run(partial(store_batch, rows, readings_of(keys, rows, made)))
        people += made
    return people


def store_batch(rows: list[CustomerRow], reading_rows: list[dict[str, Any]], uow: UnitOfWork) -> None:
    uow.session.connection().execute(
        insert(CustomerRow), [row.model_dump() | {"read_as": row.name_index} for row in rows]
    )
    uow.session.connection().execute(insert(NameReading), reading_rows)


def readings_of(keys: Keys, rows: list[CustomerRow], made: list[tuple[Phone, str]]) -> list[dict[str, Any]]:
    found = []
    for row, (_, name) in zip(rows, made, strict=True):
        known = readings(name)
        indexes = {keys.index("pinyin", p) for p in known.pinyin} | {keys.index("initials", i) for i in known.initials}
        found += [{"reading_index": index, "customer_id": row.customer_id} for index in indexes]
    return found


async def test_look_up_among_200_000_customers(tmp_path: Path, report: Report) -> None:
    policy = PolicyConfig(lookups_per_minute=1000, lookup_files_per_hour=100_000)
    async with open_house(tmp_path, policy=policy) as house:
        people = await fill(house)
        rng = random.Random(2)
        ways = {
            "phone": lambda phone, name: str(phone),
            "pinyin": lambda phone, name: readings(name).pinyin[0],
            "initials": lambda phone, name: readings(name).initials[0],
            "last four digits": lambda phone, name: phone.last4,
        }
        for what, typed in ways.items():
            texts = [typed(*rng.choice(people)) for _ in range(LOOKUPS)]
            whole = [await asked(house, text) for text in texts]
            alone = [looked_up(house, text) for text in texts]
            report.add(
                f"look-up by {what} among {CUSTOMERS:,} customers",
                f"p50 {percentile(alone, 0.5) * 1000:.1f} ms, p95 {percentile(alone, 0.95) * 1000:.1f} ms; "
                f"whole request, written down: p95 {percentile(whole, 0.95) * 1000:.1f} ms",
                "p95 ≤ 10 ms",
            )


async def asked(house: House, text: str) -> float:
    """Seconds of the whole request, with the commit that writes it down."""
    house.clock.forward(minutes=5)
    began = time.perf_counter()
    page = await house.post("reception", "/v1/customers/search", {"text": text})
    spent = time.perf_counter() - began
    assert page["items"], "everybody typed is on file"
    return spent


def looked_up(house: House, text: str) -> float:
    """Seconds to find and open one page of files."""
    context = house.context
    began = time.perf_counter()
    with context.database.read() as session:
        hits = store.search(session, store.digests(context.keys, terms(text)), None, 20)
        files = customers.by_ids(session, [hit.place.customer_id for hit in hits])
        customers.views(session, context.keys, files.values(), {})
    return time.perf_counter() - began
