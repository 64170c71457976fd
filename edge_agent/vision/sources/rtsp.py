"""RTSP through FFmpeg, with questions of our own around it.

FFmpeg in OpenCV says only that it failed, and while it waits for one dead camera no other can be opened in the same
process (measured: 4.7 s). So a plain OPTIONS (RFC 2326, 10.1) goes first, with its own time-out; and when FFmpeg fails,
a DESCRIBE (10.2) asks the camera why. Not before: servers are still busy with the first DESCRIBE when FFmpeg comes.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import Parser

from contracts.reasons import name_of
from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import LoginRefusedError, SourceError
from edge_agent.vision.sources.address import Address, address, authorization, name
from edge_agent.vision.sources.capture import Capture, CaptureStream, OpenCapture, cv2
from edge_agent.vision.sources.live import Patience

ANSWER_SECONDS = 4.0
OPEN_SECONDS = 6.0
"""For FFmpeg to find out what is in the stream: it waits for a whole key picture."""
PATIENCE = Patience(first=30.0)
"""Cameras are opened one after another, 2 to 3 s each: the eighth of them has its first picture after 24 s."""
READ_SECONDS = 3.0
_LONGEST_ANSWER = 64 * 1024
_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_one_opens = threading.Lock()


class RtspStream(CaptureStream):
    def __init__(self, config: NetworkSource, capture: OpenCapture = cv2.VideoCapture) -> None:
        super().__init__()
        self._config = config
        self._open_capture = capture
        self._unwanted = threading.Event()

    def interrupt(self) -> None:
        """While it waits for its turn to be opened; FFmpeg itself ends by its time-outs."""
        self._unwanted.set()

    def _connect(self) -> Capture:
        camera = address(self._config)
        _request(camera, "OPTIONS", ANSWER_SECONDS)
        with _transport(self._config.transport):
            if self._unwanted.is_set():
                raise SourceError("camera_closed", camera=camera.name)
            capture = self._open_capture(
                camera.url_with_login(),
                cv2.CAP_FFMPEG,
                [
                    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_SECONDS * 1000)),
                    *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_SECONDS * 1000)),
                ],
            )
        if not capture.isOpened():
            capture.release()
            explain(camera)
            raise SourceError("camera_no_video", camera=camera.name, transport=self._config.transport)
        return capture

    def _ended(self) -> SourceError:
        return SourceError("camera_broke_off", camera=name(self._config))


@contextmanager
def _transport(name: str) -> Iterator[None]:
    """FFmpeg inside OpenCV takes the transport from the environment alone, which all cameras of a process share."""
    with _one_opens:
        os.environ[_OPTIONS] = f"rtsp_transport;{name}"
        try:
            yield
        finally:
            del os.environ[_OPTIONS]


def explain(camera: Address, timeout: float = ANSWER_SECONDS) -> None:
    """Raises SourceError when the camera says why there is no stream for us, LoginRefusedError for a wrong password."""
    status, headers = _request(camera, "DESCRIBE", timeout)
    if status == 401 and camera.login is not None:
        challenges = headers.get_all("WWW-Authenticate", [])
        answer = authorization(challenges, camera.login, "DESCRIBE", camera.url)
        if answer is None:
            raise LoginRefusedError("camera_login_kind", camera=camera.name)
        status, _ = _request(camera, "DESCRIBE", timeout, f"Authorization: {answer}\r\n")
    if status in (401, 403):
        raise LoginRefusedError("camera_login", camera=camera.name)
    if status == 404:
        raise SourceError("camera_no_stream", camera=camera.name)


def _request(camera: Address, method: str, timeout: float, extra: str = "") -> "tuple[int, Message[str, str]]":
    head = "CSeq: 1\r\nAccept: application/sdp\r\nUser-Agent: anchang\r\n"
    request = f"{method} {camera.url} RTSP/1.0\r\n{head}{extra}\r\n"
    try:
        with socket.create_connection((camera.host, camera.port), timeout) as connection:
            connection.sendall(request.encode())
            answer = b""
            while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_ANSWER:
                data = connection.recv(4096)
                if not data:
                    break
                answer += data
    except TimeoutError as error:
        raise SourceError("camera_mute", camera=camera.name) from error
    except OSError as error:
        raise SourceError("camera_unreachable", camera=camera.name, error=name_of(error)) from error
    first, _, rest = answer.partition(b"\r\n\r\n")[0].decode("latin-1").partition("\r\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith("RTSP/") or not words[1].isdigit():
        raise SourceError("camera_no_rtsp", camera=camera.name)
    return int(words[1]), Parser().parsestr(rest, headersonly=True)
