"""The kiosk's side of the gateway: one check-in being typed, saved as it changes, sent once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from nicegui import background_tasks

from contracts.checkin_api import BookingAnswer, CheckInForm
from contracts.floor_api import QueueView
from contracts.gateway_api import CheckInResult, Draft
from contracts.ids import uuid7
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError
from kiosk_ui.visitor import flow

_log = logging.getLogger(__name__)
_TYPING_PAUSE_SECONDS = 0.3


class Desk:
    """Holds the id of the draft; the gateway holds the draft. `draft` is the page's copy while the gateway is away."""

    def __init__(self, gateway: GatewayClient, token: str) -> None:
        self._gateway = gateway
        self._token = token
        self._saving = asyncio.Lock()
        self._pending: asyncio.Task[None] | None = None
        self.draft_id: str | None = None
        self.draft, self.form = Draft(), CheckInForm()
        self.result: CheckInResult | None = None

    async def resume(self, draft_id: str) -> None:
        """Go on where a reloaded page was; an unknown or expired draft leaves the desk at home.

        Raises GatewayUnreachableError.
        """
        found = await self._gateway.draft(self._token, draft_id)
        if found is None:
            return
        if not await self._read_form_of(found):
            return
        self.draft_id, self.draft = draft_id, found
        if found.step not in {"home", "phone", "party", "project", "gate", "booking"}:
            self.result = await self._gateway.check_in_result(self._token, draft_id)
        if self.result is None:
            if found.step in {"done", *flow.FACE_STEPS}:
                self.draft = found.model_copy(update={"step": "purpose", "greeting_id": None, "booking": None})
        elif found.step == "purpose":
            self.draft = found.model_copy(update={"step": "done"})

    @property
    def steps(self) -> tuple[flow.Step, ...]:
        """What this check-in is asked, in order."""
        draft = self.draft
        return flow.steps(self.form, greeted=draft.greeting_id is not None, booked=draft.booking is not None)

    async def read_form(self) -> None:
        """What this kiosk has to ask. Raises GatewayUnreachableError, GatewayProblemError."""
        self.form = await self._gateway.check_in_form(self._token)

    async def _read_form_of(self, draft: Draft) -> bool:
        """What that check-in was being asked; False when the greeting that it goes by is over."""
        if draft.booking is not None and draft.booking.form is not None:
            self.form = draft.booking.form
            return True
        if draft.greeting_id is None or draft.step not in ("project", "gate"):
            await self.read_form()
            return True
        try:
            self.form = await self._gateway.greeting_form(self._token, draft.greeting_id)
        except GatewayProblemError as error:
            _log.info("the greeting of a reloaded page: %s", error)
            return False
        return True

    async def change(self, **fields: object) -> None:
        """Change the draft and save it now. The change stays when saving raises GatewayUnreachableError."""
        self.draft = self.draft.model_copy(update=fields)
        self.begin()
        await self.save()

    def begin(self) -> str:
        """The id of the draft, which is the key of the check-in."""
        self.draft_id = self.draft_id or uuid7()
        return self.draft_id

    def later(self, **fields: object) -> None:
        """Keep a change and save it once the fingers rest. A failure here is told at the next step."""
        self.draft = self.draft.model_copy(update=fields)
        if self._pending is not None:
            self._pending.cancel()
        self._pending = background_tasks.create(self._save_after_pause(), name="kiosk draft")

    async def save(self) -> None:
        """Raises GatewayUnreachableError, GatewayProblemError."""
        if self.draft_id is not None:
            async with self._saving:  # an older copy must never arrive after a newer one
                await self._gateway.put_draft(self._token, self.draft_id, self.draft)

    async def submit(self) -> CheckInResult:
        """Sent twice it is one check-in. Raises ValueError with a phone code, and what the gateway client raises."""
        if self.draft_id is None:
            raise RuntimeError("there is no check-in to submit")
        self.result = await self._check_in(self.draft_id, self.draft)
        self.draft = self.draft.model_copy(update={"step": "done"})
        background_tasks.create(self._quietly(self.save), name="kiosk draft done")
        return self.result

    async def _check_in(self, draft_id: str, draft: Draft) -> CheckInResult:
        """What was sent before its answer got lost stands, also when the visitor has changed something since."""
        try:
            if draft.booking is not None and draft.booking.booking_id is not None:
                booked = flow.booked_request(draft, draft.booking.booking_id)
                return await self._gateway.redeem_booking(self._token, draft_id, booked)
            if draft.greeting_id is not None:
                request = flow.greeted_request(draft, draft.greeting_id)
                return await self._gateway.face_check_in(self._token, draft_id, request)
            return await self._gateway.check_in(self._token, draft_id, flow.request(draft))
        except GatewayProblemError as error:
            if error.code != "idempotency_key_reused":
                raise
            first = await self._gateway.check_in_result(self._token, draft_id)
            if first is None:
                raise
            return first

    async def greeted(self, greeting_id: str) -> None:
        """«That is me»: check in as the person just greeted, or first ask them what is still to be asked.

        Raises what the gateway client raises.
        """
        form = await self._gateway.greeting_form(self._token, greeting_id)
        asked = flow.steps(form, greeted=True)
        draft = self.draft.model_copy(update={"digits": "", "greeting_id": greeting_id})
        if asked:
            await self._gateway.settle_greeting(self._token, greeting_id, "confirm")
        else:
            self.result = await self._check_in(self.begin(), draft)
        self.begin()
        self.form, self.draft = form, draft.model_copy(update={"step": asked[0] if asked else "done"})
        background_tasks.create(self._quietly(self.save), name="kiosk draft greeted")

    async def booked(self, answer: BookingAnswer) -> None:
        """Go on by a booking whose code is good. Raises what the gateway client raises."""
        self.form = answer.form or CheckInForm()
        fields = {"party_size": answer.party_size, "asked_for": answer.consultant, "digits": "", "greeting_id": None}
        await self.change(step="booking", booking=answer, **fields)

    async def by_number(self) -> None:
        """Greeting or booking are no longer good: the number leads in, and what was answered stays.

        Raises what the gateway client raises.
        """
        self.draft = self.draft.model_copy(update={"greeting_id": None, "booking": None})
        await self.read_form()
        await self.change(step="phone")

    async def wrong_greeting(self, greeting_id: str) -> None:
        """«Not me»: the link between face and visit is taken back."""
        await self._gateway.settle_greeting(self._token, greeting_id, "wrong")

    def forget(self) -> None:
        """Begin again for the next visitor; what was typed is deleted at the gateway, where it would expire anyway."""
        if self.draft_id is not None:
            draft_id = self.draft_id
            background_tasks.create(
                self._quietly(lambda: self._gateway.delete_draft(self._token, draft_id)), name="kiosk draft delete"
            )
        if self._pending is not None:
            self._pending.cancel()
        self.draft_id, self.draft, self.result = None, Draft(), None

    async def queue(self) -> QueueView | None:
        """None when the gateway does not answer: the page shows nothing rather than something old."""
        try:
            return await self._gateway.queue(self._token)
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.info("queue not available: %s", error)
            return None

    async def _save_after_pause(self) -> None:
        await asyncio.sleep(_TYPING_PAUSE_SECONDS)
        await self._quietly(self.save)

    async def _quietly(self, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except (GatewayUnreachableError, GatewayProblemError) as error:
            _log.warning("draft not saved: %s", error)
