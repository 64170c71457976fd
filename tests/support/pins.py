"""PINs for tests: the format that the programs read, at a cost that does not slow every sign-in."""

import base64
import hashlib

_N, _R, _P = 16, 8, 1
_SALT = b"a test's salt 16"


def quick_hash(pin: str) -> str:
    digest = hashlib.scrypt(pin.encode(), salt=_SALT, n=_N, r=_R, p=_P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(_SALT).decode()}${base64.b64encode(digest).decode()}"
