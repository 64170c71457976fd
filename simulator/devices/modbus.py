"""A people counter as a Modbus-RTU slave.

Frames and exception codes: Modbus Application Protocol V1.1b3, sections 6.3, 6.4 and 7; CRC-16 and framing: Modbus over
Serial Line V1.02, section 2.5.1. Written apart from any Modbus library, so that the agent's is tested against another.
"""

import struct

READ_HOLDING, READ_INPUT = 3, 4
_REQUEST_BYTES = 8
_LONGEST_FRAME = 256
_MOST_REGISTERS = 125
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3


def crc16(data: bytes) -> bytes:
    """CRC-16/MODBUS, low byte first as it goes over the wire."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class CounterSlave:
    """Two 32-bit running totals, high word first: in at `address_in`, out at `address_out` (two registers each)."""

    def __init__(self, unit: int, address_in: int = 0, address_out: int = 2) -> None:
        self.unit = unit
        self.total_in = 0
        self.total_out = 0
        self._address_in = address_in
        self._address_out = address_out
        self._pending = b""

    def cross(self, count_in: int, count_out: int) -> None:
        """People through the door; a total past 32 bits begins again at 0."""
        self.total_in = (self.total_in + count_in) % 2**32
        self.total_out = (self.total_out + count_out) % 2**32

    def receive(self, data: bytes) -> list[bytes]:
        """Bytes from the line; returns the answers to the complete requests among them, skipping what is no frame."""
        self._pending = (self._pending + data)[-_LONGEST_FRAME:]
        answers = []
        while len(self._pending) >= _REQUEST_BYTES:
            frame = self._pending[:_REQUEST_BYTES]
            if crc16(frame[:-2]) != frame[-2:]:
                self._pending = self._pending[1:]
                continue
            self._pending = self._pending[_REQUEST_BYTES:]
            if frame[0] == self.unit:
                answers.append(self._answer(frame))
        return answers

    def _answer(self, frame: bytes) -> bytes:
        function, address, count = struct.unpack(">xBHHxx", frame)
        if function not in (READ_HOLDING, READ_INPUT):
            return self._exception(function, _ILLEGAL_FUNCTION)
        if not 1 <= count <= _MOST_REGISTERS:
            return self._exception(function, _ILLEGAL_VALUE)
        registers = self._registers()
        wanted = range(address, address + count)
        if any(place not in registers for place in wanted):
            return self._exception(function, _ILLEGAL_ADDRESS)
        body = struct.pack(f">BBB{count}H", self.unit, function, 2 * count, *(registers[place] for place in wanted))
        return body + crc16(body)

    def _exception(self, function: int, code: int) -> bytes:
        body = struct.pack(">BBB", self.unit, function | 0x80, code)
        return body + crc16(body)

    def _registers(self) -> dict[int, int]:
        found = {}
        for address, total in ((self._address_in, self.total_in), (self._address_out, self.total_out)):
            found[address], found[address + 1] = divmod(total, 2**16)
        return found
