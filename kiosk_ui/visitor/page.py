"""The kiosk page: draws the step the draft is at and turns touches into changes of the draft."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Response
from nicegui import Client, app, background_tasks, ui
from nicegui.element import Element

from contracts.gateway_api import Language, Purpose
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.config import ProjectSection, read_secret
from kiosk_ui.context import AppContext
from kiosk_ui.texts import Texts
from kiosk_ui.visitor import booking, flow, frame, gate, greeting, my_face, project, readings, result, scene, steps
from kiosk_ui.visitor.desk import Desk
from kiosk_ui.visitor.faces import consent, enrol, guardian
from kiosk_ui.visitor.faces.acts import FaceActs
from kiosk_ui.visitor.frame import HEAD
from kiosk_ui.visitor.patience import PatientPage
from kiosk_ui.visitor.wishes.acts import WishActs

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
IDLE_SECONDS, IDLE_WARNING_SECONDS = 60, 15
READING_SECONDS = 150
"""Without a touch while a text is read or a camera looked into; the pictures have a time limit of their own."""
_QUEUE_HOME_SECONDS, _QUEUE_RESULT_SECONDS = 10.0, 1.5


def register(context: AppContext) -> None:
    """Serve `/kiosk`. Nothing is served on a process without a gateway."""
    gateway = context.gateway
    if gateway is None or context.config.gateway is None:
        return
    token = read_secret(context.config.gateway.kiosk_token_file)
    feed = greeting.GreetingFeed(gateway, token)
    app.on_startup(lambda: background_tasks.create(feed.run(), name="kiosk greetings"))
    reader = readings.ReadingFeed(gateway, token)
    app.on_startup(lambda: background_tasks.create(reader.run(), name="kiosk readings"))
    my_face.register(context, gateway, token)
    app.add_static_files("/visitor", _HERE / "static", max_cache_age=3600)

    @app.get("/visitor-scene.svg")
    async def picture() -> Response:
        return Response(scene.scene(), media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})

    @ui.page("/kiosk")
    async def kiosk(client: Client, d: str = "", big: int = 0) -> None:
        page = KioskPage(client, Desk(gateway, token), context.config.project, feed, big=bool(big))
        page.faces = FaceActs(page, gateway, token)
        page.wishes = WishActs(page, gateway, token)
        page.bookings = booking.BookingActs(page, gateway, token)
        readings.ReadingActs(page, reader)
        await page.open(d)


_SECONDS: dict[flow.Step, int] = {
    "home": 0,
    "done": flow.RESULT_SECONDS,
    "consent": READING_SECONDS,
    "guardian": READING_SECONDS,
    "enrol": READING_SECONDS,
    "enrolled": flow.ENROLLED_SECONDS,
}
_OVER = frozenset({"greeting_over", "booking_over", "not_found"})
_LEAVE_BY_THEMSELVES: frozenset[flow.Step] = frozenset({"home", "done", "enrolled"})


class KioskPage(PatientPage):
    """One browser's kiosk. Everything worth keeping is in the desk's draft, at the gateway."""

    faces: FaceActs
    wishes: WishActs
    bookings: booking.BookingActs

    def __init__(
        self, client: Client, desk: Desk, project: ProjectSection, feed: greeting.GreetingFeed, *, big: bool
    ) -> None:
        super().__init__(client)
        self.desk, self.project, self.big = desk, project, big
        self.greetings = greeting.Banner(self, feed)
        self.going: flow.Step | None = None
        self.phone_error: str | None = None
        self._watch: asyncio.Task[None] | None = None
        self.queue_line: ui.label
        self.ticket_facts: Element
        self.host_line: Element
        self.seat_line: Element
        self.ticket_shown: object = None
        self.t = design.shell("zh-CN", title="Anchang", theme="light")
        ui.add_head_html(HEAD)
        self.root = design.box("k-frame")
        ui.on("kiosk_idle", self.reset)
        ui.on("enrol_over", lambda: self.faces.look())
        ui.on("kiosk_code", lambda e: self.wishes.scanned(e.args))
        client.on_delete(self._stop)

    @property
    def over_picture(self) -> bool:
        return self.desk.draft.step == "home"

    # ---- life of the page
    async def open(self, draft_id: str) -> None:
        if draft_id:
            await self.attempt(lambda: self._resume(draft_id))
        self.draw()

    async def _resume(self, draft_id: str) -> None:
        await self.desk.resume(draft_id)
        if self.desk.draft.step in flow.FACE_STEPS:
            await self.faces.load_text()

    def _stop(self) -> None:
        self.faces.stop()
        self.greetings.stop()
        self._stop_queue()

    def _stop_queue(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    def draw(self) -> None:
        """Show the draft's step from nothing."""
        self.t = Texts(self.desk.draft.language)
        self.root.clear()
        self.root.classes(replace="k-frame k-big" if self.big else "k-frame")
        step = self.desk.draft.step
        if step != "enrol":
            self.faces.stop()
        with self.root:
            frame.top(self)
            _DRAW[step](self)
            self.greetings.draw()
            if self.trouble:
                frame.trouble(self)
            elif step not in _LEAVE_BY_THEMSELVES:
                frame.idle(self)
        self._browser(step)
        self._follow_queue(step)

    def _browser(self, step: flow.Step) -> None:
        address = "/kiosk"
        if self.desk.draft_id and step != "home":
            address += f"?d={self.desk.draft_id}"
        if self.big:
            address += ("&" if "?" in address else "?") + "big=1"
        seconds = _SECONDS.get(step, IDLE_SECONDS)
        warning = seconds if step in _LEAVE_BY_THEMSELVES else IDLE_WARNING_SECONDS
        with self.client:
            ui.run_javascript(
                f"history.replaceState(null, '', {json.dumps(address)});"
                f"anchang.language({json.dumps(self.desk.draft.language)});"
                f"anchang.watchIdle({0 if self.trouble else seconds}, {warning}, 'kiosk_idle')"
            )

    # ---- what a touch does
    async def start(self) -> None:
        await self.go("phone")

    async def go(self, step: flow.Step, **fields: Any) -> None:
        """Show a step once it is saved. A second touch on its way changes nothing: drawing again under a quick finger
        would lose what that finger touches next."""
        if self.going == step:
            return
        self.going, self.phone_error = step, None
        try:
            await self._save_step(step, fields)
        finally:
            self.going = None

    async def _save_step(self, step: flow.Step, fields: dict[str, Any]) -> None:
        await self.attempt(lambda: self._to(step, fields))
        self.draw()

    async def _to(self, step: flow.Step, fields: dict[str, Any]) -> None:
        if step == "phone":
            await self.desk.read_form()
        await self.desk.change(step=step, **fields)

    async def answered(self, step: flow.Step, **fields: Any) -> None:
        """On to the next question, or check in after the last. A second touch on the way answers nothing."""
        if self.desk.draft.step != step:
            return
        following = flow.after(step, self.desk.steps)
        if following is None:
            await self.finish(**fields)
        else:
            await self.go(following, **fields)

    async def back(self) -> None:
        before = flow.previous(self.desk.draft.step, self.desk.steps)
        if before == "home":
            await self.reset(keep_language=True)
        else:
            await self.go(before)

    def my_face(self) -> None:
        """To the page where one sees and deletes what is kept of one's face."""
        ui.navigate.to(my_face.address(self.desk.draft.language, big=self.big))

    async def to_ticket(self) -> None:
        """Away from a face step, without an answer."""
        await self.go("done")

    async def that_is_me(self, greeting_id: str) -> bool:
        """As the person greeted: check in, or ask what is still to be asked. False when that did not work: the number
        leads in as ever."""
        if self.busy:
            return True
        self.busy = True
        try:
            await self.desk.greeted(greeting_id)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.warning("kiosk: %s", error)
            return False
        finally:
            self.busy = False
        self.draw()
        return True

    async def not_me(self, greeting_id: str) -> None:
        """Nobody waits for this answer: where it does not arrive, the greeting runs out by itself."""
        try:
            await self.desk.wrong_greeting(greeting_id)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("kiosk: %s", error)

    async def reset(self, _: object = None, *, keep_language: bool = False) -> None:
        language = self.desk.draft.language
        self.faces.forget()
        self.desk.forget()
        self.calm()
        self.phone_error = None
        if keep_language:
            self.desk.draft = self.desk.draft.model_copy(update={"language": language})
        else:
            self.big = False
        self.draw()

    async def switch_language(self) -> None:
        other: Language = "en" if self.desk.draft.language == "zh-CN" else "zh-CN"
        self.desk.draft = self.desk.draft.model_copy(update={"language": other})
        if self.desk.draft.step in flow.FACE_STEPS:
            await self.attempt(self.faces.load_text)
        self.draw()
        if self.desk.draft_id is not None:
            await self.attempt(self.desk.save)

    async def switch_size(self) -> None:
        self.big = not self.big
        self.draw()

    async def typed(self, digits: str) -> str | None:
        """The code of what is already wrong with what was typed."""
        self.desk.later(digits=digits)
        self.phone_error = flow.early_phone_code(digits)
        return self.phone_error

    async def phone_next(self, digits: str | None = None) -> str | None:
        """Go on, or return the code of what is wrong. The page is not redrawn then: a finger may be on a key."""
        if digits is not None:
            self.desk.draft = self.desk.draft.model_copy(update={"digits": digits})
        self.phone_error = flow.phone_code(self.desk.draft.digits)
        if self.phone_error is None:
            await self.go("party")
        return self.phone_error

    def party(self, size: int) -> None:
        """Kept at once and saved in passing; the next step saves it for certain."""
        self.desk.later(party_size=size)

    async def phone_skip(self) -> None:
        await self.go("party", digits="")

    async def choose(self, purpose: Purpose) -> None:
        await self.finish(purpose=purpose)

    async def finish(self, **fields: Any) -> None:
        """The last answer: check in. A second touch while the first is on its way does nothing."""
        if self.busy:
            return
        self.busy = True
        self.desk.draft = self.desk.draft.model_copy(update=fields)
        by = "booking" if self.desk.draft.booking else "greeting" if self.desk.draft.greeting_id else ""
        self.draw()
        try:
            await self.attempt(self._submit)
        finally:
            self.busy = False
        self.draw()
        if by and self.desk.draft.step == "phone":
            with self.root:
                design.toast(self.t("booking.over" if by == "booking" else "faces.greeting.over"), bad=True)

    async def _submit(self) -> None:
        try:
            await self.desk.submit()
        except ValueError as error:
            await self._refuse_phone(str(error))
        except GatewayProblemError as error:
            code = error.field_code("phone")
            known = self.desk.draft.greeting_id is not None or self.desk.draft.booking is not None
            if known and error.code in _OVER:
                await self.desk.by_number()
            elif code is None:
                raise
            else:
                await self._refuse_phone(code)

    async def _refuse_phone(self, code: str) -> None:
        await self.desk.change(step="phone")
        self.phone_error = code

    # ---- the queue, live on the first and the last page
    def _follow_queue(self, step: flow.Step) -> None:
        self._stop_queue()
        if step in {"home", "done"} and not self.trouble:
            self._watch = background_tasks.create(self._queue_loop(step), name="kiosk queue")

    async def _queue_loop(self, step: flow.Step) -> None:
        while not self.client.is_deleted:
            queue = await self.desk.queue()
            if queue is not None and not self.client.is_deleted:
                with self.root:
                    (result.show_queue if step == "done" else steps.show_queue)(self, queue)
            await asyncio.sleep(_QUEUE_RESULT_SECONDS if step == "done" else _QUEUE_HOME_SECONDS)


_DRAW: dict[flow.Step, Callable[[KioskPage], None]] = {
    "home": steps.home,
    "phone": steps.phone,
    "party": steps.party,
    "booking": booking.draw,
    "project": project.draw,
    "gate": gate.draw,
    "purpose": steps.purpose,
    "done": result.done,
    "consent": consent.draw,
    "guardian": guardian.draw,
    "enrol": enrol.draw,
    "enrolled": enrol.enrolled,
}
