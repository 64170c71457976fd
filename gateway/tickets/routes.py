"""The queue of tickets."""

from fastapi import APIRouter, Depends

from contracts.floor_api import QueueView
from gateway.auth import require
from gateway.context import Context, get_context
from gateway.tickets import queue

router = APIRouter(tags=["queue"])


@router.get("/v1/queue", dependencies=[Depends(require("kiosk", "board", "reception", "consultant", "manager"))])
def view(context: Context = Depends(get_context)) -> QueueView:
    return queue.read(context)
