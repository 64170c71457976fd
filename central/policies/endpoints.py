"""The rules of an office."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from central.access import roles
from central.etags import IfMatch, etag
from central.policies import service
from central.problems import ProblemError
from central.runtime import RuntimeDep
from contracts.channels_api import PolicyView
from contracts.ids import Slug
from contracts.policy import PolicyConfig
from contracts.policy_check import Mistake, contradictions, misread, reader_of
from contracts.rest import FieldError


class PolicyRoute(APIRoute):
    """Says of every mistake in a policy what is wrong, where, and what to do, in the language of who sent it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def said(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                if request.method != "PUT":
                    raise
                found = [{**each, "loc": [step for step in each["loc"] if step != "body"]} for each in error.errors()]
                raise _refused(request, misread(found)) from None

        return said


router = APIRouter(tags=["policies"], route_class=PolicyRoute)


@router.put("/v1/offices/{office}/policy", **roles("admin"))
async def put_policy(
    runtime: RuntimeDep,
    request: Request,
    office: Slug,
    body: PolicyConfig,
    response: Response,
    if_match: IfMatch = None,
) -> PolicyView:
    """Replace the rules that the office works by; what is left out takes its default.

    The first time without `If-Match`; then 412 `changed_meanwhile`, 428 `if_match_needed`. 422 with a sentence for each
    mistake, in Chinese where `Accept-Language` asks for it.
    """
    if mistakes := contradictions(body):
        raise _refused(request, mistakes)
    put = await service.put(runtime, office, body, if_match)
    response.headers["ETag"] = etag(put.version)
    return put


@router.get("/v1/offices/{office}/policy", **roles("manager"))
async def policy(runtime: RuntimeDep, office: Slug, response: Response) -> PolicyView:
    found = await service.read(runtime, office)
    response.headers["ETag"] = etag(found.version)
    return found


def _refused(request: Request, mistakes: list[Mistake]) -> ProblemError:
    reader = reader_of(request.headers.get("accept-language"))
    return ProblemError(
        422,
        "invalid_request",
        "\n".join(mistake.sentence(reader) for mistake in mistakes),
        errors=[FieldError(field=mistake.field, code=mistake.code) for mistake in mistakes],
    )
