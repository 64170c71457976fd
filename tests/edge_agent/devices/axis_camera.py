"""A camera that answers as AXIS People Counter does, with digest authorisation, and can misbehave."""

import contextlib
import hashlib
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATH = "/local/tvpc/.api?live-sum.json"
_REALM, _NONCE = "AXIS_00408CAC512B", "d41d8cd98f00b204"


class AxisCamera:
    """`certificate`: a folder with `server.crt` and `server.key`, for https.

    `answer`: what a request gets; `mood`: `good`, `redirect`, `huge`, `slow`, `slow headers` or `error`.
    """

    def __init__(self, password: str = "", certificate: Path | None = None) -> None:
        self.password = password
        self.answer: Any = {}
        self.mood = "good"
        self.asked = 0
        self.offered: list[str] = []
        camera = self

        class Request(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    camera.serve(self)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
        self._server.daemon_threads = True
        host = f"localhost:{self._server.server_address[1]}"
        self.url = f"http{'s' if certificate else ''}://{host}{PATH}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "server.crt", certificate / "server.key")
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        offered = request.headers.get("Authorization", "")
        self.offered.append(offered.partition(" ")[0])
        if self.password and not self._knows(offered):
            request.send_response(401)
            request.send_header("WWW-Authenticate", f'Digest realm="{_REALM}", nonce="{_NONCE}", qop="auth"')
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        body = json.dumps(self.answer).encode() if self.mood != "huge" else b" " * 100_000
        if self.mood == "slow headers":
            for byte in b"HTTP/1.1 200 OK" * 9:
                request.wfile.write(bytes((byte,)))
                time.sleep(0.05)
        request.send_response({"redirect": 302, "error": 500}.get(self.mood, 200))
        if self.mood == "redirect":
            request.send_header("Location", self.url.replace("tvpc", "elsewhere"))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        for byte in body if self.mood == "slow" else ():
            request.wfile.write(bytes((byte,)))
            time.sleep(0.05)
        if self.mood != "slow":
            request.wfile.write(body)

    def _knows(self, offered: str) -> bool:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', offered))
        if not offered.startswith("Digest ") or told.get("uri") != PATH:
            return False
        user = _md5(f"{told['username']}:{_REALM}:{self.password}")
        middle = f"{told['nonce']}:{told['nc']}:{told['cnonce']}:{told['qop']}"
        return bool(told["response"] == _md5(f"{user}:{middle}:{_md5(f'GET:{PATH}')}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
