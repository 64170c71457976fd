"""Modbus-RTU slaves on a line, asked: which answer, and which registers change while somebody walks through the door.

Asking is not listening: a panel on the same line may take a question for a number, so this runs only when told to.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusException

from edge_agent.devices.serial_line import LINE_ERRORS

SPEEDS: tuple[tuple[int, str], ...] = ((9600, "N"), (9600, "E"), (19200, "N"), (19200, "E"), (115200, "N"), (4800, "N"))
REGISTERS = 32
_ANSWER_SECONDS = 0.15
_LARGEST_STEP = 20
_OF_A_SLAVE = (1, 2, 3)
"""Exceptions about the question itself; what a bridge says of a slave that is not there are others."""
Function = Literal[3, 4]


@dataclass(frozen=True, slots=True)
class Slave:
    url: str
    baudrate: int
    parity: str
    address: int


def scan(url: str, addresses: range, progress: Callable[[str], None]) -> Iterator[Slave]:
    """Slaves that answer anything at all, an exception too. Raises OSError when the port cannot be opened."""
    for baudrate, parity in SPEEDS:
        progress(f"{baudrate} 8{parity}1, slaves {addresses.start}…{addresses.stop - 1}")
        found = False
        with _client(url, baudrate, parity) as client:
            if not client.connect():
                raise OSError(f"port {url} cannot be opened")
            for address in addresses:
                if _read(client, address, 3, 0, 1) is not None:
                    found = True
                    yield Slave(url, baudrate, parity, address)
        if found:
            return  # one line has one speed


def watch(slave: Slave, seconds: float, count: int = REGISTERS) -> dict[Function, list[list[int]]]:
    """The first registers of both kinds, read every half second. A kind that the slave refuses is left out."""
    functions: tuple[Function, ...] = (3, 4)
    samples: dict[Function, list[list[int]]] = {}
    end = time.monotonic() + seconds
    with _client(slave.url, slave.baudrate, slave.parity) as client:
        client.connect()
        while True:
            for function in functions:
                words = _read(client, slave.address, function, 0, count)
                if words:
                    samples.setdefault(function, []).append(words)
            if time.monotonic() >= end:
                return samples
            time.sleep(0.5)


def changed(samples: list[list[int]]) -> dict[int, int]:
    """Address → by how much it grew, in the order in which they first did; registers that also fell are no totals."""
    grown: dict[int, int] = {}
    for before, after in pairwise(samples):
        for address, (old, new) in enumerate(zip(before, after, strict=False)):
            step = (new - old) & 0xFFFF
            if step:
                grown[address] = grown.get(address, 0) + step if step <= _LARGEST_STEP else 1 << 16
    return {address: step for address, step in grown.items() if step <= _LARGEST_STEP}


def register_map(samples: dict[Function, list[list[int]]]) -> dict[str, Any] | None:
    """The two registers that grew, the first one in and the second out: somebody walked in, then out.

    Each as 16 bits: the low word of a 32-bit total overflows like a 16-bit one, and the counting core reckons with it.
    """
    for function, words in samples.items():
        grown = list(changed(words))
        if len(grown) == 2:
            total_in, total_out = (
                {"function": function, "address": address, "type": "uint16"} for address in (grown[0], grown[1])
            )
            return {"total_in": total_in, "total_out": total_out}
    return None


class _Opened(ModbusSerialClient):
    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()  # type: ignore[no-untyped-call]


def _client(url: str, baudrate: int, parity: str) -> _Opened:
    return _Opened(url, baudrate=baudrate, parity=parity, timeout=_ANSWER_SECONDS, retries=0)


def _read(client: ModbusSerialClient, address: int, function: int, first: int, count: int) -> list[int] | None:
    """The words; an empty list for an exception; None for silence."""
    read = client.read_holding_registers if function == 3 else client.read_input_registers
    try:
        answer = read(first, count=count, device_id=address)
    except (ModbusException, *LINE_ERRORS):
        return None
    if answer.isError():
        return [] if getattr(answer, "exception_code", 0) in _OF_A_SLAVE else None
    return list(answer.registers)
