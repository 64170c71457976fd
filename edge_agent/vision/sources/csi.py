"""The camera connector of a Raspberry Pi.

OpenCV as it is published for pip has no GStreamer, hence no libcamera. Raspberry Pi OS brings `rpicam-vid` (before
Debian 12: `libcamera-vid`), which writes Motion JPEG to a pipe.
"""

import logging
import os
import select
import shutil
import subprocess
from typing import TYPE_CHECKING

from contracts.reasons import name_of
from edge_agent.vision.config import CsiSource
from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources import jpeg

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image

_log = logging.getLogger(__name__)

PROGRAMS = ("rpicam-vid", "libcamera-vid")
_PORTION = 1024 * 1024
_NOISE = 1024 * 1024
_WAIT_SECONDS = 0.2
_END_SECONDS = 0.5
_LAST_WORDS = 2000


def command(config: CsiSource, program: str) -> list[str]:
    """The options are those of rpicam-apps 1.x; `--flush` sends each picture at once, `--timeout 0` never ends."""
    return [
        *(program, "--camera", str(config.camera), "--nopreview", "--timeout", "0", "--flush"),
        *("--width", str(config.width), "--height", str(config.height), "--framerate", f"{config.fps:g}"),
        *("--codec", "mjpeg", "--quality", "85", "--output", "-"),
    ]


class CsiStream:
    """A `Stream` of encoded pictures out of the program's pipe."""

    def __init__(self, config: CsiSource) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._pictures = jpeg.JpegStream()
        self._said = b""
        self._name = f"CSI {config.camera}"

    def open(self) -> None:
        program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
        if program is None:
            raise SourceError("camera_program_missing")
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a program of the system, numbers from the configuration
                command(self._config, program),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "LIBCAMERA_LOG_LEVELS": "*:ERROR"},
            )
        except OSError as error:
            raise SourceError("camera_program", program=program, error=name_of(error)) from error

    def next(self) -> bytes | None:
        process = self._process
        if process is None or process.stdout is None or process.stderr is None:
            raise SourceError("camera_closed", camera=self._name)
        ready, _, _ = select.select([process.stdout, process.stderr], [], [], _WAIT_SECONDS)
        if process.stderr in ready:
            self._said = (self._said + os.read(process.stderr.fileno(), _LAST_WORDS))[-_LAST_WORDS:]
        if process.stdout not in ready:
            return None
        data = os.read(process.stdout.fileno(), _PORTION)
        if not data:
            self._said += process.stderr.read()
            _log.warning("the camera program ended", extra={"camera": self._name, "said": self._last_words()})
            if "no cameras available" in self._last_words():
                raise SourceError("camera_connector_empty", connector=self._config.camera)
            raise SourceError("camera_connector", connector=self._config.camera)
        found = self._pictures.feed(data)
        if self._pictures.noise > _NOISE:
            raise SourceError("camera_damaged", camera=self._name)
        return found[-1] if found else None

    def picture(self, taken: bytes) -> "Image | None":
        return jpeg.decode(taken)

    def interrupt(self) -> None:
        process = self._process
        if process is not None:
            process.terminate()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _last_words(self) -> str:
        """What libcamera said last, such as "no cameras available"."""
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
