"""What stands around an agent with cameras: a network camera whose scene the test sets, and the gateway's consents."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import cv2
import paho.mqtt.client as mqtt

from contracts.events import Event
from contracts.faces import digest
from contracts.ids import uuid7
from contracts.messages import (
    Command,
    ConsentAsk,
    ConsentEntry,
    ConsentPage,
    FaceCancel,
    FaceEnrol,
    FacePreview,
    FaceStatus,
    NodeStatus,
    Reply,
)
from contracts.topics import Topic, everywhere
from contracts.values import utc_now
from tests.edge_agent.support import NODE, OFFICE, FakeGateway, topic
from tests.support.processes import until
from tests.support.scenes import Actor, compose

FPS = 10.0


class SceneCamera:
    """Motion JPEG over HTTP. Whoever `stands` there sways a little, as people do."""

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        self._size = (width, height)
        self._actors: tuple[Actor, ...] = ()
        self.sent = 0
        """Pictures written to whoever reads."""
        self._stopping = threading.Event()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with suppress(OSError):
                    camera._play(self.wfile)

            def log_message(self, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/video"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def stands(self, *pictures: str, width: float = 240) -> None:
        """Portraits by name, side by side; none: an empty room."""
        shares = [(place + 1) / (len(pictures) + 1) for place in range(len(pictures))]
        self._actors = tuple(
            Actor(picture, _swaying(share * self._size[0], self._size[1] / 2, width))
            for picture, share in zip(pictures, shares, strict=True)
        )

    def _play(self, out: Any) -> None:
        began = time.monotonic()
        while not self._stopping.wait(1 / FPS):
            image = compose(self._actors, time.monotonic() - began, *self._size)
            noisy = cv2.randn(image.copy(), 0, 3)
            taken, jpeg = cv2.imencode(".jpg", cv2.add(image, noisy), [cv2.IMWRITE_JPEG_QUALITY, 85])
            assert taken
            body = jpeg.tobytes()
            out.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"\r\n")
            self.sent += 1


def _swaying(x: float, y: float, width: float) -> Callable[[float], tuple[float, float, float]]:
    return lambda t: (x + 6 * math.sin(1.7 * t), y + 3 * math.sin(1.1 * t), width)


class ConsentGateway(FakeGateway):
    """Answers `ConsentAsk` for every node of the office, and gives the orders of an enrolment."""

    def __init__(self, port: int, lease_seconds: int = 30) -> None:
        self.lease_seconds = lease_seconds
        self.answers_asks = True
        self.asks: list[ConsentAsk] = []
        self.entries: dict[str, ConsentEntry] = {}
        self.version = 0
        self.vault_key = ""
        self.probes: list[bytes] = []
        self.others: dict[str, FaceStatus | None] = {}
        super().__init__(port)

    def __enter__(self) -> Self:
        super().__enter__()
        self.client.unsubscribe([topic(leaf) for leaf in ("events", "status", "reply")])  # or all comes twice
        for leaf in ("ask", "probe", "events", "status", "reply"):
            self.client.subscribe(everywhere(OFFICE, leaf), 1)  # type: ignore[arg-type]
        return self

    def _on_message(self, client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        said = Topic.parse(message.topic)
        if said.leaf == "ask":
            self._answer(said.node, ConsentAsk.model_validate_json(message.payload))
        elif said.leaf == "probe":
            self.probes.append(bytes(message.payload))
        elif said.node != NODE:
            self._take_other(said, bytes(message.payload))
        else:
            super()._on_message(client, userdata, message)
            if said.leaf == "status" and self.faces is not None:
                self.vault_key = self.faces.vault_key or self.vault_key

    def _take_other(self, said: Topic, payload: bytes) -> None:
        """Of a second node only what it says about faces."""
        with self.lock:
            if said.leaf == "status":
                self.others[said.node] = NodeStatus.model_validate_json(payload).faces
            elif said.leaf == "reply":
                self.replies.append(Reply.model_validate_json(payload))

    def _answer(self, node: str, ask: ConsentAsk) -> None:
        with self.lock:
            self.asks.append(ask)
            if not self.answers_asks:
                return
            whole = ask.epoch != self.epoch
            after = 0 if whole else ask.have
            entries = [e for e in self.entries.values() if e.version > after and (e.granted or not whole)]
            granted = [e for e in self.entries.values() if e.granted]
            page = ConsentPage(
                nonce=ask.nonce,
                epoch=self.epoch,
                after=after,
                through=self.version,
                whole=whole,
                more=False,
                digest=digest((e.consent_id, e.person_ref) for e in granted),
                count=len(granted),
                lease_seconds=self.lease_seconds,
                vault_node=NODE,
                vault_key=self.vault_key,
                entries=sorted(entries, key=lambda e: e.version),
            )
        self.client.publish(str(Topic(OFFICE, node, "consents")), page.model_dump_json(), qos=1)

    # ---- what the office decides --------------------------------------------------------------------------------
    def grant(self, consent_id: str | None = None, person_ref: str | None = None) -> ConsentEntry:
        with self.lock:
            self.version += 1
            entry = ConsentEntry(
                consent_id=consent_id or uuid7(),
                person_ref=person_ref or uuid7(),
                granted=True,
                until=utc_now() + timedelta(days=90),
                version=self.version,
            )
            self.entries[entry.consent_id] = entry
            return entry

    def end(self, entry: ConsentEntry) -> None:
        with self.lock:
            self.version += 1
            ended = entry.model_copy(update={"granted": False, "version": self.version})
            self.entries[entry.consent_id] = ended

    def renewed_for(self, lease_seconds: int) -> None:
        """Until the node has been given a lease of that length."""
        self.lease_seconds, asked = lease_seconds, len(self.asks)
        until(lambda: len(self.asks) >= asked + 3, seconds=20, what="the node to ask again")

    def order(self, entry: ConsentEntry, camera: str, **more: Any) -> Command:
        """`face.enrol.v1`; `id` repeats an earlier one; `node` when it is not the vault's."""
        enrol = FaceEnrol(consent_id=entry.consent_id, person_ref=entry.person_ref, seconds=more.get("seconds", 30))
        return self._send("face.enrol.v1", camera, enrol.model_dump(), more.get("id"), more.get("node", NODE))

    def cancel(self, entry: ConsentEntry, camera: str) -> Command:
        return self._send("face.cancel.v1", camera, FaceCancel(consent_id=entry.consent_id).model_dump(), None)

    def _send(self, kind: Any, camera: str, data: dict[str, Any], command_id: str | None, node: str = NODE) -> Command:
        expires_at = utc_now() + timedelta(seconds=20)
        command = Command(id=command_id or uuid7(), type=kind, device=camera, expires_at=expires_at, data=data)
        self.client.publish(str(Topic(OFFICE, node, "command")), command.model_dump_json(), qos=1)
        return command

    # ---- what it heard ------------------------------------------------------------------------------------------
    @property
    def faces(self) -> FaceStatus | None:
        with self.lock:
            return self.statuses[-1].faces if self.statuses else None

    @property
    def looks(self) -> int:
        return 0 if self.faces is None else self.faces.looks

    def reply_to(self, command: Command, nth: int = 1) -> Reply:
        def found() -> Reply | None:
            with self.lock:
                replies = [reply for reply in self.replies if reply.command_id == command.id]
            return replies[nth - 1] if len(replies) >= nth else None

        return until(found, seconds=15, what=f"reply {nth} to {command.type}")

    def preview_of(self, command: Command) -> FacePreview:
        reply = self.reply_to(command)
        assert reply.ok, reply.error
        return FacePreview.model_validate(reply.data)

    def ready(self, camera: str, *, node: str = NODE, seconds: float = 30) -> FaceStatus:
        """Until the node can match, and its camera enrol."""

        def status() -> FaceStatus | None:
            faces = self.faces if node == NODE else self.others.get(node)
            return faces if faces is not None and faces.matching and camera in faces.cameras else None

        return until(status, seconds=seconds, what=f"{camera} to be ready for faces", every=0.05)

    def outcome(self, entry: ConsentEntry, *, seconds: float = 20) -> Event:
        return until(
            lambda: next(iter(self._about(entry, "face.enrolment.v1")), None), seconds=seconds, what="the enrolment"
        )

    def recognised(self, entry: ConsentEntry) -> list[Event]:
        return self._about(entry, "face.recognised.v1")

    def forgotten(self, entry: ConsentEntry, *, seconds: float = 20) -> Event:
        return until(
            lambda: next(iter(self._about(entry, "face.forgotten.v1")), None), seconds=seconds, what="the deletion"
        )

    def _about(self, entry: ConsentEntry, kind: str) -> list[Event]:
        return [event for event in self.of_type(kind) if event.data["consent_id"] == entry.consent_id]
