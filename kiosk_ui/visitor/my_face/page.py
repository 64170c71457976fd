"""The page `/kiosk/my-face`: draws the step its seat is at and turns touches into calls of the gateway."""

import asyncio
import json
import logging
from collections.abc import Callable, MutableMapping
from typing import Any

from nicegui import Client, app, background_tasks, ui
from nicegui.element import Element

from contracts.faces_api import CodeProof, CodeRequest, Withdrawal, WithdrawalRequest
from contracts.gateway_api import Language
from contracts.values import Phone
from kiosk_ui import design
from kiosk_ui.clients.gateway import GatewayClient, GatewayProblemError, GatewayUnreachableError
from kiosk_ui.config import ProjectSection
from kiosk_ui.context import AppContext
from kiosk_ui.texts import Texts
from kiosk_ui.visitor import flow, frame
from kiosk_ui.visitor.my_face import proof, seat, steps
from kiosk_ui.visitor.patience import PatientPage
from kiosk_ui.wall.page import link

_log = logging.getLogger(__name__)
PATH = "/kiosk/my-face"
_POLL_SECONDS = 1.0
_IDLE_SECONDS, _WARNING_SECONDS = 60, 15
_OVER = {"code_expired", "locked", "grant_invalid", "forbidden"}
"""Problems after which the way begins again with the number."""


def address(language: Language, *, big: bool = False) -> str:
    return link(PATH, lang=language, big=str(int(big)))


def register(context: AppContext, gateway: GatewayClient, token: str) -> None:
    @ui.page(PATH)
    async def my_face(client: Client, lang: str = "zh-CN", big: int = 0) -> None:
        language: Language = "en" if lang == "en" else "zh-CN"
        page = MyFacePage(client, gateway, token, context.config.project, app.storage.user, language, big=bool(big))
        page.draw()


