"""Merging files: proposed at the desk, decided by a manager, and taken back by one."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.identity_api import MergeDecision, MergePage, MergeRequest, MergeState, MergeView
from contracts.ids import Uuid
from gateway import etags
from gateway.auth import Principal, require
from gateway.context import Context, get_context
from gateway.customers.tables import MergeRow
from gateway.idempotency import Answer, idempotency_key, once
from gateway.identity import merges
from gateway.writer import UnitOfWork

router = APIRouter(prefix="/v1/merges", tags=["identity"])
desk = require("reception", "manager")
manager = require("manager")
PAGE = 50


@router.post("", status_code=201, response_model=MergeView)
async def propose(
    request: MergeRequest,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(desk),
    context: Context = Depends(get_context),
) -> Response:
    """The reception's waits for a manager; a manager's is done. 409 `proposed_already`, `already_merged`,
    `kept_is_merged`, `merged_speaks_for_others`, `same_file`."""
    return await _once(
        context, principal, key, request, lambda uow: merges.propose(uow, context, principal, request), status=201
    )


@router.get("", dependencies=[Depends(desk)])
def page(
    state: MergeState | None = None,
    customer_id: Uuid | None = None,
    cursor: Uuid | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    context: Context = Depends(get_context),
) -> MergePage:
    """Newest first."""
    return merges.page(context, state, customer_id, cursor, limit)


@router.get("/{merge_id}", dependencies=[Depends(desk)])
async def one(merge_id: Uuid, response: Response, context: Context = Depends(get_context)) -> MergeView:
    """With an `ETag`."""
    found = await asyncio.to_thread(merges.one, context, merge_id)
    response.headers["ETag"] = etags.etag(found.revision)
    return found


@router.post("/{merge_id}/accept", response_model=MergeView)
async def accept(
    merge_id: Uuid,
    request: MergeDecision,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(manager),
    seen: str = Depends(etags.if_match),
    context: Context = Depends(get_context),
) -> Response:
    """412 `changed_meanwhile`, 428 `if_match_needed`, 409 `decided`."""
    return await _once(
        context,
        principal,
        f"{merge_id}-accept-{key}",
        request,
        lambda uow: merges.accept(uow, context, principal, merge_id, seen, request.reason),
    )


@router.post("/{merge_id}/refuse", response_model=MergeView)
async def refuse(
    merge_id: Uuid,
    request: MergeDecision,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(manager),
    seen: str = Depends(etags.if_match),
    context: Context = Depends(get_context),
) -> Response:
    """They are two people. 412 `changed_meanwhile`, 428 `if_match_needed`, 409 `decided`."""
    return await _once(
        context,
        principal,
        f"{merge_id}-refuse-{key}",
        request,
        lambda uow: merges.refuse(uow, principal, merge_id, seen, request.reason),
    )


@router.post("/{merge_id}/end", response_model=MergeView)
async def end(
    merge_id: Uuid,
    request: MergeDecision,
    key: str = Depends(idempotency_key),
    principal: Principal = Depends(manager),
    seen: str = Depends(etags.if_match),
    context: Context = Depends(get_context),
) -> Response:
    """Un-merge: both files are what they were. 412 `changed_meanwhile`, 428 `if_match_needed`, 409 `decided`."""
    return await _once(
        context,
        principal,
        f"{merge_id}-end-{key}",
        request,
        lambda uow: merges.end(uow, context, principal, merge_id, seen, request.reason),
    )


async def _once(
    context: Context,
    principal: Principal,
    key: str,
    request: MergeRequest | MergeDecision,
    change: Callable[[UnitOfWork], MergeRow],
    *,
    status: int = 200,
) -> Response:
    """Do the change once per key, and answer with the merge as it then stood."""
    scope = f"merge:{principal.person_id or principal.device_id}"

    def work(uow: UnitOfWork) -> Answer:
        def done() -> MergeView:
            return merges.view(uow.session, context, change(uow))

        return once(uow, context.keys, scope=scope, key=key, work=done, status=status, request=request)

    answer = await context.writer.run(work)
    response = answer.response()
    response.headers["ETag"] = etags.etag(MergeView.model_validate_json(answer.body).revision)
    return response
