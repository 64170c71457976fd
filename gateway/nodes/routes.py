"""`/v1/nodes`: the nodes with their devices, which devices they should have, and counters that drift."""

from fastapi import APIRouter, Depends

from contracts.floor_api import NodeView
from contracts.ids import Slug
from contracts.nodes_api import DriftPage, NodeConfigRequest, NodeConfigVersion, NodeConfigView
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.nodes import comparing, configs
from gateway.nodes.service import node_views

router = APIRouter(prefix="/v1/nodes", tags=["nodes"], dependencies=[Depends(require("manager", "reception"))])
_manager = require("manager")


@router.get("")
def list_nodes(context: Context = Depends(get_context)) -> list[NodeView]:
    """Every node of the office with its devices."""
    with context.database.read() as session:
        return node_views(session, context)


@router.get("/drift")
def drifting_counters(context: Context = Depends(get_context), who: Principal = Depends(_manager)) -> DriftPage:
    """Door counters that no longer agree with registered visits as they used to, by the last 28 days."""
    return comparing.read(context)


@router.get("/{node}/config")
def read_config(
    node: Slug, context: Context = Depends(get_context), who: Principal = Depends(_manager)
) -> NodeConfigView:
    """The devices asked of a node, and what it says became of them."""
    with context.database.read() as session:
        return configs.read(session, node)


@router.get("/{node}/config/versions")
def read_config_versions(
    node: Slug, context: Context = Depends(get_context), who: Principal = Depends(_manager)
) -> list[NodeConfigVersion]:
    """The newest 20 versions asked of a node, newest first."""
    with context.database.read() as session:
        return configs.versions(session, node)


@router.put("/{node}/config")
async def ask_config(
    node: Slug,
    request: NodeConfigRequest,
    context: Context = Depends(get_context),
    who: Principal = Depends(_manager),
) -> NodeConfigView:
    """Ask a node to have these devices. It judges and tries them by itself; `GET` tells what became of them."""
    asked_by = who.person_id or who.device_id or who.role
    return await context.writer.run(lambda uow: configs.ask(uow, context, node, request, asked_by))
