"""Motion JPEG over HTTP: our own reader, because a dead server must show and any multipart must do."""

import http.client
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from contracts.reasons import name_of
from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import LoginRefusedError, SourceError
from edge_agent.vision.sources import jpeg
from edge_agent.vision.sources.address import Address, address, authorization, name

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

TIMEOUT_SECONDS = 5.0
"""For connecting, and for each portion of bytes."""
NOISE = 1024 * 1024
"""Bytes without a picture after which the stream is taken for something else."""
_PORTION = 256 * 1024


class MjpegStream:
    """A `Stream` of encoded pictures. Logs in with Digest or Basic when the camera asks."""

    def __init__(self, config: NetworkSource, timeout: float = TIMEOUT_SECONDS) -> None:
        self._config = config
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None
        self._pictures = jpeg.JpegStream()
        self._name = name(config)

    def open(self) -> None:
        camera = address(self._config)
        response = self._ask(camera, {})
        if response.status == 401 and camera.login is not None:
            challenges = response.headers.get_all("WWW-Authenticate", [])
            answer = authorization(challenges, camera.login, "GET", camera.target)
            self.close()
            if answer is None:
                raise LoginRefusedError("camera_login_kind", camera=camera.name)
            response = self._ask(camera, {"Authorization": answer})
        if response.status in (401, 403):
            raise LoginRefusedError("camera_login", camera=camera.name)
        if response.status != 200:
            raise SourceError("camera_status", camera=camera.name, status=response.status)
        self._response = response

    def next(self) -> bytes | None:
        if self._response is None:
            raise SourceError("camera_closed", camera=self._name)
        try:
            data = self._response.read1(_PORTION)
        except TimeoutError as error:
            raise SourceError("camera_silent", camera=self._name, seconds=self._timeout) from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("camera_broke_off", camera=self._name) from error
        if not data:
            raise SourceError("camera_broke_off", camera=self._name)
        found = self._pictures.feed(data)
        if self._pictures.noise > NOISE:
            raise SourceError("camera_not_mjpeg", camera=self._name)
        return found[-1] if found else None

    def picture(self, taken: bytes) -> "Image | None":
        return jpeg.decode(taken)

    def interrupt(self) -> None:
        connected = self._socket
        if connected is not None:
            with suppress(OSError):  # already gone, which is what is wanted
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        response, self._response = self._response, None
        connected, self._socket = self._socket, None
        if response is not None:
            response.close()
        if connected is not None:
            connected.close()

    def _ask(self, camera: Address, headers: dict[str, str]) -> http.client.HTTPResponse:
        try:
            connection = self._connection(camera)
            connection.connect()
            self._socket = connection.sock
            connection.request("GET", camera.target, headers={"Connection": "close", **headers})
            return connection.getresponse()
        except TimeoutError as error:
            raise SourceError("camera_mute", camera=camera.name) from error
        except ssl.SSLError as error:
            raise SourceError("camera_certificate", camera=camera.name, error=str(error.reason)) from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("camera_unreachable", camera=camera.name, error=name_of(error)) from error

    def _connection(self, camera: Address) -> http.client.HTTPConnection:
        if camera.scheme == "https":
            return http.client.HTTPSConnection(camera.host, camera.port, timeout=self._timeout)
        return http.client.HTTPConnection(camera.host, camera.port, timeout=self._timeout)
