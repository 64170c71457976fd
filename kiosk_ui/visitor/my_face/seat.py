"""Where one visitor stands on the way to their deletion, kept on the server between reloads and for minutes only."""

from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from contracts.faces_api import Certificate, FaceFile
from contracts.ids import Uuid, uuid7
from contracts.values import UtcDateTime, utc_now

_KEY = "my_face"
_MINUTES = 10
Step = Literal["phone", "code", "file", "pending", "certificate"]


class Seat(BaseModel):
    """No number is kept: a reload while it is typed begins again. `key` makes one withdrawal of many touches."""

    language: Literal["zh-CN", "en"] = "zh-CN"
    code_id: Uuid | None = None
    code_expires_at: UtcDateTime | None = None
    file: FaceFile | None = None
    withdrawal_id: Uuid | None = None
    certificate: Certificate | None = None
    key: str = Field(default_factory=uuid7)
    at: UtcDateTime = Field(default_factory=utc_now)

    @property
    def step(self) -> Step:
        if self.certificate is not None:
            return "certificate"
        if self.withdrawal_id is not None:
            return "pending"
        if self.file is not None:
            return "file"
        return "phone" if self.code_id is None else "code"

    @property
    def grant(self) -> str:
        return self.file.grant if self.file is not None else ""

    def keep(self, storage: MutableMapping[str, Any]) -> None:
        storage[_KEY] = self.model_dump(mode="json")


def resume(storage: MutableMapping[str, Any]) -> Seat:
    """The seat of a page reloaded within minutes, else a new one."""
    kept = storage.get(_KEY)
    seat = Seat.model_validate(kept) if kept else Seat()
    if utc_now() - seat.at > timedelta(minutes=_MINUTES):
        forget(storage)
        return Seat()
    return seat


def forget(storage: MutableMapping[str, Any]) -> None:
    storage.pop(_KEY, None)
