"""One HTTP client for all that leaves: no redirects, no proxies of the environment, short answers, a deadline."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import httpx

from gateway.outbound.domain import AddressError, check_address

ANSWER_BYTES = 16 * 1024
_TOTAL_FACTOR = 3
"""A server that trickles is given so many times its time in all."""


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed: read once, not by every client."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


class SendError(Exception):
    """It was not taken. `code` is stable and names nobody; `retry_after` is in seconds, when the server said so."""

    def __init__(self, code: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code, self.permanent, self.retry_after = code, permanent, retry_after


class OutboundClient:
    """Sends to configured hosts only."""

    def __init__(self, hosts: Sequence[str], timeout_seconds: float) -> None:
        self._hosts, self._timeout = hosts, timeout_seconds
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, follow_redirects=False, trust_env=False, verify=_trust()
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """The answer of a server that took it (2xx). Raises SendError for anything else."""
        try:
            check_address(url, self._hosts)
        except AddressError:
            raise SendError("host_not_allowed", permanent=True) from None
        try:
            async with asyncio.timeout(self._timeout * _TOTAL_FACTOR):
                reply = await self._post(url, body, {"Content-Type": "application/json", **headers})
        except (TimeoutError, httpx.TimeoutException):
            raise SendError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SendError(f"no_answer:{type(error).__name__}") from None
        return reply

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        async with self._http.stream("POST", url, content=body, headers=headers) as answer:
            if not answer.is_success:
                raise _refused(answer)
            read = b""
            async for chunk in answer.aiter_bytes():
                read += chunk
                if len(read) > ANSWER_BYTES:
                    raise SendError("answer_too_long")
            return Reply(answer.status_code, read)


def _refused(answer: httpx.Response) -> SendError:
    if answer.is_redirect or answer.status_code == httpx.codes.NOT_MODIFIED:
        return SendError("redirect_refused", permanent=True)
    wait = answer.headers.get("retry-after", "")
    return SendError(
        f"status_{answer.status_code}",
        permanent=answer.status_code == httpx.codes.GONE,
        retry_after=float(wait) if wait.isdigit() else None,
    )
