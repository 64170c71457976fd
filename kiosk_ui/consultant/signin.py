"""Signing in on the tablet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.rest import SessionRequest
from kiosk_ui.clients.gateway import GatewayProblemError, GatewayUnreachableError
from kiosk_ui.design.signin import sign_in_form

if TYPE_CHECKING:
    from kiosk_ui.consultant.page import TabletPage

_LAST_STAFF_NO = "staff_no"


def draw(page: TabletPage) -> None:
    """Fill the page with the sign-in form; the staff number used last on this tablet is kept."""

    async def sign_in(request: SessionRequest) -> str | None:
        return await _sign_in(page, request)

    page.root.clear()
    with page.root:
        sign_in_form(page.t, "consultant", staff_no=page.storage.get(_LAST_STAFF_NO, ""), sign_in=sign_in)


async def _sign_in(page: TabletPage, request: SessionRequest) -> str | None:
    try:
        session = await page.gateway.sign_in(request)
    except GatewayProblemError as error:
        return page.problem(error)
    except GatewayUnreachableError:
        return page.t("codes.problem.unreachable")
    page.storage[_LAST_STAFF_NO] = request.staff_no
    await page.enter(session)
    return None
