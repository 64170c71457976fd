"""Somebody else's server on this machine: real sockets, told how to answer, and a check of signatures of its own."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
TAKEN = {"errcode": 0, "errmsg": "ok"}


def says(status: str, *headers: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers))
    return f"{head}Content-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content


DIES = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
"""Half an answer, then the connection is gone."""
SILENT = b""
"""The connection stays, and nothing comes."""


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed(self, secret: str = SECRET) -> bool:
        """As the published specification of Standard Webhooks says, written apart from the product."""
        key = base64.b64decode(secret.split("_", 1)[1])
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return self.headers["webhook-signature"] == f"v1,{wanted}"


@dataclass
class Receiver:
    """Answers `OK`, but first whatever is in `answers`."""

    port: int = 0
    answer: bytes = OK
    answers: deque[bytes] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.received.append(Received(head[0].split(" ")[1], headers, body))
        self.arrived.set()
        answer = self.answers.popleft() if self.answers else self.answer
        if answer == SILENT:
            with contextlib.suppress(ConnectionError):
                await reader.read()  # until the other side gives up
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.port = int(server.sockets[0].getsockname()[1])
    try:
        yield receiver
    finally:
        server.close()
