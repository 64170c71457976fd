"""Who is inside: what the door counter and the area counter can see."""

import logging

from simulator.devices.control import ControlError, DeviceControl

log = logging.getLogger(__name__)


class House:
    """People walk in and out past the door counter; the hall's area counter sees them in two regions."""

    def __init__(self, control: DeviceControl, door: str, hall: str, button: str) -> None:
        self._control = control
        self._door = door
        self._hall = hall
        self._button = button
        self.inside = 0
        self.at_reception = 0

    async def enter(self, people: int) -> None:
        self.inside += people
        self.at_reception += people
        await self._order(device=self._door, do="cross", **{"in": people, "out": 0})
        await self._seen()

    async def leave(self, people: int) -> None:
        self.inside = max(0, self.inside - people)
        await self._order(device=self._door, do="cross", **{"in": 0, "out": people})
        await self._seen()

    async def walk_on(self, people: int) -> None:
        """From reception to the model and the flats."""
        self.at_reception = max(0, self.at_reception - people)
        await self._seen()

    async def press_button(self) -> None:
        await self._order(device=self._button, do="press", button="1")

    async def _seen(self) -> None:
        reception = min(self.at_reception, self.inside)
        await self._order(device=self._hall, do="occupy", regions=[reception, self.inside - reception])

    async def _order(self, **order: object) -> None:
        """A device that is away loses the crossing, as a broken counter would."""
        try:
            await self._control.order(**order)
        except ControlError as error:
            log.warning("%s", error)
