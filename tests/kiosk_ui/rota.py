"""The stand-in's routes around the rota."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI

from contracts.rota_api import AwayRequest, Me, RotaEntry, RotaView
from contracts.values import utc_now
from tests.kiosk_ui.samples import COLLEAGUE

if TYPE_CHECKING:
    from tests.kiosk_ui.standin import Office


def add_routes(app: FastAPI, office: "Office") -> None:
    @app.get("/v1/rota")
    async def rota_view() -> RotaView:
        mine = office.me.rota
        other = RotaEntry(
            consultant_id=COLLEAGUE,
            name="王芳",
            state="serving",
            place=2,
            signed_in_at=utc_now(),
            turns_offered=3,
            make_ups=1,
        )
        return RotaView(date="2026-11-22", entries=[*([mine] if mine else []), other])

    @app.post("/v1/rota/{step}")
    async def rota_step(step: str, body: AwayRequest | None = None) -> Me:
        if step == "away" and body is not None:
            until = utc_now() + timedelta(minutes=body.minutes) if body.minutes else None
            office.rota(state="away", place=None, away_reason=body.reason, away_until=until)
        elif step == "sign-out":
            office.rota(state="signed_out", place=None)
        else:
            office.rota(state="free", place=1, signed_in_at=utc_now(), away_reason=None, away_until=None)
        await office.push("changed")
        return office.me
