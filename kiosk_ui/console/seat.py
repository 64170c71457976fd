"""Who has signed in at central: their session, kept on the server beside the browser's cookie, never in an address."""

import logging
from collections.abc import MutableMapping, Set
from typing import Any

from nicegui import ui

from contracts.rest import SessionRequest
from kiosk_ui import design
from kiosk_ui.clients.central import CentralClient, CentralDoor, CentralProblemError, CentralUnreachableError
from kiosk_ui.console.feed import OverviewFeed
from kiosk_ui.design.signin import sign_in_form
from kiosk_ui.texts import Texts
from kiosk_ui.wall.page import Frame, switches

_log = logging.getLogger(__name__)
HEAD_OFFICE: Set[str] = frozenset({"manager", "admin"})


class Seat:
    """One browser's seat, read once when a page is built. `storage` is that browser's, kept by the server.

    `feature` names the page's texts and the seat: one browser may hold one of each. `roles` may sit here.
    """

    def __init__(
        self,
        door: CentralDoor,
        storage: MutableMapping[str, Any],
        t: Texts,
        *,
        feature: str = "console",
        roles: Set[str] = HEAD_OFFICE,
    ) -> None:
        self._door = door
        self._storage = storage
        self._t = t
        self._feature = feature
        self._roles = roles
        self._last_staff_no = f"{feature}_staff_no"
        kept = storage.get(feature, {})
        self.token: str = kept.get("token", "")
        self.name: str = kept.get("name", "")

    @property
    def central(self) -> CentralClient:
        return self._door.of(self.token)

    def draw_sign_in(self, frame: Frame) -> None:
        """The console's sign-in, its header and all."""
        with design.box("hq hq-signin"):
            with design.box("hq-head", tag="header"):
                with design.row():
                    design.text(self._t("console.mark"), "ac-mark")
                    design.text(self._t("console.title"), "ac-strong")
                with design.row().style("gap:12px"):
                    switches(frame)
                    home = design.link_button(
                        self._t("console.all_screens"), frame.to("/"), kind="ghost", icon_name="apps"
                    )
                    home.classes("ac-btn-small")
            self.draw_form()

    def draw_form(self) -> None:
        ended = self._storage.get(self._feature, {}).get("ended", False)
        sign_in_form(
            self._t,
            self._feature,
            staff_no=self._storage.get(self._last_staff_no, ""),
            sign_in=self._sign_in,
            said=self._t("codes.problem.signed_out") if ended else "",
        )

    async def _sign_in(self, request: SessionRequest) -> str | None:
        try:
            session = await self._door.sign_in(request)
        except CentralProblemError as error:
            code = error.problem.code
            found = self._t.code("codes.problem", code)
            return self._t("codes.problem.unexpected") if found == code else found
        except CentralUnreachableError:
            return self._t("codes.problem.unreachable")
        if session.role not in self._roles:
            await _end(self._door.of(session.token))
            return self._t(f"{self._feature}.signin.not_yours")
        self._storage[self._last_staff_no] = request.staff_no
        self._storage[self._feature] = {"token": session.token, "name": session.name}
        ui.navigate.reload()
        return None

    async def sign_out(self) -> None:
        """Ends the session at central as well; when central is away it runs out there by itself."""
        await _end(self.central)
        self.forget(ended=False)
        ui.navigate.reload()

    def give_up_when_ended(self, feed: OverviewFeed) -> bool:
        """Back to the sign-in when the session is over; True when the page goes."""
        if feed.state != "ended":
            return False
        self.forget()
        ui.navigate.reload()
        return True

    def forget(self, *, ended: bool = True) -> None:
        """Another page of this browser may have left or signed in anew already: that one's word stands."""
        if self._storage.get(self._feature, {}).get("token") == self.token:
            self._storage[self._feature] = {"ended": True} if ended else {}


async def _end(central: CentralClient) -> None:
    try:
        await central.sign_out()
    except (CentralUnreachableError, CentralProblemError) as error:
        _log.info("sign-out: %s", error)
