"""Checksums that serial devices share: bytes → the bytes that go over the wire."""

from functools import reduce
from operator import xor

_CRC8_POLYNOMIAL = 0x07
_MODBUS_POLYNOMIAL = 0xA001
"""x16 + x15 + x2 + 1, reflected."""


def sum8(data: bytes) -> bytes:
    """The low byte of the sum."""
    return bytes((sum(data) & 0xFF,))


def xor8(data: bytes) -> bytes:
    """All bytes, exclusive or."""
    return bytes((reduce(xor, data, 0),))


def crc8(data: bytes) -> bytes:
    """x8 + x2 + x + 1, from 0, not reflected (SMBus; Terabee's sensors)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (_CRC8_POLYNOMIAL if crc & 0x80 else 0)) & 0xFF
    return bytes((crc,))


def crc16_modbus(data: bytes) -> bytes:
    """CRC of Modbus-RTU, low byte first (Modbus over Serial Line V1.02, 6.2.2)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_MODBUS_POLYNOMIAL if crc & 1 else 0)
    return crc.to_bytes(2, "little")
