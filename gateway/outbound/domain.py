"""Pure rules of sending out: addresses, signatures, when to try again.

Signatures are those of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64, with
`v1,` before it; a secret is `whsec_` and base64 of 24 to 64 bytes; a receiver refuses timestamps over 5 minutes away.
"""

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
SECRET_PREFIX = "whsec_"  # noqa: S105  (the mark of a secret, not one)
_SECRET_BYTES = range(24, 65)


class AddressError(ValueError):
    """An address that nothing is sent to; the text says why."""


def check_address(url: str, hosts: Iterable[str]) -> str:
    """The url itself when it may be sent to: a configured host, https unless loopback, nothing but host and path.

    Raises AddressError.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError("not an address") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressError("an address carries no user, password or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise AddressError("https is needed, but for this machine itself")
    if host not in {allowed.lower() for allowed in hosts}:
        raise AddressError("the host is not among those of [outbound] hosts")
    return url


def is_loopback(host: str) -> bool:
    """By address only, and `localhost`: another name may mean anything tomorrow."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def key_of(secret: str) -> bytes:
    """Raises ValueError for anything but `whsec_` and base64 of 24 to 64 bytes."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    if not secret.startswith(SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ValueError("a webhook secret is whsec_ and base64 of 24 to 64 bytes")
    return key


def signed_headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks; `timestamp` in whole seconds since 1970."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}


def wait_after(failures: int, chance: float) -> timedelta:
    """Doubling from a second to five minutes; `chance` (0 to 1) takes up to half of it away, so that not all come at
    once."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * float(1 << min(max(failures, 1) - 1, 20)))
    return longest * (1.0 - 0.5 * chance)
