"""Which screen is calling, and whose camera stands at it."""

from dataclasses import dataclass

from gateway.auth import Principal
from gateway.context import Context


@dataclass(frozen=True, slots=True)
class Screen:
    """`node` and `camera` are None at a screen without a camera, and for a person's own device."""

    device_id: str | None = None
    node: str | None = None
    camera: str | None = None


def screen_of(context: Context, principal: Principal) -> Screen:
    device = context.config.devices.get(principal.device_id or "")
    if device is None:
        return Screen()
    return Screen(principal.device_id, device.node, device.camera)
