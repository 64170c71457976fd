"""A page that asks who you are and then shows what the gateway holds for you, redrawing only the parts that changed."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, ClassVar

from nicegui import Client, background_tasks, ui
from nicegui.element import Element

from contracts.rest import Session, SessionRequest
from kiosk_ui import design
from kiosk_ui.clients.gateway import (
    GatewayClient,
    GatewayProblemError,
    GatewayUnreachableError,
    SignedOutError,
)
from kiosk_ui.config import ProjectSection
from kiosk_ui.design.signin import sign_in_form
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts

_log = logging.getLogger(__name__)
_LAST_STAFF_NO = "staff_no"


class SeatPage(ABC):
    """One browser at one seat. Who is signed in is read once, when the page is built, never from a shared context.

    `seat` is the key of the session in the browser's server-side storage: the token never reaches the page or its
    address. `roles` may sit here; empty: whoever can sign in. `texts` names the sign-in's texts, `frame` the class of
    the page's outermost box.
    """

    seat: ClassVar[str]
    roles: ClassVar[frozenset[str]] = frozenset()
    texts: ClassVar[str]
    frame: ClassVar[str]
    style: ClassVar[str]

    def __init__(
        self, client: Client, gateway: GatewayClient, storage: MutableMapping[str, Any], project: ProjectSection
    ) -> None:
        self.client, self.gateway, self.storage, self.project = client, gateway, storage, project
        chosen = storage.get("language", "zh-CN")
        language: LanguageCode = chosen if chosen in LANGUAGES else "zh-CN"
        self.theme: design.Theme = "dark" if storage.get("theme") == "dark" else "light"
        self.t: Texts = design.shell(language, title="Anchang", theme=self.theme)
        ui.add_head_html(f'<link rel="stylesheet" href="{self.style}">')
        kept = storage.get(self.seat, {})
        self.token: str = kept.get("token", "")
        self.name: str = kept.get("name", "")
        self.role: str = kept.get("role", "")
        self.root = design.box(self.frame)
        self.parts: dict[str, Element] = {}
        self._drawn: dict[str, object] = {}
        self._tasks: list[asyncio.Task[None]] = []
        client.on_connect(self._listen)
        client.on_disconnect(self._stop)
        client.on_delete(self._stop)

    # ---- what a page adds
    @abstractmethod
    def draw_frame(self) -> None:
        """Draw the empty page of whoever is signed in, and fill `parts`."""

    @abstractmethod
    async def refresh(self) -> None:
        """Read what the gateway holds now and draw what differs. Raises nothing; a lost session ends the seat."""

    @abstractmethod
    def streams(self) -> list[Coroutine[Any, Any, None]]:
        """What runs while a browser is there to see it; begun anew at each connection."""

    @abstractmethod
    def forget(self) -> None:
        """Whoever sat here has left: nothing of what was shown to them stays."""

    # ---- life of the page
    async def open(self) -> None:
        self._drawn.clear()
        self.root.clear()
        with self.root:
            if not self.token:
                self._draw_sign_in()
                return
            self.draw_frame()
        await self.refresh()
        if self.client.has_socket_connection:
            self._listen()

    def _listen(self) -> None:
        """Each stream begins with a snapshot, so a gap costs nothing."""
        self._stop()
        if self.token:
            self._tasks = [background_tasks.create(work, name=f"{self.seat} stream") for work in self.streams()]

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    # ---- the seat
    def _draw_sign_in(self) -> None:
        sign_in_form(self.t, self.texts, staff_no=self.storage.get(_LAST_STAFF_NO, ""), sign_in=self._sign_in)

    async def _sign_in(self, request: SessionRequest) -> str | None:
        try:
            session = await self.gateway.sign_in(request)
        except GatewayProblemError as error:
            return self.problem(error)
        except GatewayUnreachableError:
            return self.t("codes.problem.unreachable")
        if self.roles and session.role not in self.roles:
            return self.t(f"{self.texts}.signin.not_yours")
        self.storage[_LAST_STAFF_NO] = request.staff_no
        self._sit_down(session)
        await self.open()
        return None

    def _sit_down(self, session: Session) -> None:
        self.token, self.name, self.role = session.token, session.name, session.role
        self.storage[self.seat] = {"token": session.token, "name": session.name, "role": session.role}

    async def leave(self) -> None:
        try:
            await self.gateway.sign_out(self.token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("sign-out: %s", error)
        self.signed_out()

    def signed_out(self) -> None:
        self.storage.pop(self.seat, None)
        self.token = ""
        self._stop()
        self._drawn.clear()
        self.forget()
        self.root.clear()
        with self.root:
            self._draw_sign_in()

    # ---- acts
    async def act(self, work: Callable[[], Awaitable[Any]], said: str = "") -> bool:
        """Do it at the gateway; say what went wrong in the person's language. True when it was done."""
        try:
            await work()
        except SignedOutError:
            self.signed_out()
            self.say(self.t("codes.problem.signed_out"), bad=True)
        except GatewayProblemError as error:
            self.say(self.problem(error), bad=True)
            await self.refresh()
        except GatewayUnreachableError:
            self.say(self.t("codes.problem.unreachable"), bad=True)
        else:
            if said:
                self.say(said)
            return True
        return False

    def problem(self, error: GatewayProblemError) -> str:
        found = self.t.code("codes.problem", error.code)
        return self.t("codes.problem.unexpected") if found == error.code else found

    def say(self, text: str, *, bad: bool = False) -> None:
        with self.root:
            design.toast(text, bad=bad)

    def tell_link(self, what: str) -> None:
        """`beat` when the gateway was heard, `down` when it cannot be reached."""
        with self.root:
            ui.run_javascript(f"anchang.{what}()")

    def set_choice(self, key: str, value: str) -> None:
        """Language or theme of this browser; the page is rebuilt, nothing is kept in it anyway."""
        self.storage[key] = value
        ui.navigate.reload()

    # ---- drawing
    def redraw(self, part: str, shows: object, draw: Callable[[], object]) -> bool:
        """Draw a part anew when what it `shows` has changed: a hand may be on it. True when it was."""
        if part in self._drawn and self._drawn[part] == shows:
            return False
        self._drawn[part] = shows
        self.parts[part].clear()
        with self.parts[part]:
            draw()
        return True

    def add_part(self, part: str, box: Element) -> None:
        """A part that comes and goes with what holds it: empty now, drawn at the next `redraw`."""
        self.parts[part] = box
        self._drawn.pop(part, None)

    def draw_tools(self, classes: str = "") -> None:
        """The right end of a header: theme, language, who is signed in, and the way out."""
        t, dark = self.t, self.theme == "dark"
        other: LanguageCode = "en" if t.language == "zh-CN" else "zh-CN"
        design.button(
            "",
            lambda: self.set_choice("theme", "light" if dark else "dark"),
            kind="ghost",
            icon_name="light_mode" if dark else "dark_mode",
            classes=classes,
            aria=t("common.light" if dark else "common.dark"),
            test="theme",
        )
        design.button(
            t("common.language_other"),
            lambda: self.set_choice("language", other),
            kind="ghost",
            classes=classes,
            test=f"language-{other}",
        )
        with design.box("ac-who"):
            design.text(self.name[:1], "ac-avatar")
            design.text(self.name, "ac-strong ac-ellipsis", test="my-name")
        design.button(
            "",
            self.leave,
            kind="ghost",
            icon_name="logout",
            classes=classes,
            aria=t("common.sign_out"),
            test="sign-out",
        )
