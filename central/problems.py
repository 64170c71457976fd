"""Errors as problem documents (RFC 9457), whatever raised them. No personal data, no values of the request."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.rest import FieldError, Problem

log = logging.getLogger(__name__)
_CODES = {413: "too_large"}


class ProblemError(Exception):
    """Raise it anywhere below a route; the caller gets the document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.headers = dict(headers or {})
        self.problem = Problem(
            title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, errors=list(errors)
        )


def problem_response(error: ProblemError) -> Response:
    return Response(
        error.problem.model_dump_json(),
        status_code=error.problem.status,
        headers=error.headers,
        media_type="application/problem+json",
    )


def not_found(what: str) -> ProblemError:
    return ProblemError(404, "not_found", f"no such {what}")


async def _known(request: Request, error: Exception) -> Response:
    return problem_response(cast(ProblemError, error))


async def _http(request: Request, error: Exception) -> Response:
    raised = cast(HTTPException, error)
    code = _CODES.get(raised.status_code) or HTTPStatus(raised.status_code).name.lower()
    return problem_response(ProblemError(raised.status_code, code, headers=raised.headers))


async def _invalid(request: Request, error: Exception) -> Response:
    raised = cast(RequestValidationError, error)
    fields = [
        FieldError(field=".".join(str(part) for part in item["loc"] if part != "body")[:200], code=str(item["type"]))
        for item in raised.errors()
    ]
    return problem_response(ProblemError(422, "invalid_request", errors=fields))


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database unavailable", extra={"error": type(error).__name__})
    return problem_response(ProblemError(503, "database_unavailable", headers={"Retry-After": "2"}))


async def _database(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return await _database_away(request, error)
    return await _unexpected(request, error)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return problem_response(ProblemError(500, "internal_error", "the server's log has the reason"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for away in (OperationalError, InterfaceError, PoolTimeout, ConnectionError):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _unexpected)