class MyFacePage(PatientPage):
    """One visitor, proven by a code to their phone. What they may do ends with the seat."""

    def __init__(
        self,
        client: Client,
        gateway: GatewayClient,
        token: str,
        project: ProjectSection,
        storage: MutableMapping[str, Any],
        language: Language,
        *,
        big: bool,
    ) -> None:
        super().__init__(client)
        self._gateway, self._token, self._storage = gateway, token, storage
        self.project, self.big = project, big
        self.seat = seat.resume(storage)
        self.seat.language = language
        self.digits = ""
        self.error: str | None = None
        self.confirming = False
        self.withdrawal: Withdrawal | None = None
        self.nodes: Element
        self._watch: asyncio.Task[None] | None = None
        self.t: Texts = design.shell(language, title="Anchang", theme="light")
        ui.add_head_html(frame.HEAD)
        self.root = design.box("k-frame")
        ui.on("my_face_idle", self.leave)
        client.on_delete(self._stop)

    over_picture = False

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def draw(self) -> None:
        self.t = Texts(self.seat.language)
        self.root.clear()
        self.root.classes(replace="k-frame k-big" if self.big else "k-frame")
        with self.root:
            frame.top(self)
            _DRAW[self.seat.step](self)
            if self.confirming:
                steps.confirm(self)
            if self.trouble:
                frame.trouble(self)
            elif self.seat.step not in {"pending", "certificate"}:
                frame.idle(self)
        self._browser()
        self._stop()
        if self.seat.step == "pending":
            self._watch = background_tasks.create(self._follow(), name="kiosk withdrawal")

    def _browser(self) -> None:
        proven = self.seat.step in {"pending", "certificate"}
        seconds = flow.CERTIFICATE_SECONDS if proven else _IDLE_SECONDS
        warning = seconds if proven else _WARNING_SECONDS
        with self.client:
            ui.run_javascript(
                f"history.replaceState(null, '', {json.dumps(address(self.seat.language, big=self.big))});"
                f"anchang.language({json.dumps(self.seat.language)});"
                f"anchang.watchIdle({0 if self.trouble else seconds}, {warning}, 'my_face_idle')"
            )

    # ---- what every page on the stage has
    async def switch_language(self) -> None:
        self.seat.language = "en" if self.seat.language == "zh-CN" else "zh-CN"
        self.draw()

    async def switch_size(self) -> None:
        self.big = not self.big
        self.draw()

    async def back(self) -> None:
        """From the code to the number; from anywhere else home."""
        if self.seat.step == "code":
            self._begin_again(None)
        else:
            self.leave()

    def leave(self, _: object = None) -> None:
        """Nothing of this visitor stays for the next."""
        self._stop()
        seat.forget(self._storage)
        with self.root:
            ui.navigate.to(f"/kiosk{'?big=1' if self.big else ''}")

    def _begin_again(self, error: str | None) -> None:
        self.seat = seat.Seat(language=self.seat.language)
        seat.forget(self._storage)
        self.digits, self.error, self.confirming = "", error, False
        self.draw()

    # ---- number and code
    async def send_code(self, digits: str | None = None) -> str | None:
        """The code of what is wrong with the number, else None; the code page says the same to everybody."""
        if digits is not None:
            self.digits = digits
        wrong = flow.phone_code(self.digits)
        if wrong is None:
            await self._once(self._send_code)
        return wrong

    async def _send_code(self) -> None:
        try:
            request = CodeRequest(phone=Phone.parse(self.digits), language=self.seat.language)
            sent = await self._gateway.send_code(self._token, request)
        except GatewayProblemError as error:
            if error.problem.status >= 500:
                raise
            self.error = error.code
            return
        self.error = None
        self.seat.code_id, self.seat.code_expires_at = sent.code_id, sent.expires_at
        self.seat.keep(self._storage)

    async def prove(self, code: str) -> None:
        await self._once(lambda: self._prove(code))

    async def _prove(self, code: str) -> None:
        if self.seat.code_id is None:
            return
        try:
            self.seat.file = await self._gateway.prove_code(self._token, self.seat.code_id, CodeProof(code=code))
        except GatewayProblemError as error:
            if error.problem.status >= 500:
                raise
            if error.code in _OVER:
                self.seat = seat.Seat(language=self.seat.language)
                seat.forget(self._storage)
            self.error = error.code
            return
        self.error, self.digits = None, ""
        self.seat.keep(self._storage)

    # ---- deletion
    def ask(self, confirming: bool) -> None:
        self.confirming = confirming
        self.draw()

    async def delete(self) -> None:
        await self._once(self._delete)

    async def _delete(self) -> None:
        request = WithdrawalRequest(grant=self.seat.grant)
        try:
            self.withdrawal = await self._gateway.withdraw(self._token, self.seat.key, request)
        except GatewayProblemError as error:
            if error.problem.status >= 500:
                raise
            self.confirming = False
            self.seat = seat.Seat(language=self.seat.language)
            seat.forget(self._storage)
            self.error = error.code
            return
        self.confirming = False
        self.seat.withdrawal_id = self.withdrawal.withdrawal_id
        self.seat.keep(self._storage)

    def show_withdrawal(self, withdrawal_id: str) -> None:
        """An earlier deletion of theirs."""
        self.seat.withdrawal_id = withdrawal_id
        self.seat.keep(self._storage)
        self.draw()

    async def _follow(self) -> None:
        """Until every node has confirmed. The deletion goes on when nobody watches."""
        while not self.client.is_deleted and self.seat.withdrawal_id is not None:
            try:
                await self._look(self.seat.withdrawal_id)
            except GatewayUnreachableError as error:
                _log.info("withdrawal: %s", error)
            except GatewayProblemError as error:
                _log.warning("withdrawal: %s", error)
                proof.say_later(self)
                return
            if self.seat.certificate is not None:
                with self.root:
                    self.draw()
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _look(self, withdrawal_id: str) -> None:
        found = await self._gateway.withdrawal(self._token, withdrawal_id, grant=self.seat.grant)
        if found != self.withdrawal or self.nodes.is_deleted:
            self.withdrawal = found
            proof.show_nodes(self, found)
        if found.state == "complete":
            self.seat.certificate = await self._gateway.certificate(self._token, withdrawal_id, grant=self.seat.grant)
            self.seat.keep(self._storage)

    async def _once(self, work: Callable[[], Any]) -> None:
        """A second touch while the first is on its way does nothing."""
        if self.busy:
            return
        self.busy = True
        try:
            await self.attempt(work)
        finally:
            self.busy = False
        self.draw()


_DRAW: dict[seat.Step, Callable[[MyFacePage], None]] = {
    "phone": steps.phone,
    "code": steps.code,
    "file": steps.file,
    "pending": proof.pending,
    "certificate": proof.certificate,
}
