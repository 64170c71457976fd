"""Figures are for this machine only, whatever a proxy says of who asks."""

import httpx
import pytest

from tests.gateway.running import Gateway


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        (None, 200),
        ("127.0.0.1", 200),
        ("203.0.113.9", 403),
        ("203.0.113.9, 127.0.0.1", 403),
        ("unknown", 403),
        ('"', 403),
    ],
)
async def test_only_who_asks_from_this_machine_reads_figures(
    gateway: Gateway, forwarded: str | None, status: int
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    async with httpx.AsyncClient(base_url=f"http://{gateway.address}") as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status
