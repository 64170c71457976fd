"""A verdict as each side reads it, through a running gateway."""

from typing import Any

import pytest

from tests.gateway.attribution.test_claims import PHONE, keep, registration
from tests.gateway.house import House
from tests.gateway.people import uid


@pytest.fixture
async def path(house: House) -> str:
    """Registered by channel C, received by consultant a."""
    await keep(house, registration(house, "C"))
    await house.sign_in("a", "b")
    visit = await house.check_in(PHONE)
    await house.accept("a")
    return f"/v1/visits/{visit['visit_id']}/verdict"


async def test_each_side_reads_its_own(house: House, path: str) -> None:
    def whole(seen: Any) -> set[str]:
        return {e["kind"] for e in seen["evidence"] if e["own"]}

    mine = await house.get("a", path)
    channels = await house.get("reception", f"{path}?as=channel&reader_id={uid('C')}")
    assert (mine["owner"], mine["paid_to"], channels["owner"], channels["paid_to"]) == (
        "you",
        "somebody",
        "somebody",
        "you",
    )
    assert "received" in whole(mine) and "registration" not in whole(mine)
    assert "registration" in whole(channels) and "received" not in whole(channels)


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("b", "", 403),
        ("a", "?as=manager", 403),
        ("a", "?as=channel", 403),
        ("m", "?as=channel", 422),
        ("kiosk", "", 403),
        ("m", "", 200),
    ],
)
async def test_who_may_read_what(house: House, path: str, who: str, query: str, status: int) -> None:
    assert (await house.call(who, "GET", path + query)).status_code == status
