"""`GET /v1/nodes`."""

from fastapi import APIRouter, Depends

from contracts.floor_api import NodeView
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.nodes.service import node_views

router = APIRouter(prefix="/v1/nodes", tags=["nodes"], dependencies=[Depends(require("manager", "reception"))])


@router.get("")
def list_nodes(context: Context = Depends(get_context)) -> list[NodeView]:
    """Every node of the office with its devices."""
    with context.database.read() as session:
        return node_views(session, context)
