"""One signed-in person's stream to the gateway: reconnects as long as the page lives, and says when it is away."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from contracts.alerts_api import AlertList
from contracts.faces_api import Greeting, GreetingList
from contracts.rota_api import Me
from kiosk_ui.clients.gateway import GatewayClient, GatewayUnreachableError, SignedOutError

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.3, 3.0


class Screen(Protocol):
    """What a link tells its page."""

    def show(self, me: Me) -> None: ...
    def show_greetings(self, greetings: list[Greeting]) -> None: ...
    def show_alerts(self, alerts: AlertList) -> None: ...
    def beat(self) -> None: ...
    def down(self) -> None: ...
    def signed_out(self) -> None: ...


class Link:
    """`run` until cancelled or signed out. Each connection begins with a snapshot, so nothing is missed or doubled."""

    def __init__(self, gateway: GatewayClient, token: str, screen: Screen, *, gone: Callable[[], bool]) -> None:
        self._gateway, self._token, self._screen, self._gone = gateway, token, screen, gone

    async def run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._gone():
            try:
                await self._listen()
            except SignedOutError:
                self._screen.signed_out()
                return
            except GatewayUnreachableError as error:
                _log.info("tablet stream: %s", error)
                self._screen.down()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        async for message in self._gateway.stream(self._token, ["offers", "greetings", "alerts"]):
            if self._gone():
                return
            if message.topic == "offers" and message.body is not None:
                self._screen.show(Me.model_validate(message.body))
            elif message.topic == "greetings" and message.body is not None:
                self._screen.show_greetings(GreetingList.model_validate(message.body).items)
            elif message.topic == "alerts" and message.body is not None:
                self._screen.show_alerts(AlertList.model_validate(message.body))
            self._screen.beat()
