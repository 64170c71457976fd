"""The clock is set back, while the gateway runs or between two starts: what came last still counts as last."""

import time
from pathlib import Path
from typing import Any

import pytest

from contracts import ids
from contracts.ids import uuid7
from tests.gateway.house import Clock, House, open_house

HOUR_NS = 3_600 * 10**9


def set_back(patched: pytest.MonkeyPatch) -> None:
    real = time.time_ns
    patched.setattr("contracts.ids.time.time_ns", lambda: real() - HOUR_NS)


async def received(house: House) -> str:
    await house.sign_in("a")
    await house.check_in("13800001111")
    visit_id: str = (await house.accept("a"))["visit_id"]
    return visit_id


async def upheld(house: House, visit_id: str) -> Any:
    """An appeal that the manager upholds; answers the verdict as it then stands."""
    verdict = await house.get("m", f"/v1/visits/{visit_id}/verdict")
    appeal = await house.post(
        "a", "/v1/appeals", {"verdict_id": verdict["verdict_id"], "text": "是我的老客户"}, uuid7()
    )
    ruling = {"outcome": "upheld", "reason": "属实", "ruling": {"source": "referral", "referrer_id": uuid7()}}
    path = f"/v1/appeals/{appeal['appeal_id']}/decision"
    decided = await house.call("m", "POST", path, ruling, seen=f'"{appeal["revision"]}"')
    assert decided.status_code == 200, decided.text
    return await house.get("m", f"/v1/visits/{visit_id}/verdict")


async def test_set_back_while_it_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visit_id = await received(house)
    set_back(monkeypatch)
    assert (await upheld(house, visit_id))["rule"] == "appeal_upheld"


async def test_set_back_between_two_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    async with open_house(tmp_path, clock) as house:
        visit_id = await received(house)
    set_back(monkeypatch)
    monkeypatch.setattr(ids, "_ORDER", ids._Order())
    async with open_house(tmp_path, clock) as house:
        assert (await upheld(house, visit_id))["rule"] == "appeal_upheld"
