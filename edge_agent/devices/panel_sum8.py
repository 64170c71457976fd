"""Calling panels (叫号屏) that take `[id][hi][lo][sum8]`, 9600 8N1: `05 03 E7 EF` shows 999 on panel 5.

Source of the format: musicexecdevelopment.com/8238227.
"""

from typing import Literal

from edge_agent.devices.base import About, Driver
from edge_agent.devices.calling_panel import CallingPanel, PanelConfig


class PanelSum8Config(PanelConfig):
    driver: Literal["panel_sum8"]


def frame(panel: int, number: int) -> bytes:
    """The four bytes that show `number` (0…9999) on `panel` (0…255)."""
    body = bytes((panel, number >> 8, number & 0xFF))
    return body + bytes((sum(body) & 0xFF,))


DRIVER = Driver(
    PanelSum8Config,
    lambda config: CallingPanel(config, frame),
    About(
        title="Calling panel, [id][hi][lo][sum8]",
        title_zh="叫号屏（四字节累加和）",
        kind="panel",
        transport="serial",
        models=("panels of musicexecdevelopment.com/8238227",),
        source="musicexecdevelopment.com/8238227",
        wiring="RS-485 or RS-232, 9600 8N1; the address is set on its switches",
        proof="documented",
    ),
)
