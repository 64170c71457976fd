"""Whose badge it is, and when reading it again is another passage (ADR 061).

A number never leaves this module: what travels is its digest under the node's own key.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.events import BadgeRead
from contracts.marks_api import NonCustomerReason
from edge_agent.devices.base import BaseDeviceConfig, DeviceError
from edge_agent.mistakes import unfit
from edge_agent.secret_file import SecretFileError, load_or_make

UNNAMED = {"key_file": "/var/lib/anchang-keys/badges.key", "staff": ["number-of-a-staff-badge"]}
"""What a guess says of whose badges count: nobody's, until the installer writes them in."""
_DIGEST_CHARACTERS = 32
_REMEMBERED = 4096


class Held(BaseDeviceConfig):
    """Whose badges count here; every other one is put aside: a customer's own card must not take them out of the count.

    `staff`: the numbers of those who work here, or `any` where only they can reach the reader. `non_customers`: numbers
    of badges lent to couriers, cleaners and inspectors, with the reason. `leaving`: this reader is passed on the way
    out. `key_file`: made when first needed; the same on every node of the office, or a badge read at two nodes is two
    people. `again_seconds`: a badge held before the reader is read once.
    """

    key_file: Path
    staff: Literal["any"] | list[str] = Field(default_factory=list)
    non_customers: dict[str, NonCustomerReason] = Field(default_factory=dict)
    leaving: bool = False
    again_seconds: Annotated[float, Field(ge=0, le=60)] = 3.0

    @model_validator(mode="after")
    def _somebody(self) -> "Held":
        if not self.staff and not self.non_customers:
            raise unfit("no_badge")
        return self


def plain(number: str) -> str:
    """One way to write a number: blanks, commas, colons and hyphens are how people and readers group it."""
    return "".join(character for character in number.upper() if character not in " ,:-.")


@dataclass(slots=True)
class Badges:
    """Pure but for the key, which is given. Time in seconds."""

    config: Held
    key: bytes = field(repr=False)
    _last: dict[str, float] = field(default_factory=dict)

    @classmethod
    def open(cls, config: Held) -> "Badges":
        """Raises DeviceError when the key file cannot be used."""
        try:
            return cls(config, load_or_make(config.key_file))
        except SecretFileError as error:
            raise DeviceError(error.reason) from error

    def read(self, names: tuple[str, ...], now: float) -> BadgeRead | None:
        """The event for a badge with these `names` (ways to write its number, the first is digested), or None while it
        is held there. Raises LookupError for one that is not configured.
        """
        digest = self._digest(names[0])
        kind, reason = self._meaning({plain(name) for name in names})
        before = self._last.get(digest)
        self._remember(digest, now)
        if before is not None and now - before <= self.config.again_seconds:
            return None
        return BadgeRead(badge=digest, kind=kind, reason=reason, leaving=self.config.leaving)

    def _meaning(self, names: set[str]) -> tuple[Literal["staff", "non_customer"], NonCustomerReason]:
        for number, reason in self.config.non_customers.items():
            if plain(number) in names:
                return "non_customer", reason
        staff = self.config.staff
        if staff == "any" or any(plain(number) in names for number in staff):
            return "staff", "other"
        raise LookupError("a badge that is not configured")

    def _digest(self, number: str) -> str:
        return hmac.new(self.key, plain(number).encode(), hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]

    def _remember(self, digest: str, now: float) -> None:
        self._last[digest] = now
        if len(self._last) > _REMEMBERED:
            self._last = {known: at for known, at in self._last.items() if now - at <= self.config.again_seconds}
