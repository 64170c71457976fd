"""Door counters on Modbus-RTU (RS-485): 16- or 32-bit registers in and out, the register map is configuration.

One device is one slave with one or several lines. Its registers hold running totals, or what passed since they were
read last, when reading clears them: then an answer lost on the line may have taken people with it, which is flagged.
"""

import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ConnectionException, ModbusException

from contracts.ids import uuid7
from edge_agent.devices.base import About, CounterConfig, DeviceError, Driver, Host, SerialConfig
from edge_agent.devices.serial_line import LINE_ERRORS, fault, located, missing
from edge_agent.increments import Interval
from edge_agent.mistakes import unfit

FAILURES_BEFORE_FAULT = 3
"""One unreadable answer is noise on the line; three in a row are a fault."""
_RETRY_SECONDS = 0.5


class Register(BaseModel):
    """Where one total is. `function`: 3 holding, 4 input registers; `scale`: people per count."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    function: Literal[3, 4] = 3
    address: Annotated[int, Field(ge=0, le=0xFFFF)]
    type: Literal["uint16", "uint32"] = "uint32"
    word_order: Literal["big", "little"] = "big"
    scale: Annotated[int, Field(ge=1, le=1000)] = 1

    @property
    def words(self) -> int:
        return 1 if self.type == "uint16" else 2

    @property
    def modulus(self) -> int:
        """The total, in people, at which the register overflows to 0."""
        return int(2 ** (16 * self.words)) * self.scale

    def decode(self, words: list[int]) -> int:
        """People, from the 16-bit words of this register."""
        ordered = words if self.word_order == "big" else words[::-1]
        raw = 0
        for word in ordered:
            raw = raw << 16 | word
        return raw * self.scale


class RegisterMap(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    total_in: Register
    total_out: Register


class LineMap(RegisterMap):
    """One of several lines of a device."""

    line: Annotated[int, Field(ge=1, le=16)]


class ModbusCounterConfig(SerialConfig, CounterConfig):
    """Either `registers`, with their `line`, or several `lines`. `counts`: what the registers hold."""

    driver: Literal["modbus_counter"]
    slave: Annotated[int, Field(ge=1, le=247)] = 1
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1
    poll_seconds: Annotated[float, Field(ge=0.05, le=5)] = 1.0
    timeout_seconds: Annotated[float, Field(ge=0.05, le=2)] = 1.0
    line: Annotated[int, Field(ge=1, le=16)] = 1
    registers: RegisterMap | None = None
    lines: Annotated[tuple[LineMap, ...], Field(max_length=16)] = ()
    counts: Literal["totals", "since_last_read"] = "totals"

    @model_validator(mode="after")
    def _lines_are_told_apart(self) -> Self:
        if (self.registers is None) == (not self.lines):
            raise unfit("registers_or_lines")
        numbers = [line.line for line in self.lines]
        if len(set(numbers)) != len(numbers):
            raise unfit("line_twice")
        return self

    @property
    def maps(self) -> dict[int, RegisterMap]:
        """The registers of each line."""
        return {self.line: self.registers} if self.registers else {line.line: line for line in self.lines}


class ModbusCounter:
    """Polls both registers of a line in one request when they are neighbours, so that they are of one moment."""

    def __init__(self, config: ModbusCounterConfig) -> None:
        self._config = config
        self._limits = {line: config.limits(modulus=_modulus(both)) for line, both in config.maps.items()}
        self._cleared = Cleared(uuid7()) if config.counts == "since_last_read" else None

    def run(self, host: Host) -> None:
        client = ModbusSerialClient(
            located(self._config.url) or self._config.url,
            baudrate=self._config.baudrate,
            parity=self._config.parity,
            stopbits=self._config.stopbits,
            timeout=self._config.timeout_seconds,
            retries=0,
        )
        try:
            self._poll_until_stopped(client, host)
        finally:
            client.close()  # type: ignore[no-untyped-call]

    def _poll_until_stopped(self, client: ModbusSerialClient, host: Host) -> None:
        failures = 0
        while not host.stopping.is_set():
            began = time.monotonic()
            try:
                for line, both in self._config.maps.items():
                    self._count(host, line, *self._read(client, both))
            except DeviceError:
                failures += 1
                host.discard("no valid answer")
                if self._cleared is not None:
                    self._cleared.lost()
                if failures >= FAILURES_BEFORE_FAULT or missing(self._config.url):
                    raise
                client.close()  # type: ignore[no-untyped-call]
                host.stopping.wait(_RETRY_SECONDS)
                continue
            failures = 0
            host.ok()
            host.stopping.wait(max(self._config.poll_seconds - (time.monotonic() - began), 0.0))

    def _count(self, host: Host, line: int, count_in: int, count_out: int) -> None:
        if self._cleared is None:
            host.count(line, count_in, count_out, self._limits[line]).result()
            return
        interval = self._cleared.interval(line, count_in, count_out, time.monotonic())
        if interval is None:
            return
        try:
            host.count_interval(line, interval, self._limits[line]).result()
        except Exception:
            self._cleared.lost()
            raise

    def _read(self, client: ModbusSerialClient, both: RegisterMap) -> tuple[int, int]:
        if missing(self._config.url):
            raise DeviceError("port_gone", port=self._config.url)
        try:
            if not client.connected and not client.connect():
                raise DeviceError("port_closed", port=self._config.url)
            first, second = sorted((both.total_in, both.total_out), key=lambda register: register.address)
            if first.function == second.function and first.address + first.words == second.address:
                words = self._request(client, first.function, first.address, first.words + second.words)
                found = {first.address: words[: first.words], second.address: words[first.words :]}
                return both.total_in.decode(found[both.total_in.address]), both.total_out.decode(
                    found[both.total_out.address]
                )
            one, two = (self._request(client, r.function, r.address, r.words) for r in (both.total_in, both.total_out))
            return both.total_in.decode(one), both.total_out.decode(two)
        except ConnectionException as error:
            raise fault(self._config.url, error) from error
        except ModbusException as error:
            raise DeviceError("modbus_mute", slave=self._config.slave) from error
        except LINE_ERRORS as error:
            raise fault(self._config.url, error) from error

    def _request(self, client: ModbusSerialClient, function: int, address: int, count: int) -> list[int]:
        read = client.read_holding_registers if function == 3 else client.read_input_registers
        answer = read(address, count=count, device_id=self._config.slave)
        if answer.isError():
            raise DeviceError(
                "modbus_refused", slave=self._config.slave, address=address, exception=answer.exception_code
            )
        if len(answer.registers) != count:
            raise DeviceError("modbus_short", slave=self._config.slave, answered=len(answer.registers), asked=count)
        return list(answer.registers)


def _modulus(both: RegisterMap) -> int | None:
    """One for both, or none: registers of two widths overflow at two places."""
    return both.total_in.modulus if both.total_in.modulus == both.total_out.modulus else None


class Cleared:
    """Numbers the readings of registers that a reading clears. A lost answer leaves a hole: people may be in it."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._next: dict[int, int] = {}
        self._read_at: dict[int, float] = {}
        self._lost = 0

    def lost(self) -> None:
        """An answer may have been lost after the registers were cleared."""
        self._lost += 1

    def interval(self, line: int, count_in: int, count_out: int, now: float) -> Interval | None:
        """None when nobody passed and something was counted before: that needs no place on the card. `now`: seconds."""
        number = self._next.get(line, 0)
        seconds = now - self._read_at.get(line, now)
        self._read_at[line] = now
        if line in self._next and not (count_in or count_out):
            return None
        self._next[line] = number + 1
        start = number + self._lost
        return Interval(
            count_in, count_out, start, start + 1, seconds, epoch=self._epoch, numbered=True, unbounded=True
        )


DRIVER = Driver(
    ModbusCounterConfig,
    ModbusCounter,
    About(
        title="Door counter on Modbus-RTU",
        title_zh="Modbus-RTU 门口计数器",
        kind="counter",
        transport="serial",
        models=("any with totals in holding or input registers",),
        source="Modbus over Serial Line V1.02; the register map of the counter's manual",
        wiring="RS-485: A to A, B to B, ground to ground, 120 Ω at both ends; address and baud rate as in its manual",
        proof="own",
    ),
)
