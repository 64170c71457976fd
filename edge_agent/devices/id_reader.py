"""Readers for second-generation identity cards (二代证阅读器) on a serial line: number and name, sealed, to the desk.

Format and sources: `edge_agent.devices.id_card_frames`. The reader is asked twice a second whether a card lies on it
(find, select, read). Of what a card holds only number and name are kept, sealed to the gateway's key the moment they
are read; sex, nation, birth, address, validity and the photograph are dropped in memory (ADR 075).
"""

import time
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.devices.base import About, DeviceError, Driver, Host
from edge_agent.devices.id_card_frames import DONE, FIND, FOUND, READ, SELECT, Answer, SamFrames, card
from edge_agent.devices.readings import ReadingConfig, Teller
from edge_agent.devices.serial_line import SerialLine


class IdReaderConfig(ReadingConfig):
    driver: Literal["id_reader"]
    baudrate: Annotated[int, Field(ge=9600, le=115_200)] = 115_200
    poll_seconds: Annotated[float, Field(ge=0.05, le=5)] = 0.5
    timeout_seconds: Annotated[float, Field(ge=0.2, le=5)] = 2.0
    again_seconds: Annotated[float, Field(ge=0, le=60)] = 10.0


class IdReader:
    def __init__(self, config: IdReaderConfig) -> None:
        self._config = config
        self._teller = Teller(config)

    def run(self, host: Host) -> None:
        with SerialLine(self._config.url, self._config.baudrate) as port:
            frames = SamFrames()
            while not host.stopping.is_set():
                if self._ask(host, port, frames, FIND).state == FOUND:
                    self._take(host, port, frames)
                host.ok()
                host.stopping.wait(self._config.poll_seconds)

    def _take(self, host: Host, port: SerialLine, frames: SamFrames) -> None:
        """A card lies there. One that is pulled away in the middle is no fault."""
        if self._ask(host, port, frames, SELECT).state != DONE:
            return
        answer = self._ask(host, port, frames, READ)
        if answer.state != DONE:
            return
        try:
            content = card(answer.data)
        except ValueError as mistake:
            host.discard(str(mistake))
            return
        event = self._teller.tell(content, time.monotonic())
        if event is not None:
            host.report(event).result()

    def _ask(self, host: Host, port: SerialLine, frames: SamFrames, question: bytes) -> Answer:
        """Raises DeviceError when nothing readable comes."""
        before = frames.noise.ever
        frames.forget()
        port.write(question)
        deadline = time.monotonic() + self._config.timeout_seconds
        answers: list[Answer] = []
        while not answers and time.monotonic() < deadline and not host.stopping.is_set():
            answers = frames.feed(port.read())
        if frames.noise.ever > before:
            host.discard("noise on the line", frames.noise.ever - before)
        if not answers and not host.stopping.is_set():
            raise DeviceError("reader_mute")
        return answers[-1] if answers else Answer(0)


DRIVER = Driver(
    IdReaderConfig,
    IdReader,
    About(
        title="Identity card reader (SAM protocol)",
        title_zh="二代身份证阅读器（SAM 串口协议）",
        kind="reader",
        transport="serial",
        models=("readers that speak the SAM serial protocol, for example CVR-100D in serial mode",),
        source="softs.im 身份证阅读器通信协议; yzsam.com CNvfzM (recorded exchange)",
        wiring="RS-232 or USB-COM, 115200 8N1",
        proof="documented",
    ),
)
