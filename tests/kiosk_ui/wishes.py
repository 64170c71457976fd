"""What a check-in asks beside the usual, as the stand-in gateway answers it."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from contracts.checkin_api import AskableConsultant, CheckInForm
from contracts.ids import uuid7
from contracts.scans_api import ScanAnswer, ScanRequest
from contracts.values import utc_now


def add_routes(app: FastAPI, now: Callable[[], Any]) -> None:
    """`now` gives the office as it stands."""

    @app.post("/v1/scans", status_code=201)
    async def scan(request: ScanRequest) -> ScanAnswer:
        now().scans.append(request)
        named = {} if now().refuse_code else {"channel_name": "安家", "agent_name": "何*"}
        return ScanAnswer(scan_id=uuid7(), at=utc_now(), refused=now().refuse_code, **named)

    @app.get("/v1/checkins/form")
    async def form() -> CheckInForm:
        return now().form

    @app.get("/v1/consultants/today")
    async def askable() -> list[AskableConsultant]:
        return now().askable
