"""Sealed envelopes: personal data on its way from an office to central, readable by nobody in between.

AES-256-GCM (NIST SP 800-38D) with a 96-bit random nonce; the associated data is the id of the record, so that an
envelope cannot be moved to another person. One key per office, held in a secret file at both ends.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

_NONCE = 12


class SealError(ValueError):
    """The envelope is damaged, was made with another key, or belongs to another record."""


class CustomerSecret(BaseModel):
    """What `CustomerRecorded.sealed` holds."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    phone: str | None = None
    name: str = ""


class Sealer:
    """Seals and opens text with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError(f"a sealing key is 32 bytes, got {len(key)}")
        self._aead = AESGCM(key)

    def seal(self, text: str, *, record: str) -> str:
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._aead.encrypt(nonce, text.encode(), record.encode())).decode()

    def open(self, sealed: str, *, record: str) -> str:
        """Raises SealError."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._aead.decrypt(raw[:_NONCE], raw[_NONCE:], record.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise SealError("sealed text cannot be opened: damaged, another key, or another record") from error
