"""Calling panels (叫号屏) that take `3A colour lo hi info sum 0A`, 9600 8N1: `3A 00 78 03 01 B6 0A` shows 888.

Source of the format: m.zhiliandun.com proview-133-10. `sum` is the low byte of the sum of all bytes before it, the 3A
included. The frame has no address: one panel on a line. What other values than those of the example mean is the
panel's own document's to say: `colour` and `info` go out as configured.
"""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.devices.base import About, Driver
from edge_agent.devices.calling_panel import CallingPanel, PanelConfig

_Byte = Annotated[int, Field(ge=0, le=255)]
_BEGIN, _END = 0x3A, 0x0A


class PanelProviewConfig(PanelConfig):
    driver: Literal["panel_proview"]
    colour: _Byte = 0
    info: _Byte = 1


def frame(number: int, *, colour: int = 0, info: int = 1) -> bytes:
    """The seven bytes that show `number` (0…9999)."""
    body = bytes((_BEGIN, colour, number & 0xFF, number >> 8, info))
    return body + bytes((sum(body) & 0xFF, _END))


def _panel(config: PanelProviewConfig) -> CallingPanel:
    return CallingPanel(config, lambda _, number: frame(number, colour=config.colour, info=config.info))


DRIVER = Driver(
    PanelProviewConfig,
    _panel,
    About(
        title="Calling panel, 3A colour lo hi info sum 0A",
        title_zh="叫号屏（3A 开头、0A 结尾）",
        kind="panel",
        transport="serial",
        models=("Proview 133-10",),
        source="m.zhiliandun.com proview-133-10",
        wiring="RS-485 or RS-232, 9600 8N1; one panel on a line, the frame names none",
        proof="documented",
    ),
)
