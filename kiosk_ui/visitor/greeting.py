"""«Welcome back»: whom this kiosk's own camera has just recognised, with their consent. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nicegui import Event
from nicegui.element import Element
from pydantic import ValidationError

from contracts.faces_api import KioskGreeting, KioskGreetingList
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_log = logging.getLogger(__name__)
SHOWN_SECONDS = 60
_POLL_SECONDS, _REFUSED_SECONDS = 2.0, 30.0


class GreetingFeed:
    """One stream for all kiosk pages of this process; while it is down, the route is asked every two seconds."""

    def __init__(self, gateway: GatewayClient, token: str) -> None:
        self._gateway, self._token = gateway, token
        self._items: list[KioskGreeting] = []
        self._hidden: set[str] = set()
        self._ahead = timedelta(0)
        self.changed: Event[[]] = Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = _POLL_SECONDS
            try:
                await self._listen()
            except SignedOutError:
                _log.warning("the kiosk's token may not read greetings")
                pause = _REFUSED_SECONDS
            except GatewayUnreachableError as error:
                _log.info("greetings: %s", error)
            except ValidationError as error:
                _log.error("greetings that cannot be read: %d mistakes", error.error_count())
            await self._poll()
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async for message in self._gateway.stream(self._token, ["greetings"]):
            self._ahead = message.at - utc_now()
            if message.topic == "greetings" and message.body is not None:
                self._take(KioskGreetingList.model_validate(message.body))

    async def _poll(self) -> None:
        try:
            self._take(await self._gateway.kiosk_greetings(self._token))
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("greetings: %s", error)
            self._take(KioskGreetingList())  # an old greeting could meet somebody else

    def _take(self, found: KioskGreetingList) -> None:
        if found.items != self._items:
            self._items = found.items
            self._hidden &= {item.greeting_id for item in found.items}
            self.changed.emit()

    def hide(self, greeting_id: str) -> None:
        """Answered here: no page shows it again."""
        self._hidden.add(greeting_id)
        self.changed.emit()

    def newest(self) -> tuple[KioskGreeting, float] | None:
        """Whom to greet now and for how many seconds still, by the gateway's clock."""
        live = [(item, self._left(item.seen_at)) for item in self._items if item.greeting_id not in self._hidden]
        live = [(item, left) for item, left in live if left > 0]
        return max(live, key=lambda pair: pair[0].seen_at, default=None)

    def _left(self, seen_at: datetime) -> float:
        return SHOWN_SECONDS - (utc_now() + self._ahead - seen_at).total_seconds()


class Banner:
    """The greeting of one page: on the first page and where the number would be typed, nowhere else."""

    def __init__(self, page: KioskPage, feed: GreetingFeed) -> None:
        self._page, self._feed = page, feed
        self._box: Element | None = None
        self._shown: str | None = None
        self._end: asyncio.TimerHandle | None = None
        feed.changed.subscribe(self._show)

    def stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def draw(self) -> None:
        """Called with the page drawn anew."""
        self._shown, self._box = None, None
        if self._page.desk.draft.step in {"home", "phone"} and not self._page.trouble:
            self._box = design.box("k-greet-place").props("aria-live=polite")
            self._show()

    def _show(self) -> None:
        """Only what differs is drawn: a finger may be on it."""
        box = self._box
        if box is None or box.is_deleted or self._page.client.is_deleted:
            return
        found = self._feed.newest()
        self.stop()
        if found is not None:
            self._end = asyncio.get_running_loop().call_later(found[1] + 0.05, self._show)
        wanted = found[0].greeting_id if found else None
        if wanted == self._shown:
            return
        self._shown = wanted
        with box:
            box.clear()
            if found is not None:
                self._draw(found[0])

    def _draw(self, greeting: KioskGreeting) -> None:
        t = self._page.t
        with design.box("k-greet", test="greeting"):
            design.icon("waving_hand", "k-greet-icon")
            with design.box("k-greet-words"):
                design.text(self._welcome(greeting.family_name), "k-greet-name", test="greeting-name")
                design.text(t("faces.greeting.text"), "k-greet-text")
            with design.box("k-greet-buttons"):
                design.button(
                    t("faces.greeting.me"),
                    lambda: self._me(greeting.greeting_id),
                    classes="k-greet-btn",
                    test="greeting-me",
                )
                design.button(
                    t("faces.greeting.not_me"),
                    lambda: self._not_me(greeting.greeting_id),
                    classes="k-greet-btn",
                    test="greeting-not-me",
                )

    def _welcome(self, family_name: str) -> str:
        t = self._page.t
        return (
            t("faces.greeting.welcome", name=f"{family_name}**")
            if family_name
            else t("faces.greeting.welcome_nameless")
        )

    async def _me(self, greeting_id: str) -> None:
        done = await self._page.that_is_me(greeting_id)
        self._feed.hide(greeting_id)
        if not done:
            with self._page.root:
                design.toast(self._page.t("faces.greeting.over"), bad=True)

    async def _not_me(self, greeting_id: str) -> None:
        self._feed.hide(greeting_id)
        await self._page.not_me(greeting_id)
