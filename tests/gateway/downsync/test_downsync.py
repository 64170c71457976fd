"""What central masters reaches the office: complete, once, in any order, and decides what it has to decide."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.down_api import DownPage
from gateway.downsync import pull, service
from gateway.downsync.domain import settle_name, takes
from tests.central.agency import put_channel
from tests.gateway.downsync.world import PHONE, World, world
from tests.gateway.running import in_files_of


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_a_registration_made_at_central_decides_at_the_office(both: World) -> None:
    agent = await both.agent()
    made = await agent.register(PHONE)
    both.clock.forward(minutes=31)
    await both.fetch()
    visit = await both.house.check_in(PHONE)
    (verdict,) = await both.verdicts(visit["visit_id"])
    assert (verdict["source"], verdict["rule"], verdict["agent_id"]) == ("channel", "registration", agent.agent_id)
    assert verdict["claim_id"] == made.registration_id


async def test_the_agent_reads_at_central_what_the_office_decided(both: World) -> None:
    agent = await both.agent()
    made = await agent.register(PHONE)
    both.clock.forward(minutes=31)
    await both.fetch()
    await both.house.check_in(PHONE)
    await both.uplink()
    (verdict,) = (await agent.read(made.registration_id)).verdicts
    assert (verdict.outcome, verdict.rule, verdict.reason) == ("won", "registration", "only_claim")


@pytest.mark.parametrize(("minutes", "source"), [(29, "walk_in"), (31, "channel")])
async def test_evidence_that_comes_late_makes_a_new_verdict_and_changes_no_turn(
    both: World, minutes: int, source: str
) -> None:
    await both.house.sign_in("a", "b")
    agent = await both.agent()
    await agent.register(PHONE)
    both.clock.forward(minutes=minutes)
    visit = await both.house.check_in(PHONE)
    offered = await both.house.offer_of("a")
    await both.fetch()
    said = [verdict["source"] for verdict in await both.verdicts(visit["visit_id"])]
    assert said == ["walk_in", source]
    assert (await both.house.offer_of("a"))["offer_id"] == offered["offer_id"]


@pytest.mark.parametrize("ahead", [-40, 40], ids=["behind", "ahead"])
@pytest.mark.parametrize(("minutes", "source"), [(29, "walk_in"), (31, "channel")])
async def test_an_offices_wrong_clock_moves_no_registration_to_the_other_side_of_an_arrival(
    tmp_path: Path, ahead: int, minutes: int, source: str
) -> None:
    async with world(tmp_path, ahead=timedelta(minutes=ahead)) as both:
        agent = await both.agent()
        await agent.register(PHONE)
        await both.fetch()
        both.clock.forward(minutes=minutes)
        visit = await both.house.check_in(PHONE)
        assert [verdict["source"] for verdict in await both.verdicts(visit["visit_id"])] == [source]


async def test_a_registration_keeps_its_time_when_the_offices_clock_is_set_right(tmp_path: Path) -> None:
    async with world(tmp_path, ahead=timedelta(minutes=40)) as both:
        agent = await both.agent()
        made = await agent.register(PHONE)
        await both.fetch()
        before = both.rows("SELECT accepted_at FROM registrations")
        both.ahead[0] = timedelta()
        both.clock.forward(hours=2)
        await agent.call("POST", f"/v1/registrations/{made.registration_id}/withdraw")
        await both.fetch()
        after = both.rows("SELECT accepted_at, withdrawn_at > accepted_at FROM registrations")
        assert after == [(*before[0], 1)]


@pytest.mark.parametrize(("days", "verdicts"), [(7, 2), (8, 1)], ids=["within the appeal", "after the appeal"])
async def test_a_closed_visit_is_judged_again_until_the_appeal_ends(both: World, days: int, verdicts: int) -> None:
    agent = await both.agent()
    await agent.register(PHONE)
    both.clock.forward(minutes=31)
    visit = await both.house.check_in(PHONE)
    await both.house.post("m", f"/v1/visits/{visit['visit_id']}/finish", {"outcome": "left"})
    both.clock.forward(days=days, seconds=-5)
    await both.fetch()
    both.house.tokens.clear()
    assert len(await both.verdicts(visit["visit_id"])) == verdicts


async def test_a_withdrawal_at_central_is_heard(both: World) -> None:
    agent = await both.agent()
    made = await agent.register(PHONE)
    await both.fetch()
    await agent.call("POST", f"/v1/registrations/{made.registration_id}/withdraw")
    await both.fetch()
    both.clock.forward(minutes=31)
    visit = await both.house.check_in(PHONE)
    assert (await both.verdicts(visit["visit_id"]))[0]["source"] == "walk_in"


async def test_pages_and_restarts_in_between_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "PAGE_ITEMS", 2)
    async with world(tmp_path) as first:
        agent = await first.agent()
        for n in range(6):
            await agent.register(f"1380011{n:04d}")
        assert await first.sync.fetch()
    async with world(tmp_path) as second:
        assert second.rows("SELECT count(*) FROM registrations") == [(1,)]
        assert await second.fetch() == 3
        assert second.rows("SELECT count(*) FROM registrations") == [(6,)]


async def test_an_agent_who_no_longer_works_here_is_forgotten(both: World) -> None:
    agent = await both.agent()
    await both.fetch()
    assert both.rows("SELECT agent_id, active FROM agents") == [(agent.agent_id, 1)]
    await put_channel(both.hq, agent.channel_id, offices=[])
    await both.fetch()
    assert both.rows("SELECT agent_id FROM agents") == []


async def test_a_central_with_another_database_is_fetched_whole_and_the_rest_dropped(both: World) -> None:
    agent = await both.agent()
    await agent.register(PHONE)
    await both.fetch()
    page = DownPage(office="yunqi", cursor="x.9", more=False, server_time=both.clock(), items=[])
    writer, context = both.house.context.writer, both.house.context
    cursor = both.sync._cursor()
    await writer.run(service.begin_again)
    assert not await writer.run(lambda uow: service.take(uow, context, page, cursor))
    assert both.rows("SELECT count(*) FROM registrations") == [(1,)]
    assert await writer.run(lambda uow: service.take(uow, context, page, None))
    assert both.rows("SELECT count(*) FROM registrations") == [(0,)]
    assert both.rows("SELECT count(*) FROM agents") == [(0,)]


async def test_central_s_answer_of_410_begins_again(both: World) -> None:
    agent = await both.agent()
    await agent.register(PHONE)
    await both.fetch()

    def elsewhere(uow: Any) -> None:
        uow.session.connection().exec_driver_sql("UPDATE down_state SET cursor = '0-0.7'")

    await both.house.context.writer.run(elsewhere)
    await both.fetch()
    assert both.rows("SELECT count(*) FROM registrations") == [(1,)]
    state = await both.house.get("m", "/v1/sync")
    assert (state["fetching_everything"], state["faults"], state["conflicts"]) == (False, [], [])


async def test_one_damaged_thing_keeps_no_other_from_the_office_and_is_shown(both: World) -> None:
    agent = await both.agent()
    await agent.register(PHONE)
    page = (await both.hq.offices["yunqi"].get("/v1/offices/yunqi/down")).json()
    damaged = [
        item | {"body": item["body"] | {"sealed": "AAAA"}} if item["kind"] == "agent" else item
        for item in page["items"]
    ]
    read = DownPage.model_validate(page | {"items": damaged})
    await both.house.context.writer.run(lambda uow: service.take(uow, both.house.context, read, None))
    assert both.rows("SELECT count(*) FROM registrations") == [(1,)]
    assert [fault["reason"] for fault in (await both.house.get("m", "/v1/sync"))["faults"]] == [
        "sealed_with_another_key"
    ]


async def test_head_office_s_policy_rules_from_the_next_visit_on_and_survives_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as both:
        visit = await both.house.check_in(PHONE)
        await both.hq.admin.put("/v1/offices/yunqi/policy", json={"registration_minutes": 1, "panel_number": 9})
        await both.fetch()
        agent = await both.agent()
        await agent.register("13900112345")
        both.clock.forward(minutes=2)
        await both.fetch()
        other = await both.house.check_in("13900112345")
        assert (await both.verdicts(other["visit_id"]))[0]["source"] == "channel"
        assert (await both.verdicts(visit["visit_id"]))[0]["policy_version"] == 1
        clock = both.clock
    async with world(tmp_path, clock=clock) as both:
        newest = both.rows("SELECT version, json_extract(body, '$.registration_minutes') FROM policies")[-1]
        assert newest == (2, 1)


async def test_a_customer_is_adopted_and_a_correction_taken_over(both: World) -> None:
    await both.house.check_in(PHONE, name="陈小明")
    await both.uplink()
    await both.fetch()
    ((customer_id, provisional),) = both.rows("SELECT customer_id, provisional FROM customers")
    assert provisional == 0
    await both.hq.manager.patch(f"/v1/customers/{customer_id}", json={"name": "陈晓明"})
    await both.fetch()
    shown = await both.house.post("m", f"/v1/customers/{customer_id}/reveal")
    assert shown["name"] == "陈晓明"
    assert (await both.house.get("m", "/v1/sync"))["conflicts"] == []


async def test_a_name_that_both_sides_changed_is_settled_by_the_rule_and_shown(both: World) -> None:
    await both.house.check_in(PHONE, name="陈小明")
    await both.uplink()
    ((customer_id,),) = both.rows("SELECT customer_id FROM customers")
    await both.hq.manager.patch(f"/v1/customers/{customer_id}", json={"name": "公司名"})
    await both.house.edit_customer("m", customer_id, name="案场名")
    await both.uplink()
    await both.fetch()
    (conflict,) = (await both.house.get("m", "/v1/sync"))["conflicts"]
    assert (conflict["office_value"], conflict["company_value"]) == ("案**", "公**")
    assert (conflict["winner"], conflict["rule"]) == ("company", "head_office_corrects_names")
    await both.uplink()
    for shown in (
        await both.house.post("m", f"/v1/customers/{customer_id}/reveal"),
        (await both.hq.manager.post(f"/v1/customers/{customer_id}/reveal")).json(),
    ):
        assert shown["name"] == "公司名"


async def test_a_gateway_made_anew_gets_its_customers_back(both: World) -> None:
    await both.house.check_in(PHONE, name="陈小明")
    await both.uplink()

    def lose(uow: Any) -> None:
        uow.session.connection().exec_driver_sql("DELETE FROM customers")

    await both.house.context.writer.run(lose)
    await both.fetch()
    assert (await both.house.check_in(PHONE))["kind"] == "first"
    assert both.rows("SELECT count(*) FROM customers") == [(1,)]


async def test_nothing_personal_stands_in_the_clear(both: World, tmp_path: Path) -> None:
    agent = await both.agent()
    await agent.register(PHONE)
    await both.fetch()
    assert not [secret for secret in ("13800112345", "何欣", "1382345") if in_files_of(tmp_path, secret)]


@pytest.mark.parametrize("who", ["kiosk", "board", "reception", "a"])
async def test_only_a_manager_reads_where_the_line_stands(both: World, who: str) -> None:
    assert (await both.house.call(who, "GET", "/v1/sync")).status_code == 403


@pytest.mark.parametrize(
    ("office", "before", "company", "rule"),
    [
        ("甲", "甲", "乙", ""),
        ("乙", "甲", "乙", ""),
        ("", "甲", "乙", ""),
        ("丙", "甲", "乙", "head_office_corrects_names"),
    ],
    ids=["only head office", "both the same", "none here yet", "both"],
)
def test_whose_name_stands(office: str, before: str, company: str, rule: str) -> None:
    settled = settle_name(office=office, before=before, company=company)
    assert (settled.value, settled.winner, settled.rule) == ("乙", "company", rule)


@pytest.mark.parametrize(("known", "revision", "taken"), [(None, 1, True), (3, 2, False), (3, 3, False), (3, 4, True)])
def test_a_lower_revision_never_replaces_a_higher(known: int | None, revision: int, taken: bool) -> None:
    assert takes(known_revision=known, revision=revision) is taken


CHANGES = st.lists(
    st.tuples(st.sampled_from(["register", "withdraw", "agent", "fetch"]), st.integers(0, 5)), max_size=14
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, page_size=st.integers(1, 4), twice=st.booleans())
async def test_after_any_interleaving_the_office_has_what_central_has(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int]], page_size: int, twice: bool
) -> None:
    """Whatever is changed between pages of whatever size, each page perhaps applied twice or out of its turn."""
    async with world(tmp_path_factory.mktemp("down")) as both:
        agent = await both.agent()
        made: list[str] = []
        stale: list[tuple[DownPage, str | None]] = []
        for act, n in changes:
            if act == "register":
                made.append((await agent.register(f"1380011{n:04d}")).registration_id)
            elif act == "withdraw" and made:
                await agent.call("POST", f"/v1/registrations/{made[n % len(made)]}/withdraw")
            elif act == "agent":
                await put_channel(both.hq, agent.channel_id, offices=["yunqi"] if n % 2 else [])
                await put_channel(both.hq, agent.channel_id, offices=["yunqi"])
            else:
                stale.append(await _one_page(both, page_size, twice))
        for page, after in stale:
            await both.house.context.writer.run(
                lambda uow, p=page, a=after: service.take(uow, both.house.context, p, a)
            )
        while (await _one_page(both, page_size, twice))[0].more:
            pass
        assert _here(both) == await _there(both)


async def _one_page(both: World, size: int, twice: bool) -> tuple[DownPage, str | None]:
    after = both.sync._cursor()
    query = {"limit": str(size)} | ({} if after is None else {"after": after})
    answer = await both.hq.offices["yunqi"].get("/v1/offices/yunqi/down", params=query)
    page = DownPage.model_validate(answer.json())
    for _ in range(1 + twice):
        await _take(both, page, after)
    return page, after


async def _take(both: World, page: DownPage, after: str | None) -> None:
    await both.house.context.writer.run(lambda uow: service.take(uow, both.house.context, page, after))


def _here(both: World) -> dict[str, Any]:
    claims = both.rows("SELECT registration_id, withdrawn_at IS NOT NULL FROM registrations")
    agents = both.rows("SELECT agent_id, 0 FROM agents")
    return {key: bool(value) for key, value in [*claims, *agents]}


async def _there(both: World) -> dict[str, Any]:
    answer = await both.hq.offices["yunqi"].get("/v1/offices/yunqi/down")
    bodies = {item.id: item.body for item in DownPage.model_validate(answer.json()).items if item.kind != "customer"}
    return {item_id: bool(body.get("withdrawn_at")) for item_id, body in bodies.items() if body is not None}
