"""What both ends of the consent copy compute alike."""

import hashlib
from collections.abc import Iterable

EMPTY = "0" * 64


def digest(granted: Iterable[tuple[str, str]]) -> str:
    """Fingerprint of a set of (consent_id, person_ref), whatever its order: SHA-256 of each, added modulo 2²⁵⁶, in hex.

    Adding lets either end keep it up to date one entry at a time.
    """
    total = sum(entry_digest(consent_id, person_ref) for consent_id, person_ref in granted)
    return f"{total % 2**256:064x}"


def entry_digest(consent_id: str, person_ref: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{consent_id} {person_ref}".encode()).digest(), "big")
