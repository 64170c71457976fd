"""A bound on every request's body: the framework reads it into memory before it asks who is calling."""

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.problems import ProblemError, problem_response

MAX_BODY_BYTES = 8 * 1024 * 1024
"""A full batch of events, several times over."""
_DETAIL = f"at most {MAX_BODY_BYTES} bytes in a request"


class BodyLimit:
    """Answers 413 `too_large`, also to a body that does not announce its size."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > MAX_BODY_BYTES:
            await problem_response(ProblemError(413, "too_large", _DETAIL))(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, _DETAIL)  # the one exception that the framework's body parser lets through
            return message

        await self._app(scope, counted, send)
