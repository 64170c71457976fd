"""Where a network camera is, and who may look: the password is read from its file and stays in memory."""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from contracts.reasons import name_of
from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import SourceError

_PORTS = {"rtsp": 554, "http": 80, "https": 443}
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """`name` is what reasons and logs show: no path and no query either, since some cameras want passwords there."""

    scheme: str
    host: str
    port: int
    target: str
    login: Login | None

    @property
    def name(self) -> str:
        return self._place if self.port == _PORTS[self.scheme] else f"{self._place}:{self.port}"

    @property
    def url(self) -> str:
        """Without user name and password."""
        return f"{self.scheme}://{self.name}{self.target}"

    def url_with_login(self) -> str:
        """For a library that takes everything in one string. Never to be shown."""
        login = ""
        if self.login is not None:
            login = f"{quote(self.login.username, safe='')}:{quote(self.login.password, safe='')}@"
        return f"{self.scheme}://{login}{self._place}:{self.port}{self.target}"

    @property
    def _place(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def name(config: NetworkSource) -> str:
    """What reasons call the camera: `Address.name`, without reading a password."""
    parts = urlsplit(config.url)
    return Address(parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme], "/", None).name


def address(config: NetworkSource) -> Address:
    """Reads the password file anew, so that a changed password needs no restart. Raises SourceError."""
    parts = urlsplit(config.url)
    port = parts.port or _PORTS[parts.scheme]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    login = Login(unquote(parts.username), _password(config.password_file)) if parts.username else None
    return Address(parts.scheme, parts.hostname or "", port, target, login)


def _password(file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("camera_password", file=file, error=name_of(error)) from error


def authorization(challenges: list[str], login: Login, method: str, uri: str) -> str | None:
    """The answer to `WWW-Authenticate` headers; None when none is understood. Digest (RFC 7616, 2617) before Basic."""
    for challenge in challenges:
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "digest":
            return _digest(parse_keqv_list(parse_http_list(rest)), login, method, uri)
    if any(challenge.split(" ")[0].lower() == "basic" for challenge in challenges):
        return "Basic " + b64encode(f"{login.username}:{login.password}".encode()).decode()
    return None


def _digest(asked: dict[str, str], login: Login, method: str, uri: str) -> str | None:
    name = _HASHES.get(asked.get("algorithm", "MD5").upper())
    if name is None or "nonce" not in asked or "realm" not in asked:
        return None

    def hashed(*parts: str) -> str:
        return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

    said = {"username": login.username, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri}
    who = hashed(login.username, asked["realm"], login.password)
    what = hashed(method, uri)
    bare = ""
    if "auth" in (word.strip() for word in asked.get("qop", "").split(",")):
        own = secrets.token_hex(8)
        said |= {"cnonce": own, "response": hashed(who, asked["nonce"], "00000001", own, "auth", what)}
        bare = ", qop=auth, nc=00000001"
    else:
        said["response"] = hashed(who, asked["nonce"], what)
    said |= {key: asked[key] for key in ("opaque",) if key in asked}
    if "algorithm" in asked:
        bare += f", algorithm={asked['algorithm']}"
    return "Digest " + ", ".join(f'{key}="{value}"' for key, value in said.items()) + bare
