"""What readers beside a screen share: sealing to the gateway, and not telling the same thing again and again."""

import hashlib
import os
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field

from contracts.boxes import BoxError, read_public_key
from contracts.events import CodeRead
from contracts.ids import Slug
from contracts.readings import ReadingContent, seal
from edge_agent.devices.base import SerialConfig
from edge_agent.mistakes import unfit


def _is_key(text: str) -> str:
    try:
        read_public_key(text)
    except BoxError as error:
        raise unfit("reader_key") from error
    return text


class ReadingConfig(SerialConfig):
    """`screen`: the kiosk beside it, by the name it has in gateway.toml, or `reception`.

    `gateway_key`: what `python -m gateway --config FILE --reader-key` prints: only that gateway can open what is read.
    `again_seconds`: the same thing held before the reader is told once.
    """

    screen: Slug
    gateway_key: Annotated[str, AfterValidator(_is_key)]
    again_seconds: Annotated[float, Field(ge=0, le=60)] = 3.0


@dataclass(slots=True)
class Teller:
    """Seals what is new. Remembers of the last reading only a digest under a key that ends with the process."""

    config: ReadingConfig
    _salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    _last: bytes = b""
    _at: float = 0.0

    def tell(self, content: ReadingContent, now: float) -> CodeRead | None:
        """The event, or None while the same thing is held there. Time in seconds."""
        digest = hashlib.blake2b(content.model_dump_json().encode(), key=self._salt).digest()
        again = digest == self._last and now - self._at <= self.config.again_seconds
        self._last, self._at = digest, now
        if again:
            return None
        return seal(content, read_public_key(self.config.gateway_key), screen=self.config.screen)
