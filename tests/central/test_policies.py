"""Policies as people enter them: contradictions are refused with a sentence, and of two editors the second is told."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.central.head_office import HeadOffice

POLICY = "/v1/offices/yunqi/policy"


@pytest.fixture
async def hq(head_office: HeadOffice) -> HeadOffice:
    await head_office.admin.put("/v1/offices/yunqi", json={"name": "云栖湖岸"})
    return head_office


@pytest.mark.parametrize(
    ("rules", "language", "sentence"),
    [
        ({"rota_opens": "19:00"}, "zh-CN", "rota_closes: 轮排在开始之前就结束了"),
        ({"offer_seconds": -5}, "en", "offer_seconds: too small; give 1 or more."),
        ({"offer_secondz": 5}, "zh", "offer_secondz: 没有这条规则"),
        ([], "en", "policy: write rules with their values"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_the_reader_s_language(
    hq: HeadOffice, rules: Any, language: str, sentence: str
) -> None:
    answer = await hq.admin.put(POLICY, json=rules, headers={"Accept-Language": language})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert sentence in answer.json()["detail"]
    assert (await hq.admin.get(POLICY)).status_code == 404, "nothing was stored"


async def test_every_mistake_is_told_at_once(hq: HeadOffice) -> None:
    wrong = {"rota_opens": "19:00", "vip_tags": [""], "team_of_source": {"channel": "B"}}
    told = (await hq.admin.put(POLICY, json=wrong)).json()
    assert [each["field"] for each in told["errors"]] == ["rota_closes", "team_of_source", "vip_tags"]
    assert len(told["detail"].splitlines()) == 3


async def test_of_two_who_change_one_office_s_rules_the_second_is_told(hq: HeadOffice) -> None:
    first = await hq.admin.put(POLICY, json={"blocking_days": 3})
    seen = first.headers["ETag"]
    assert (await hq.edit(POLICY, {"blocking_days": 4}, seen)).status_code == 200
    late = await hq.edit(POLICY, {"blocking_days": 5}, seen)
    blind = await hq.admin.put(POLICY, json={"blocking_days": 6})
    assert [(a.status_code, a.json()["code"]) for a in (late, blind)] == [
        (412, "changed_meanwhile"),
        (428, "if_match_needed"),
    ]
    assert (await hq.get(POLICY))["policy"]["blocking_days"] == 4


async def test_a_policy_that_another_release_wrote_keeps_nothing_from_the_office(hq: HeadOffice) -> None:
    await hq.admin.put(POLICY, json={"blocking_days": 3})
    async with hq.runtime.database.write() as session:
        body = '{"offer_seconds": 0, "blocking_days": 3, "moon": 1}'
        await session.execute(text("UPDATE office_policy SET body = :body"), {"body": body})
    read = (await hq.get(POLICY))["policy"]
    assert (read["offer_seconds"], read["blocking_days"]) == (30, 3)
    assert (await hq.offices["yunqi"].get("/v1/offices/yunqi/down")).status_code == 200
