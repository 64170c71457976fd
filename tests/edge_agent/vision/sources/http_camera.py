"""A network camera that sends Motion JPEG over HTTP, as well or as badly as a test wants."""

import hashlib
import re
import socketserver
import threading
import time
from base64 import b64encode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.edge_agent.vision.sources.pictures import jpeg, room

USER, REALM, NONCE = "anna", "cam", "5f2d"


class HttpCamera:
    """Every attribute may be changed while it sends. `login`: "", "basic" or "digest"."""

    def __init__(self, port: int = 0, password: str = "", login: str = "") -> None:
        self.password, self.login = password, login
        self.status = 200
        self.fps = 20.0
        self.parts = [jpeg(room(shade)) for shade in (60, 90, 120, 150, 180)]
        self.between = b"\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n"
        self.stalled = False
        self.hang_up = threading.Event()
        self.logins = 0
        self.connections = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.camera = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, user: str = "") -> str:
        return f"http://{user + '@' if user else ''}127.0.0.1:{self.port}/video?token=hidden-in-url"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    camera: HttpCamera


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server) and isinstance(self.server, socketserver.BaseServer)
        camera = self.server.camera
        camera.connections += 1
        if camera.login and not self._let_in(camera):
            challenge = {
                "basic": f'Basic realm="{REALM}"',
                "digest": f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth,auth-int", algorithm=MD5, opaque="o"',
            }
            self.send_response(401)
            self.send_header("WWW-Authenticate", challenge[camera.login])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(camera.status)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=wrong-on-purpose")
        self.end_headers()
        with suppress(OSError):
            self._send(camera)

    def _send(self, camera: HttpCamera) -> None:
        number = 0
        while not camera.hang_up.is_set():
            if not camera.stalled:
                self.wfile.write(camera.between + camera.parts[number % len(camera.parts)])
                number += 1
            time.sleep(1 / camera.fps)

    def _let_in(self, camera: HttpCamera) -> bool:
        said = self.headers.get("Authorization", "")
        if not said:
            return False
        camera.logins += 1
        if camera.login == "basic":
            return said == "Basic " + b64encode(f"{USER}:{camera.password}".encode()).decode()
        found = dict(re.findall(r'(\w+)="?([^",]+)"?', said.removeprefix("Digest ")))
        who, what = (_md5(f"{USER}:{REALM}:{camera.password}"), _md5(f"GET:{self.path}"))
        expected = _md5(f"{who}:{NONCE}:{found.get('nc')}:{found.get('cnonce')}:auth:{what}")
        return found.get("uri") == self.path and found.get("response") == expected


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
