"""Somebody else's server, in this process with threads of its own: it notes what comes and may keep callers waiting."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@dataclass
class Hook:
    """What came to one path, by the id that each message carries. Only while `open` is set does it answer."""

    open: threading.Event = field(default_factory=threading.Event)
    came: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)

    @property
    def unanswered(self) -> set[str]:
        return set(self.came) - set(self.answered)


class Listener:
    """A server on loopback with one `Hook` for each path."""

    def __init__(self, *paths: str) -> None:
        self.hooks = {path: Hook() for path in paths}
        hooks = self.hooks

        class Handler(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.1"

            def do_POST(self) -> None:
                hook, message_id = hooks[self.path], self.headers["webhook-id"]
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.bodies.setdefault(message_id, set()).add(body)
                hook.came.append(message_id)
                hook.open.wait()
                with contextlib.suppress(ConnectionError):  # whoever asked was killed
                    self.send_response(204)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    hook.answered.append(message_id)

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  (the library's name)
                """Nothing: the notes above are the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for hook in self.hooks.values():
            hook.open.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def listening(*paths: str) -> Iterator[Listener]:
    listener = Listener(*paths)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()
