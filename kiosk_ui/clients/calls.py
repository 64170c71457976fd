"""What the routes of `GatewayClient` are made with; each feature's routes are a part of it."""

from abc import ABC, abstractmethod
from typing import Any

from pydantic import BaseModel


class Calls(ABC):
    """Each call raises GatewayUnreachableError, GatewayProblemError or SignedOutError."""

    @abstractmethod
    async def _call(
        self,
        token: str,
        method: str,
        path: str,
        body: BaseModel | None = None,
        *,
        key: str = "",
        grant: str = "",
        seen: str = "",
        params: dict[str, str | int] | None = None,
    ) -> Any:
        """`key` makes it one call however often it is sent; `seen` is the ETag of what it changes."""
