"""TLS to the office's broker: whom we trust, and in words why not."""

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_EXPIRED, _NOT_YET_VALID = 10, 9
"""X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_CERT_NOT_YET_VALID (openssl, x509_vfy.h)."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the broker cannot be reached: a stable `code`, and `reason` for people."""

    code: str
    reason: str


def trouble(error: BaseException | None) -> Trouble:
    """Of what connecting raised."""
    match error:
        case ssl.SSLCertVerificationError(verify_code=code) if code == _EXPIRED:
            return Trouble("broker_certificate_expired", "the broker's certificate has expired: renew it at the broker")
        case ssl.SSLCertVerificationError(verify_code=code) if code == _NOT_YET_VALID:
            reason = "the broker's certificate is not yet valid: is this machine's clock right?"
            return Trouble("broker_certificate_early", reason)
        case ssl.SSLCertVerificationError():
            return Trouble("broker_certificate_refused", f"the broker's certificate: {error.verify_message}")
        case ssl.SSLError():
            return Trouble("broker_tls", f"no TLS with the broker: {error.reason or error}")
        case ConnectionRefusedError():
            return Trouble("broker_away", "nothing listens at the broker's address")
        case socket.gaierror():
            return Trouble("broker_away", "the broker's name is not known")
        case TimeoutError():
            return Trouble("broker_away", "the broker does not answer")
        case _:
            return Trouble("broker_away", str(error) if error is not None else "no connection")


@dataclass(slots=True)
class Authority:
    """The certificates in `file`, read again when it changed: a renewed authority needs no restart.

    What was trusted stays trusted until the agent is started anew.
    """

    file: Path
    context: ssl.SSLContext = field(init=False)
    _read: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Raises OSError when the file cannot be read, or holds no certificate."""
        self.context = ssl.create_default_context(cafile=str(self.file))
        self._read = self._stamp()

    def read_again(self) -> None:
        try:
            stamp = self._stamp()
            if stamp != self._read:
                self.context.load_verify_locations(cafile=str(self.file))
                self._read = stamp
        except OSError:
            return  # being replaced: the next attempt finds it

    def _stamp(self) -> tuple[int, int]:
        found = self.file.stat()
        return found.st_mtime_ns, found.st_size


def valid_until(opened: object) -> datetime | None:
    """When the certificate of the far end ends, or None without TLS."""
    if not isinstance(opened, ssl.SSLSocket):
        return None
    ends = (opened.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
