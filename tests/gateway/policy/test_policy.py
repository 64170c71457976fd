"""Policies are versioned: a change is a new version, and the past keeps the one it was decided under."""

from pathlib import Path

import pytest

from gateway.policy import PolicyConfig
from gateway.policy import store as policies
from tests.gateway.house import Clock, House, open_house


def version(house: House) -> int:
    with house.context.database.read() as session:
        return policies.current(session)[0]


async def test_a_changed_rule_is_a_new_version_and_the_same_rules_are_not(tmp_path: Path) -> None:
    clock = Clock()
    async with open_house(tmp_path, clock) as house:
        assert version(house) == 1
        before = await house.check_in("13800112345")
    async with open_house(tmp_path, clock) as house:
        assert version(house) == 1
    async with open_house(tmp_path, clock, PolicyConfig(offer_seconds=45)) as house:
        assert version(house) == 2
        after = await house.check_in("13800112346")
        versions = []
        for visit in (before, after):
            told = await house.get("manager", f"/v1/visits/{visit['visit_id']}/explanation")
            versions.append(told["verdicts"][0]["policy_version"])
        assert versions == [1, 2]
        await house.sign_in("a")
        offer = await house.offer_of("a")
        assert offer is not None
        with house.context.database.read() as session:
            assert policies.at(session, 1).offer_seconds == 30


async def test_an_unknown_version_is_an_error(house: House) -> None:
    with house.context.database.read() as session, pytest.raises(LookupError, match="no policy version 9"):
        policies.at(session, 9)


async def test_the_rules_in_force_are_read_with_their_version_by_whoever_stands_by_them(tmp_path: Path) -> None:
    clock = Clock()
    async with open_house(tmp_path, clock, PolicyConfig(offer_seconds=45)) as house:
        found = await house.get("a", "/v1/policy")
        assert (found["version"], found["policy"]["offer_seconds"]) == (1, 45)
        assert found["since"].startswith("2026-11-21T02:00:00")
        assert (await house.call("kiosk", "GET", "/v1/policy")).status_code == 403
