"""QR and barcode readers on a serial line: what they read goes to the gateway as if it had been typed at the kiosk.

Format: the text of the code, ended by CR, LF or both, as readers in RS-232 or USB-COM mode send it; with `end = "idle"`
0.1 s of silence ends it, for readers that send nothing after the text. 9600 to 115200 baud, 8N1. A code may be a
customer's booking or an agent's: it is sealed to the gateway's key and neither logged nor stored here (ADR 075).
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from contracts.readings import ReadingContent
from edge_agent.devices.base import About, Driver, Host
from edge_agent.devices.readings import ReadingConfig, Teller
from edge_agent.devices.serial_listening import Noise, listen
from edge_agent.devices.text_lines import TextLines

_LONGEST = 160
"""What a screen's code may have (`contracts.scans_api.CodeText`)."""
_SHORTEST = 4


class SerialReaderConfig(ReadingConfig):
    driver: Literal["serial_reader"]
    end: Literal["line", "idle"] = "line"


@dataclass(slots=True)
class CodeLines:
    """Protocol: lines that can be a code → their text. Codes are UTF-8; what is not, or not printable, is noise."""

    idle: bool = False
    noise: Noise = field(default_factory=Noise)
    _lines: TextLines = field(init=False)

    def __post_init__(self) -> None:
        self._lines = TextLines(4 * _LONGEST, idle=self.idle, noise=self.noise)

    def feed(self, data: bytes) -> list[str]:
        found: list[str] = []
        for line in self._lines.feed(data):
            text = _text(line)
            if text is None:
                self.noise.add(len(line))
            else:
                self.noise.over()
                found.append(text)
        return found


def _text(line: bytes) -> str | None:
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
    return text if _SHORTEST <= len(text) <= _LONGEST and text.isprintable() else None


class SerialReader:
    def __init__(self, config: SerialReaderConfig) -> None:
        self._config = config
        self._teller = Teller(config)

    def run(self, host: Host) -> None:
        listen(host, self._config, CodeLines(idle=self._config.end == "idle"), partial(self._read, host))

    def _read(self, host: Host, text: str, now: float) -> None:
        event = self._teller.tell(ReadingContent(text=text), now)
        if event is not None:
            host.report(event).result()


DRIVER = Driver(
    SerialReaderConfig,
    SerialReader,
    About(
        title="QR and barcode reader on a serial line",
        title_zh="串口扫码器",
        kind="reader",
        transport="serial",
        models=("readers in RS-232 or USB-COM mode",),
        source="this driver's own text: the reader's manual says how to switch it to a serial mode and to CR LF",
        wiring="USB in COM mode, or RS-232; set it to end codes with CR LF, 9600 to 115200 8N1",
        proof="own",
    ),
)
