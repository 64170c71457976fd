"""Errors on the wire: RFC 9457 problem documents, for what we raise, for validation, and for the unexpected."""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from contracts.rest import FieldError, Problem

log = logging.getLogger(__name__)
RETRY_SECONDS = 5
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")
_CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class ProblemError(Exception):
    """Answered as a problem document. `code` is stable and translated by the screens; no personal data in `detail`."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


def response(error: ProblemError) -> JSONResponse:
    body = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.detail,
        errors=error.errors,
    )
    return JSONResponse(
        body.model_dump(mode="json"),
        status_code=error.status,
        headers=error.headers,
        media_type="application/problem+json",
    )


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Translate pydantic's errors: a ValueError whose text is a code keeps it, others carry pydantic's error type."""
    return [FieldError(field=_field(error["loc"]), code=_error_code(error)) for error in errors]


def _field(place: Sequence[str | int]) -> str:
    outer = {"body", "query", "path", "header"}
    names = [str(step) for index, step in enumerate(place) if index > 0 or step not in outer]
    return ".".join(names)


def _error_code(error: Mapping[str, Any]) -> str:
    raised = str((error.get("ctx") or {}).get("error", ""))
    return raised if _CODE.match(raised) else str(error["type"])


async def _on_problem(request: Request, error: ProblemError) -> JSONResponse:
    return response(error)


async def _on_validation(request: Request, error: RequestValidationError) -> JSONResponse:
    return response(
        ProblemError(422, "invalid", "the request does not have the right shape", field_errors(error.errors()))
    )


async def _on_http(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODES.get(error.status_code, "http_error")
    return response(ProblemError(error.status_code, code, str(error.detail), headers=error.headers))


async def _on_storage(request: Request, error: Exception) -> JSONResponse:
    """A full disk, or a database that somebody else holds: nothing was done, and the same request may be sent again."""
    log.error("the database could not be used", extra={"path": request.url.path, "error": type(error).__name__})
    said = "the database could not be used, a full disk perhaps: nothing was done, send it again"
    return response(ProblemError(503, "storage_unavailable", said, headers={"Retry-After": str(RETRY_SECONDS)}))


async def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", extra={"path": request.url.path, "error": type(error).__name__}, exc_info=error)
    return response(ProblemError(500, "internal", "the gateway failed to answer; its log says why"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _on_problem)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _on_validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _on_http)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _on_storage)
    app.add_exception_handler(PoolTimeoutError, _on_storage)
    app.add_exception_handler(Exception, _on_unexpected)
