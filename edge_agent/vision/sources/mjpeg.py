"""Motion JPEG over HTTP: our own reader, because a dead server must show and any multipart must do."""

import http.client
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from edge_agent.vision.config import NetworkSource
from edge_agent.vision.ports import LoginRefusedError, SourceError
from edge_agent.vision.sources import jpeg
from edge_agent.vision.sources.address import Address, address, authorization

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

    def open(self) -> None:
        camera = address(self._config)
        response = self._ask(camera, {})
        if response.status == 401 and camera.login is not None:
            challenges = response.headers.get_all("WWW-Authenticate", [])
            answer = authorization(challenges, camera.login, "GET", camera.target)
            self.close()
            if answer is None:
                raise LoginRefusedError(f"{camera.name} asks for a kind of login that is not known")
            response = self._ask(camera, {"Authorization": answer})
        if response.status in (401, 403):
            raise LoginRefusedError(f"{camera.name} refuses the user name or the password")
        if response.status != 200:
            raise SourceError(f"{camera.name} answers {response.status}: check the url")
        self._response = response

    def next(self) -> bytes | None:
        if self._response is None:
            raise SourceError("read before open")
        try:
            data = self._response.read1(_PORTION)
        except TimeoutError as error:
            raise SourceError(f"the camera sent nothing for {self._timeout:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("the camera broke off the connection") from error
        if not data:
            raise SourceError("the camera ended the stream")
        found = self._pictures.feed(data)
        if self._pictures.noise > NOISE:
            raise SourceError("what the camera sends is not Motion JPEG: check the url")
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
            raise SourceError(f"{camera.name} does not answer: check power and network") from error
        except ssl.SSLError as error:
            raise SourceError(f"{camera.name} has no trusted certificate: {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceError(f"{camera.name} cannot be reached: {_why(error)}") from error

    def _connection(self, camera: Address) -> http.client.HTTPConnection:
        if camera.scheme == "https":
            return http.client.HTTPSConnection(camera.host, camera.port, timeout=self._timeout)
        return http.client.HTTPConnection(camera.host, camera.port, timeout=self._timeout)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
