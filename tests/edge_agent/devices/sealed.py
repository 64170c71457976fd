"""A gateway's key of the tests, and what was sealed to it."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contracts.events import CodeRead
from contracts.readings import ReadingContent, unseal

PRIVATE = X25519PrivateKey.generate()
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
BESIDE = {"screen": "kiosk-1", "gateway_key": PUBLIC}


def opened(event: Any) -> ReadingContent:
    assert isinstance(event, CodeRead)
    return unseal(event, PRIVATE)
