"""What a touch does on the face steps. The ticket is issued by then and never at stake."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from nicegui import background_tasks

from contracts.faces_api import ConsentText, EnrolmentView
from contracts.gateway_api import Language
from contracts.ids import uuid7
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError
from kiosk_ui.visitor.faces import enrol, rules

if TYPE_CHECKING:
    from kiosk_ui.visitor.page import KioskPage

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.7
_OVER = {"done", "failed", "cancelled"}


class FaceActs:
    """One visitor's way through consent and enrolment. `view` is what the gateway said last of the enrolment."""

    def __init__(self, page: KioskPage, gateway: GatewayClient, token: str) -> None:
        self._page, self._gateway, self._token = page, gateway, token
        self.text: ConsentText | None = None
        self.said = ""
        """Code of what has to be said above the text, for example that it was replaced meanwhile."""
        self.view: EnrolmentView | None = None
        self._keys: dict[bool, str] = {}
        self._answering = False
        self._watch: asyncio.Task[None] | None = None
        self._look_now = asyncio.Event()

    # ---- consent
    async def open(self) -> None:
        """From the ticket to the consent text."""
        if await self._page.attempt(self.load_text):
            await self._page.go("consent")
        else:
            self._page.draw()

    async def load_text(self) -> None:
        """Read the text in the visitor's language. Raises what the gateway client raises."""
        language: Language = self._page.desk.draft.language
        if self.text is None or self.text.language != language:
            self.text = await self._gateway.consent_text(self._token, language)

    async def answer(self, *, yes: bool) -> None:
        """One answer only, however often it is touched."""
        if self._answering or self.text is None:
            return
        self._answering = True
        try:
            await self._page.attempt(lambda: self._send(yes=yes))
        finally:
            self._answering = False
        self._page.draw()

    async def _send(self, *, yes: bool) -> None:
        page, result, text = self._page, self._page.desk.result, self.text
        if result is None or text is None:
            raise RuntimeError("a consent needs a check-in and a text")
        request = rules.consent_request(result, page.desk.draft, text, yes=yes)
        try:
            answer = await self._gateway.answer_consent(self._token, self._keys.setdefault(yes, uuid7()), request)
        except GatewayProblemError as error:
            await self._refused_by_gateway(error)
            return
        self._keys.clear()
        self.said = ""
        if yes and answer.consent is not None:
            await page.desk.change(step="enrol", consent_id=answer.consent.consent_id)
        else:
            await page.desk.change(step="done", refused=not yes or answer.face == "refused")

    async def _refused_by_gateway(self, error: GatewayProblemError) -> None:
        page = self._page
        self._keys.clear()
        if error.code == "text_superseded":
            self.text, self.said = None, error.code
            await self.load_text()
        elif error.code == "guardian_needed":
            self.said = error.code
            await page.desk.change(step="guardian")
        elif error.code == "refused_today":
            await page.desk.change(step="done", refused=True)
        else:
            raise error

    # ---- guardian
    async def guardian_next(self) -> None:
        """Back to the text, which the guardian now answers."""
        self.said = ""
        await self._page.go("consent")

    async def not_a_child(self) -> None:
        await self._page.go("consent", guardian_digits="", guardian_relation=None)

    # ---- enrolment
    def run(self) -> None:
        """Start the camera, or start it again: a page drawn anew needs a new preview, each opens once."""
        self.stop()
        self.view = None
        self._watch = background_tasks.create(self._enrol(), name="kiosk enrolment")

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def look(self) -> None:
        """The page's own script saw the end coming: ask the gateway at once."""
        self._look_now.set()

    async def _enrol(self) -> None:
        consent_id = self._page.desk.draft.consent_id
        if consent_id is None:
            return
        await self._take(await self._begin(consent_id))
        while self.view is None or self.view.state not in _OVER:
            self._look_now.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), _LOOK_SECONDS)
            view = await self._ask(consent_id, "look")
            if view is not None:
                await self._take(view)

    async def _begin(self, consent_id: str) -> EnrolmentView:
        """Waits for the gateway as long as the visitor does. An enrolment already done stays done."""
        while True:
            view = await self._ask(consent_id, "look")
            if view is None or view.state != "done":
                view = await self._ask(consent_id, "start")
            if view is not None:
                return view
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ask(self, consent_id: str, what: Literal["look", "start"]) -> EnrolmentView | None:
        call = self._gateway.enrolment if what == "look" else self._gateway.start_enrolment
        try:
            return await call(self._token, consent_id)
        except GatewayUnreachableError as error:
            _log.info("enrolment: %s", error)
            enrol.say_waiting(self._page)
        except GatewayProblemError as error:
            _log.warning("enrolment: %s", error)
            if what == "start":
                return EnrolmentView(consent_id=consent_id, state="failed", reason=error.code)
        return None

    async def _take(self, view: EnrolmentView) -> None:
        before, self.view = self.view, view
        page = self._page
        if page.client.is_deleted:
            return
        if view.state == "done":
            if page.desk.result is not None:  # the ticket must not ask again
                page.desk.result = page.desk.result.model_copy(update={"face": "enrolled"})
            with page.root:
                await page.go("enrolled")
        elif view.state == "cancelled":
            await self._leave_for_ticket()
        elif view.state == "failed":
            with page.root:
                page.draw()
        else:
            enrol.show(page, view, new_preview=before is None or before.preview_url != view.preview_url)

    def try_again(self) -> None:
        self.view = None
        self._page.draw()

    async def leave_known(self) -> None:
        """To the ticket, which does not offer again what this face has already."""
        if self._page.desk.result is not None:
            self._page.desk.result = self._page.desk.result.model_copy(update={"face": "unavailable"})
        await self._page.go("done", consent_id=None)

    async def cancel(self) -> None:
        """Stop and keep nothing: the consent ends with it."""
        self.stop()
        if await self._page.attempt(self._end_consent):
            await self._leave_for_ticket()

    async def _end_consent(self) -> None:
        consent_id = self._page.desk.draft.consent_id
        if consent_id is None:
            return
        try:
            await self._gateway.cancel_enrolment(self._token, consent_id)
        except GatewayProblemError as error:
            if error.problem.status not in {404, 409, 410}:  # it has ended already
                raise

    async def _leave_for_ticket(self) -> None:
        with self._page.root:
            await self._page.go("done", consent_id=None, refused=True)

    def forget(self) -> None:
        """The visitor has left. A consent whose pictures were not taken ends; no answer is not a refusal."""
        self.stop()
        if self._page.desk.draft.step == "enrol":
            consent_id = self._page.desk.draft.consent_id
            if consent_id is not None:
                background_tasks.create(self._quietly_end(consent_id), name="kiosk enrolment left")
        self.view, self.said = None, ""
        self._keys.clear()

    async def _quietly_end(self, consent_id: str) -> None:
        """The node's own time limit ends it where this does not arrive."""
        try:
            await self._gateway.cancel_enrolment(self._token, consent_id)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.warning("enrolment not cancelled: %s", error)
