"""Sealing one look at a face to the vault's key (`contracts.boxes`): the probe's id and expiry are bound in."""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import ValidationError

from contracts.boxes import BoxError, open_bytes, seal_bytes
from contracts.messages import ProbeContent, SealedProbe


def seal_probe(content: ProbeContent, to: bytes, *, probe_id: str, expires_at: datetime) -> SealedProbe:
    """Raises BoxError when `to` is no key."""
    body = content.model_dump_json(exclude_defaults=True).encode()
    sealed = seal_bytes(body, to, purpose=b"anchang-probe-1", bound=_bound(probe_id, expires_at))
    return SealedProbe(id=probe_id, expires_at=expires_at, sealed=base64.b64encode(sealed).decode())


def open_probe(probe: SealedProbe, private: X25519PrivateKey) -> ProbeContent:
    """Raises BoxError."""
    try:
        sealed = base64.b64decode(probe.sealed, validate=True)
    except ValueError:
        raise BoxError("a sealed probe is not base64") from None
    body = open_bytes(sealed, private, purpose=b"anchang-probe-1", bound=_bound(probe.id, probe.expires_at))
    try:
        return ProbeContent.model_validate_json(body)
    except ValidationError:
        # Without the cause: it quotes the vector.
        raise BoxError("a sealed probe opens to something else") from None


def _bound(probe_id: str, expires_at: datetime) -> bytes:
    return f"{probe_id} {expires_at.timestamp():.6f}".encode()
