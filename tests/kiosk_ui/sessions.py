"""Signing in and out: the stand-in gateway's routes."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from contracts.rest import Session, SessionRequest
from contracts.rota_api import Me
from contracts.values import utc_now
from tests.kiosk_ui.faces import MANAGER_TOKEN, RECEPTION_TOKEN, TABLET_TOKEN
from tests.kiosk_ui.samples import PERSON, a_problem

_STAFF = {
    ("A01", "2468"): (TABLET_TOKEN, "consultant", "李明"),
    ("R01", "2468"): (RECEPTION_TOKEN, "reception", "何静"),
    ("M01", "2468"): (MANAGER_TOKEN, "manager", "周敏"),
}


def add_routes(app: FastAPI, office: Any) -> None:
    @app.post("/v1/sessions", response_model=None)
    async def sign_in(request: SessionRequest) -> Session | JSONResponse:
        found = _STAFF.get((request.staff_no, request.pin))
        if found is None:
            return a_problem(401, "bad_credentials")
        token, role, name = found
        expires = utc_now() + timedelta(hours=12)
        return Session(token=token, role=role, person_id=PERSON, name=name, expires_at=expires)

    @app.delete("/v1/sessions/current", status_code=204)
    async def sign_out() -> None:
        return None

    @app.get("/v1/me")
    async def me() -> Me:
        answer = office.me.model_copy(update={"server_time": utc_now()})
        await asyncio.sleep(office.me_takes)
        return answer
