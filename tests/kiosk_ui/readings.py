"""What readers beside a screen have read: the stand-in gateway's routes."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from contracts.identity_api import IdNumberNoted
from contracts.readings_api import ReadingList, ReadingUse
from tests.kiosk_ui.samples import a_problem


def add_routes(app: FastAPI, office: Any) -> None:
    @app.get("/v1/readings")
    async def list_readings() -> ReadingList:
        return ReadingList(items=office.readings)

    @app.post("/v1/readings/{reading_id}/id-number", response_model=None)
    async def note_card(reading_id: str, request: ReadingUse) -> IdNumberNoted | JSONResponse:
        if await used_reading(reading_id) is not None:
            return a_problem(404, "not_found")
        office.noted_cards.append((reading_id, request.customer_id))
        return IdNumberNoted(also_on=[])

    @app.delete("/v1/readings/{reading_id}", status_code=204, response_model=None)
    async def used_reading(reading_id: str) -> JSONResponse | None:
        left = [reading for reading in office.readings if reading.reading_id != reading_id]
        taken, office.readings = len(left) < len(office.readings), left
        return None if taken else a_problem(404, "not_found")
