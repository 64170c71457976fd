"""What an office fetches: in the order of change, page by page, its own share and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from central.down import feed, service
from contracts.down_api import CompanyCustomer, CustomerDown, DownItem, PolicyDown
from contracts.ids import uuid7
from contracts.sealing import Sealer
from tests.central.agency import Agent, Clock, agent_of, down, items, open_offices, put_channel
from tests.central.head_office import NOON, Files, HeadOffice, Outbox, customer, running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hq(files: Files, clock: Clock) -> AsyncIterator[HeadOffice]:
    async with running(files, clock=clock) as office:
        await open_offices(office)
        yield office


async def fetched(hq: HeadOffice, limit: int, after: str | None = None) -> tuple[list[DownItem], str]:
    found: list[DownItem] = []
    while True:
        page = await down(hq, after, limit=limit)
        found += page.items
        after = page.cursor
        if not page.more:
            return found, after


async def _some_changes(hq: HeadOffice) -> Agent:
    agent = await agent_of(hq)
    for n in range(7):
        await agent.register(f"1380011{n:04d}")
    return agent


@pytest.mark.parametrize("limit", [1, 3, 500])
async def test_pages_of_any_size_carry_every_change_once_and_in_order(hq: HeadOffice, limit: int) -> None:
    await _some_changes(hq)
    found, cursor = await fetched(hq, limit)
    revisions = [item.revision for item in found]
    assert (len(found), revisions) == (8, sorted(set(revisions)))
    assert (await down(hq, cursor)).items == []


async def test_a_thing_changed_again_comes_again_at_the_end_as_it_stands_now(hq: HeadOffice) -> None:
    agent = await _some_changes(hq)
    _, cursor = await fetched(hq, 500)
    for name in ("新名", "更新"):
        await put_channel(hq, agent.channel_id, name=name)
    (item,) = (await down(hq, cursor)).items
    assert item.body is not None and item.body["channel_name"] == "更新"


async def test_a_page_is_bounded_in_bytes_and_always_carries_one(
    hq: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _some_changes(hq)
    monkeypatch.setattr(service, "DOWN_BYTES", 1)
    page = await down(hq)
    assert (len(page.items), page.more) == (1, True)
    found, _ = await fetched(hq, 500)
    assert len(found) == 8


async def test_an_office_hears_of_its_own_share_only(hq: HeadOffice) -> None:
    await _some_changes(hq)
    assert (await down(hq, office="linan")).items == []
    assert (await hq.offices["yunqi"].get("/v1/offices/linan/down")).status_code == 404


@pytest.mark.parametrize(
    ("cursor", "status", "code"),
    [
        ("{epoch}.999", 410, "cursor_of_another_database"),
        ("00000000-0000-7000-8000-000000000000.1", 410, "cursor_of_another_database"),
        ("{epoch}.0", 410, "cursor_too_old"),
        ("{epoch}", 422, "invalid_cursor"),
        ("{epoch}.-1", 422, "invalid_cursor"),
        ("{epoch}.１", 422, "invalid_cursor"),
    ],
)
async def test_a_cursor_that_leads_nowhere_says_so(
    hq: HeadOffice, clock: Clock, cursor: str, status: int, code: str
) -> None:
    agent = await agent_of(hq)
    await put_channel(hq, agent.channel_id, offices=["linan"])
    async with hq.runtime.database.write() as session:
        assert await feed.forget_deletions(session, NOON + timedelta(seconds=1)) == 1
    epoch = (await down(hq)).cursor.split(".")[0]
    answer = await hq.offices["yunqi"].get("/v1/offices/yunqi/down", params={"after": cursor.format(epoch=epoch)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_deletion_is_told_until_it_is_forgotten(hq: HeadOffice) -> None:
    agent = await agent_of(hq)
    _, cursor = await fetched(hq, 500)
    await put_channel(hq, agent.channel_id, offices=[])
    (item,) = (await down(hq, cursor)).items
    assert (item.kind, item.id, item.deleted, item.body) == ("agent", agent.agent_id, True, None)
    async with hq.runtime.database.write() as session:
        assert await feed.forget_deletions(session, NOON) == 0
        assert await feed.forget_deletions(session, NOON + timedelta(seconds=1)) == 1
    assert await items(hq, "agent") == []


def _opened(hq: HeadOffice, item: DownItem) -> CompanyCustomer:
    body = CustomerDown.model_validate(item.body)
    text = Sealer(hq.files.seals["yunqi"]).open(body.sealed, record=item.id)
    return CompanyCustomer.model_validate_json(text)


async def test_a_customer_is_adopted_under_the_offices_id_and_told_once(hq: HeadOffice) -> None:
    seal, outbox = hq.files.seals["yunqi"], Outbox()
    first = customer(seal)
    await hq.send([outbox.event(first)])
    _, cursor = await fetched(hq, 500)
    (item,) = await items(hq, "customer")
    assert (item.id, _opened(hq, item).name) == (first.customer_id, "陈小明")
    await hq.send([outbox.event(customer(seal, customer_id=first.customer_id, revision=2))])
    assert (await down(hq, cursor)).items == []


async def test_a_name_corrected_at_head_office_goes_down_with_what_it_replaced(hq: HeadOffice) -> None:
    recorded = customer(hq.files.seals["yunqi"])
    await hq.send([Outbox().event(recorded)])
    answer = await hq.manager.patch(f"/v1/customers/{recorded.customer_id}", json={"name": "陈晓明"})
    assert (answer.status_code, answer.json()["name"]) == (200, "陈**")
    (item,) = await items(hq, "customer")
    assert CustomerDown.model_validate(item.body).company_revision == 1
    assert (_opened(hq, item).name, _opened(hq, item).name_before) == ("陈晓明", "陈小明")
    await hq.manager.patch(f"/v1/customers/{recorded.customer_id}", json={"name": "陈晓明"})
    assert [each.revision for each in await items(hq, "customer")] == [item.revision]


@pytest.mark.parametrize(
    ("seen", "kept"), [(0, "公司"), (1, "案场")], ids=["before the office saw it", "after the office saw it"]
)
async def test_head_office_s_name_stays_until_the_office_has_taken_it_in(hq: HeadOffice, seen: int, kept: str) -> None:
    seal, outbox = hq.files.seals["yunqi"], Outbox()
    first = customer(seal)
    await hq.send([outbox.event(first)])
    await hq.manager.patch(f"/v1/customers/{first.customer_id}", json={"name": "公司"})
    owner = uuid7()
    later = customer(
        seal, customer_id=first.customer_id, revision=2, name="案场", owner_id=owner, company_revision=seen
    )
    await hq.send([outbox.event(later)])
    shown = (await hq.manager.post(f"/v1/customers/{first.customer_id}/reveal")).json()
    assert (shown["name"], shown["owner_id"]) == (kept, owner)


async def test_a_policy_goes_down_with_its_version_and_the_same_rules_again_do_not(hq: HeadOffice) -> None:
    await hq.admin.put("/v1/offices/yunqi/policy", json={"blocking_days": 30})
    for rules in ({"blocking_days": 30}, {"blocking_days": 3}):
        answer = await hq.edit("/v1/offices/yunqi/policy", rules)
    assert answer.json()["version"] == 2
    (item,) = await items(hq, "policy")
    body = PolicyDown.model_validate(item.body)
    assert (body.version, body.policy.blocking_days) == (2, 3)
    assert (await hq.manager.get("/v1/offices/yunqi/policy")).json()["policy"]["blocking_days"] == 3
    wrong = await hq.admin.put("/v1/offices/yunqi/policy", json={"blocking_dayz": 3})
    assert wrong.status_code == 422
