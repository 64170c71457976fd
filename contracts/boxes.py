"""Sealed to one reader: ephemeral X25519 (RFC 7748), HKDF-SHA256 (RFC 5869), AES-256-GCM.

The key of each message is derived once and thrown away with its private half, so that not even the sender can open what
it sent. `bound` is needed to open it: what it says cannot be changed on the way.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PUBLIC, _NONCE, _TAG = 32, 12, 16


class BoxError(ValueError):
    """A sealed message does not open, or a key is none; the text never contains what is inside."""


def seal_bytes(content: bytes, to: bytes, *, purpose: bytes, bound: bytes) -> bytes:
    """Public key (32 bytes), nonce (12), ciphertext. `to`: the X25519 public key; `bound` is needed to open it.

    Raises BoxError when `to` is no key.
    """
    single_use = X25519PrivateKey.generate()
    own = single_use.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        shared = single_use.exchange(X25519PublicKey.from_public_bytes(to))
    except ValueError as error:
        raise BoxError("that is not an X25519 public key") from error
    nonce = os.urandom(_NONCE)
    return own + nonce + AESGCM(_derive(shared, own, to, purpose)).encrypt(nonce, content, bound)


def open_bytes(sealed: bytes, private: X25519PrivateKey, *, purpose: bytes, bound: bytes) -> bytes:
    """Raises BoxError."""
    if len(sealed) < _PUBLIC + _NONCE + _TAG:
        raise BoxError("a sealed message is too short")
    own, nonce, body = sealed[:_PUBLIC], sealed[_PUBLIC : _PUBLIC + _NONCE], sealed[_PUBLIC + _NONCE :]
    to = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(own))
        return AESGCM(_derive(shared, own, to, purpose)).decrypt(nonce, body, bound)
    except (ValueError, InvalidTag):
        raise BoxError("a sealed message does not open: damaged, changed, or sealed to another key") from None


def read_public_key(text: str) -> bytes:
    """The 32 bytes of a public key in base64. Raises BoxError."""
    try:
        key = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != _PUBLIC:
        raise BoxError("a public key is 32 bytes in base64")
    return key


def _derive(shared: bytes, own: bytes, to: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose + own + to).derive(shared)
