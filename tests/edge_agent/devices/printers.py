"""A ticket printer at the end of a real TCP connection or a pseudo-terminal, with faults on demand."""

import os
import select
import socket
import threading
from pathlib import Path
from typing import Self

from simulator.devices.printer import ReceiptPrinter
from tests.edge_agent.support import Wire


class NetworkPrinter:
    """Port 9100 of a printer. `received` is every byte but the questions; `mute` answers nothing any more.

    `hang_up_after`: it closes the connection once it holds so many bytes of a ticket.
    """

    def __init__(self) -> None:
        self.roll = ReceiptPrinter()
        self.mute = False
        self.noise = b""
        self.hang_up_after: int | None = None
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._server.close()

    @property
    def toml(self) -> str:
        return f'connection = {{ kind = "network", host = "127.0.0.1", port = {self.port} }}'

    def _accept(self) -> None:
        while not self._stopping.is_set():
            if select.select([self._server], [], [], 0.05)[0]:
                connection, _ = self._server.accept()
                with connection:
                    self.connections += 1
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        taken = 0
        while not self._stopping.is_set():
            if not select.select([connection], [], [], 0.05)[0]:
                continue
            data = connection.recv(4096)
            taken += len(data)
            if not data or (self.hang_up_after is not None and taken > self.hang_up_after):
                return
            answers = self.roll.receive(data)
            if answers and not self.mute:
                connection.sendall(self.noise + answers)


class SerialPrinter:
    """A printer on a pseudo-terminal."""

    def __init__(self, path: Path) -> None:
        self.roll = ReceiptPrinter()
        self.wire = Wire(path)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            if select.select([self.wire.master], [], [], 0.05)[0]:
                answers = self.roll.receive(self.wire.read())
                if answers:
                    os.write(self.wire.master, answers)
