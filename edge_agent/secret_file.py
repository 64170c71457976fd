"""A secret of this node in a file of its own: 32 random bytes, base64, mode 0600, made when it is first needed."""

import base64
import os
from contextlib import suppress
from pathlib import Path

from contracts.reasons import ReasonedError, name_of

SECRET_BYTES = 32


class SecretFileError(ReasonedError):
    """The file cannot be used; the reason says why and what to do, and never what is in it."""


def load_or_make(path: Path) -> bytes:
    """The 32 bytes. Raises SecretFileError when the file is open to others, damaged or cannot be made."""
    try:
        if not path.exists():
            _make(path)
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise SecretFileError("key_open", file=str(path))
            secret = base64.b64decode(file.read(256).strip(), validate=True)
    except OSError as error:
        raise SecretFileError("key_error", file=str(path), error=name_of(error)) from error
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SecretFileError("key_damaged", file=str(path))
    return secret


def _make(path: Path) -> None:
    """Whole or not at all; one that is there already stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(SECRET_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
