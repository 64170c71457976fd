"""Hashes of sign-in PINs: scrypt (RFC 7914), salted, compared in constant time."""

import asyncio
import base64
import hashlib
import hmac
import os
from concurrent.futures import ThreadPoolExecutor

_N, _R, _P = 2**14, 8, 1
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pin")
"""Each hash takes 16 MiB, which a thread's allocator keeps: one thread keeps it once, a pool of them many times."""


def hash_pin(pin: str) -> str:
    salt = os.urandom(16)
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=_N, r=_R, p=_P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def verify_pin(pin: str, stored: str) -> bool:
    """False for a wrong PIN; raises ValueError for a text that is no hash of ours."""
    scheme, n, r, p, salt, digest = stored.split("$")
    if scheme != "scrypt":
        raise ValueError(f"unknown PIN hash scheme {scheme!r}")
    made = hashlib.scrypt(pin.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p))
    return hmac.compare_digest(made, base64.b64decode(digest))


async def check_pin(pin: str, stored: str) -> bool:
    """`verify_pin` beside the event loop, one at a time."""
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, verify_pin, pin, stored)
