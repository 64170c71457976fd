"""The door through which offices send what they recorded."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from central.access import OfficeDep, roles
from central.ingest import batch, service
from central.runtime import RuntimeDep
from contracts.central_api import IngestAnswer
from contracts.events import Event
from contracts.ids import Uuid
from contracts.messages import Ack

router = APIRouter(tags=["ingest"])
_INGEST = roles("office")
_INGEST["openapi_extra"] |= {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "array", "items": Event.model_json_schema()}}},
    }
}


@router.post("/v1/ingest", **_INGEST)
async def ingest(runtime: RuntimeDep, office: OfficeDep, request: Request) -> IngestAnswer:
    """Events of the token's office, in order per stream; committed before the answer. A gap ends what is taken."""
    with runtime.metrics.ingest_seconds.time():
        candidates = batch.read(await request.body())
        return await service.ingest(runtime, office, candidates)


@router.get("/v1/ingest/ack", **roles("office"))
async def ack(runtime: RuntimeDep, office: OfficeDep, stream: Annotated[Uuid, Query()]) -> Ack:
    """Where the stream stands."""
    return await service.stand(runtime, office, stream)
