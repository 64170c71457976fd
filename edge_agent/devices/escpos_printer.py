"""Ticket printers (小票打印机) that speak ESC/POS: over the network, a serial line or USB.

Source of the commands: Epson's ESC/POS command reference (reference.epson-biz.com/modules/ref_escpos); tickets are laid
out by python-escpos. Before a ticket the printer is asked how it is (DLE EOT), after it whether it came to the end
(GS r 1, which waits its turn in the printer's buffer). Only that answer is a confirmation. Without it a ticket may have
come out: the reply says `unsure`, and the ticket is never sent again (ADR 074).
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from contracts.messages import Command, PrintFailure, TicketPrint, TicketPrinted
from contracts.reasons import reason
from edge_agent.devices.base import About, BaseDeviceConfig, DeviceError, Driver, Host, OrderError
from edge_agent.devices.byte_lines import ByteLine, Connection
from edge_agent.devices.escpos_paper import load, ticket
from edge_agent.devices.escpos_status import (
    CAUSE,
    COME_TO_THE_END,
    ERROR,
    PAPER,
    PRINTER,
    PrinterState,
    is_real_time,
    is_transmitted,
    query,
)

_PRINT = "ticket.print.v1"
_ANSWER_SECONDS = 1.0
_REASONS = {
    "paper_out": reason("paper_out"),
    "cover_open": reason("cover_open"),
    "error": reason("printer_error"),
}


class EscposPrinterConfig(BaseDeviceConfig):
    """`answers`: false for a printer on a one-way line; then nobody can tell whether paper is in it, or came out of it.

    `columns`: 32 on 58 mm paper, 48 on 80 mm. `confirm_seconds`: how long a ticket may take to come out.
    """

    driver: Literal["escpos_printer"]
    connection: Connection
    columns: Annotated[int, Field(ge=16, le=64)] = 32
    cut: bool = True
    answers: bool = True
    poll_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    confirm_seconds: Annotated[float, Field(ge=0.5, le=30)] = 8.0

    @property
    def own_port(self) -> str | None:
        return self.connection.url if self.connection.kind == "serial" else None


class PrintError(OrderError):
    """The text is the code alone: what the kiosk says about it is in the visitor's language."""

    def __init__(self, code: PrintFailure) -> None:
        super().__init__(code)


class EscposPrinter:
    """One exchange at a time; the connection is closed after each, for other computers print there too."""

    def __init__(self, config: EscposPrinterConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._host: Host | None = None

    def run(self, host: Host) -> None:
        self._host = host
        load()
        while not host.stopping.is_set():
            with self._lock:
                line = self._config.connection.open()
                try:
                    state = self._ask(line) if self._config.answers else None
                finally:
                    line.close()
            self._tell(host, state)
            host.stopping.wait(self._config.poll_seconds)

    def execute(self, command: Command) -> dict[str, object]:
        if command.type != _PRINT:
            raise ValueError(f"a ticket printer cannot do {command.type}")
        try:
            data = TicketPrint.model_validate(command.data)
        except ValidationError as error:
            raise ValueError("the command is no valid ticket.print.v1") from error
        paper = ticket(data, self._config.columns, cut=self._config.cut)
        with self._lock:
            try:
                line = self._config.connection.open()
            except DeviceError as error:
                raise PrintError("offline") from error
            try:
                return TicketPrinted(confirmed=self._print(line, paper)).model_dump()
            finally:
                with suppress(DeviceError):
                    line.close()

    def _print(self, line: ByteLine, paper: bytes) -> bool:
        """Whether it is confirmed. Raises PrintError."""
        if self._config.answers:
            self._check(line)
        try:
            line.write(paper)
            if not self._config.answers:
                return False
            line.write(COME_TO_THE_END)
            if self._answer(line, is_transmitted, self._config.confirm_seconds) is not None:
                return True
        except DeviceError as error:
            raise PrintError("unsure") from error
        raise PrintError("unsure")

    def _check(self, line: ByteLine) -> None:
        try:
            state = self._ask(line)
        except DeviceError as error:
            raise PrintError("offline") from error
        match state.hindrance:
            case "paper_out" | "cover_open" | "error" as code:
                raise PrintError(code)

    def _ask(self, line: ByteLine) -> PrinterState:
        answers = []
        for what in (PRINTER, CAUSE, ERROR, PAPER):
            line.write(query(what))
            answer = self._answer(line, is_real_time, _ANSWER_SECONDS)
            if answer is None:
                raise DeviceError("printer_mute")
            answers.append(answer)
        return PrinterState.of(*answers)

    def _answer(self, line: ByteLine, is_one: Callable[[int], bool], seconds: float) -> int | None:
        """The first byte that can be an answer; what else came is noise, and counted."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            heard = line.read(left)
            for place, byte in enumerate(heard):
                if is_one(byte):
                    self._discard(place)
                    return byte
            self._discard(len(heard))
        return None

    def _discard(self, pieces: int) -> None:
        if pieces and self._host is not None:
            self._host.discard("a byte that is no answer", pieces)

    def _tell(self, host: Host, state: PrinterState | None) -> None:
        hindrance = "" if state is None else state.hindrance
        if hindrance:
            host.degraded(_REASONS[hindrance])
        elif state is not None and state.paper_low:
            host.degraded(reason("paper_low"))
        else:
            host.ok()


DRIVER = Driver(
    EscposPrinterConfig,
    EscposPrinter,
    About(
        title="ESC/POS ticket printer",
        title_zh="ESC/POS 小票打印机",
        kind="printer",
        transport="network",
        models=("ESC/POS printers, 58 or 80 mm, network (port 9100), serial or USB",),
        source="reference.epson-biz.com/modules/ref_escpos (DLE EOT, GS r, FS &, GS ( k)",
        wiring="network: a fixed address, port 9100; serial: a crossed cable, RS-232; USB: the ids lsusb prints",
        proof="documented",
    ),
)
