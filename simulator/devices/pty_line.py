"""A serial line made of a pseudo-terminal: the simulated device holds one end, a program opens the other."""

import asyncio
import logging
import os
import pty
import tty
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)
_CHUNK = 4096


class PtyLine:
    """`link` is a symbolic link to the terminal, so that the path in a configuration stays while plugs come and go.

    Raw mode, 8N1: a pseudo-terminal has no speed, no parity and no modem lines.
    """

    def __init__(self, link: Path, received: Callable[[bytes], None]) -> None:
        self.link = link
        self._received = received
        self._master: int | None = None
        self._slave: int | None = None

    @property
    def plugged(self) -> bool:
        return self._master is not None

    def plug(self) -> None:
        """Make the terminal and its link; needs a running event loop. Does nothing when already plugged."""
        if self.plugged:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._point_link_at(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def unplug(self) -> None:
        """Pull the plug: whoever has the terminal open gets an I/O error, and the path is gone."""
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = None

    def write(self, data: bytes) -> None:
        """Send; what nobody reads is lost once the terminal's buffer is full, as on a wire without flow control."""
        if self._master is None:
            return
        try:
            os.write(self._master, data)
        except BlockingIOError:
            log.debug("nobody reads %s: %d bytes lost", self.link.name, len(data))

    def _read(self) -> None:
        if self._master is None:
            return
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return
        self._received(data)

    def _point_link_at(self, terminal: str) -> None:
        self.link.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.link.with_name(f".{self.link.name}.new")
        scratch.unlink(missing_ok=True)
        scratch.symlink_to(terminal)
        scratch.replace(self.link)
