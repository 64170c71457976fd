"""What a reader read, on its way from a node to the gateway: sealed to the gateway's key, bound to screen and kind."""

import base64

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.boxes import BoxError, open_bytes, seal_bytes
from contracts.events import CodeRead
from contracts.ids import uuid7

_PURPOSE = b"anchang-reading-1"


class ReadingContent(BaseModel):
    """A code's `text`; or of an identity card its `number` and the holder's `name`, and nothing else of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    text: str = ""
    number: str = ""
    name: str = ""

    def __repr__(self) -> str:
        return "ReadingContent()"


def seal(content: ReadingContent, to: bytes, *, screen: str) -> CodeRead:
    """`to`: the gateway's X25519 public key. Raises BoxError when it is no key."""
    kind = "id_card" if content.number else "code"
    empty = CodeRead(reading=uuid7(), screen=screen, kind=kind, sealed="")
    sealed = seal_bytes(content.model_dump_json().encode(), to, purpose=_PURPOSE, bound=_bound(empty))
    return empty.model_copy(update={"sealed": base64.b64encode(sealed).decode()})


def unseal(read: CodeRead, private: X25519PrivateKey) -> ReadingContent:
    """Raises BoxError; the text never contains what is inside."""
    try:
        sealed = base64.b64decode(read.sealed, validate=True)
    except ValueError:
        raise BoxError("a sealed reading is not base64") from None
    body = open_bytes(sealed, private, purpose=_PURPOSE, bound=_bound(read))
    try:
        return ReadingContent.model_validate_json(body)
    except ValidationError:
        raise BoxError("a sealed reading opens to something else") from None


def _bound(read: CodeRead) -> bytes:
    return f"{read.reading} {read.screen} {read.kind}".encode()
