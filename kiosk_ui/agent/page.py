"""An agent's open page: where, the dynamic code, a registration, and the agent's own with their verdicts."""

import time

from markupsafe import Markup
from nicegui import context, ui
from nicegui.events import GenericEventArguments

from contracts.channels_api import AgentSelf, RegistrationPost
from contracts.ids import uuid7
from contracts.values import utc_now
from kiosk_ui import design
from kiosk_ui.agent import dialog, views
from kiosk_ui.clients.central import CentralProblemError, CentralUnreachableError, SessionEndedError
from kiosk_ui.console.frame import show
from kiosk_ui.console.seat import Seat
from kiosk_ui.design.signin import text_input
from kiosk_ui.wall.page import Frame, switches

TICK_SECONDS = 0.5
RETRY_SECONDS = 2.0
LIST_SECONDS = 15.0
_PICK = "(e) => { const b = e.target.closest('[data-appeal]'); if (b) emit(b.dataset.appeal); }"
"""One listener for the list, whose buttons come and go with what it shows."""


class AgentPage:
    """`open` builds it; the code and the list renew themselves."""

    def __init__(self, frame: Frame, seat: Seat) -> None:
        self._frame, self._seat, self._t = frame, seat, frame.t
        self._place = ""
        self._code_due = 0.0
        self._pages = 1
        self._unsent: tuple[RegistrationPost, str] | None = None

    async def open(self) -> None:
        if not self._seat.token:
            self._sign_in()
            return
        try:
            myself = await self._seat.central.agent()
        except SessionEndedError:
            self._seat.forget()
            self._sign_in()
        except (CentralUnreachableError, CentralProblemError):
            self._unreachable()
        else:
            await context.client.connected()
            self._reader = views.reader_of(myself, self._t)
            self._build(myself)
            await self._read()
            ui.timer(TICK_SECONDS, self._tick)
            ui.timer(LIST_SECONDS, self._read, immediate=False)

    # ---- drawing
    def _head(self, sub: str = "") -> None:
        with design.box("ag-head", tag="header"):
            with design.row("ac-grow"):
                design.text(self._t("agent.mark"), "ac-mark")
                with design.box("ag-names"):
                    design.text(self._seat.name or self._t("agent.title"), "ac-strong ac-ellipsis", tag="h1")
                    if sub:
                        design.text(sub, "ag-sub ac-ellipsis", test="agent-channel")
            switches(self._frame)
            if self._seat.token:
                label = self._t("common.sign_out")
                leave = design.button(
                    "", self._seat.sign_out, kind="ghost", icon_name="logout", aria=label, test="agent-sign-out"
                )
                leave.classes("ac-btn-small")

    def _sign_in(self) -> None:
        with design.box("ag ag-signin"):
            self._head()
            self._seat.draw_form()

    def _unreachable(self) -> None:
        with design.box("ag"):
            self._head()
            design.note(self._t("agent.unreachable"), "warn", icon_name="cloud_off", test="agent-unreachable")
            ui.timer(5 * RETRY_SECONDS, ui.navigate.reload, once=True, immediate=False)

    def _build(self, myself: AgentSelf) -> None:
        t, places = self._t, self._reader.places
        self._place = next(iter(places), "")
        with design.box("ag"):
            self._head(myself.channel)
            self._trouble = ui.html("", sanitize=False).classes("ag-trouble")
            if not places:
                design.note(t("agent.place.none"), "warn", test="agent-no-place")
            with design.box("ag-body"):
                with design.box("ag-left"):
                    with design.card("ag-card"):
                        design.text(t("agent.place.title"), "ac-label", tag="label")
                        where = ui.select(places, value=self._place or None, on_change=lambda e: self._go(e.value))
                        design.mark(where.props("outlined").classes("ac-q-input"), "agent-place")
                        design.text(self._reader.clocks(utc_now()), "ag-sub", test="agent-clock", tag="p")
                        design.text(t("agent.code.title"), "ac-h3", tag="h2")
                        self._code = ui.html("", sanitize=False)
                        design.text(t("agent.code.about"), "ag-sub", tag="p")
                    self._register_card()
                with design.card("ag-card"):
                    design.text(t("agent.list.title"), "ac-h3", tag="h2")
                    self._list = ui.html("", sanitize=False).classes("ag-list")
                    self._list.on("click", self._appeal, js_handler=_PICK)
                    self._more = design.button(t("agent.list.more"), self._show_more, kind="outline", test="agent-more")
                    self._more.set_visibility(False)

    def _register_card(self) -> None:
        t = self._t
        with design.card("ag-card"):
            design.text(t("agent.register.title"), "ac-h3", tag="h2")
            self._number = text_input(
                "", t("agent.register.hint"), test="agent-number", label=t("agent.register.number")
            )
            self._number.props("inputmode=tel autocomplete=off").on("keydown.enter", self._register)
            design.text(t("agent.register.about"), "ag-sub", tag="p")
            design.button(t("agent.register.send"), self._register, icon_name="how_to_reg", test="agent-register")
            self._said = design.box(test="agent-said").props("role=status")

    # ---- the code
    async def _go(self, place: str) -> None:
        self._place = place
        show(self._code, Markup(""))
        await self._renew()

    async def _tick(self) -> None:
        if self._place and time.monotonic() >= self._code_due:
            await self._renew()

    async def _renew(self) -> None:
        """A code that has run out is never left standing."""
        self._code_due = time.monotonic() + RETRY_SECONDS
        wanted = self._place
        office, _, project = wanted.partition("/")
        try:
            code = await self._seat.central.agent_code(office, project)
        except (CentralUnreachableError, CentralProblemError) as error:
            show(self._code, Markup(""))
            self._lost(error)
            return
        if wanted == self._place:
            self._code_due = time.monotonic() + (code.valid_until - code.server_time).total_seconds()
            show(self._code, views.qr(code, self._reader))
            self._found()

    # ---- registrations
    async def _register(self) -> None:
        number = str(self._number.value or "").strip()
        office, _, project = self._place.partition("/")
        if not 1 <= len(number) <= 32:
            self._say(self._t("agent.wrong.number"), "bad")
            return
        wanted = RegistrationPost(office=office, project=project, number=number)
        key = self._unsent[1] if self._unsent and self._unsent[0] == wanted else uuid7()
        self._unsent = (wanted, key)
        try:
            made = await self._seat.central.register(key, wanted)
        except CentralUnreachableError:
            self._say(self._t("codes.problem.unreachable"), "bad")
            return
        except CentralProblemError as error:
            self._unsent = None
            self._lost(error) if isinstance(error, SessionEndedError) else None
            self._say(views.refusal(error.problem, self._t), "bad")
            return
        self._unsent = None
        self._number.set_value("")
        self._say(*views.answer(made, self._reader))
        await self._read()

    async def _show_more(self) -> None:
        self._pages += 1
        await self._read()

    async def _read(self) -> None:
        try:
            rows, more = await self._seat.central.registrations(self._pages)
        except (CentralUnreachableError, CentralProblemError) as error:
            self._lost(error)
            return
        show(self._list, views.registrations(rows, self._reader))
        self._more.set_visibility(more)
        self._found()

    # ---- appeals
    async def _appeal(self, event: GenericEventArguments) -> None:
        registration_id, _, verdict_id = str(event.args).partition(" ")
        dialog.ask(self._seat.central, self._t, registration_id, verdict_id, self._read)

    # ---- telling
    def _say(self, words: str, tone: design.Tone) -> None:
        self._said.clear()
        symbol = "check_circle" if tone == "ok" else "info"
        with self._said:
            design.note(words, tone, icon_name=symbol)

    def _lost(self, error: Exception) -> None:
        if isinstance(error, SessionEndedError):
            self._seat.forget()
            ui.navigate.reload()
            return
        show(self._trouble, Markup('<div class="ac-note ac-note-warn">{}</div>').format(self._t("agent.unreachable")))

    def _found(self) -> None:
        show(self._trouble, Markup(""))
