"""Entering a sale at head office. The key is made with the dialog, so that a second click is the same sale."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import get_args

from nicegui import ui

from contracts.central_api import CentralCustomer, ConsultantFigures, SaleKind, SalePost
from contracts.ids import uuid7
from kiosk_ui import design
from kiosk_ui.charts.base import Translate
from kiosk_ui.clients.central import CentralClient, CentralProblemError, CentralUnreachableError, SessionEndedError
from kiosk_ui.console.figures import FEN_PER_WAN

_LARGEST_FEN = 10**13


def fen_of_wan(text: str) -> int:
    """Fen of an amount typed in 万元, for example `128.5` → 128,500,000.

    Raises ValueError with the code `amount_empty`, `amount_not_number`, `amount_negative`, `amount_too_large` or
    `amount_too_fine` (less than a fen).
    """
    bare = text.replace(",", "").replace("，", "").strip()
    if not bare:
        raise ValueError("amount_empty")
    try:
        fen = Decimal(bare) * FEN_PER_WAN
    except InvalidOperation as error:
        raise ValueError("amount_not_number") from error
    if not fen.is_finite():
        raise ValueError("amount_not_number")
    if fen <= 0:
        raise ValueError("amount_negative")
    if fen > _LARGEST_FEN:
        raise ValueError("amount_too_large")
    if fen != fen.to_integral_value():
        raise ValueError("amount_too_fine")
    return int(fen)


class SaleDialog:
    def __init__(
        self,
        central: CentralClient,
        t: Translate,
        office: str,
        customers: Sequence[CentralCustomer],
        consultants: Sequence[ConsultantFigures],
        entered: Callable[[], Awaitable[None]],
    ) -> None:
        self._central = central
        self._t = t
        self._office = office
        self._entered = entered
        self._key = uuid7()
        self._dialog = ui.dialog()
        with self._dialog, design.box("ac-dialog", test="sale-dialog"):
            design.text(t("console.sale.title"), "ac-h2", tag="h2")
            kinds = {kind: t(f"console.sale_kind.{kind}") for kind in get_args(SaleKind)}
            self._kind = _select(kinds, t("console.sale.kind"), "sale-kind", first="contract")
            who = {c.customer_id: f"{c.name} {c.phone}" for c in customers}
            self._customer = _select(who, t("console.sale.customer"), "sale-customer")
            staff = {c.consultant_id: c.name for c in consultants}
            self._consultant = _select(staff, t("console.sale.consultant"), "sale-consultant")
            self._unit = _input(t("console.sale.unit"), t("console.sale.unit_example"), "sale-unit")
            self._amount = _input(t("console.sale.amount"), t("console.sale.amount_example"), "sale-amount")
            self._error = design.text("", "ac-error", test="sale-error")
            with design.row("ac-between"):
                design.button(t("common.cancel"), self._dialog.close, kind="ghost")
                self._save = design.button(t("common.save"), self._submit, test="sale-save")

    async def open(self) -> None:
        self._dialog.open()

    async def _submit(self) -> None:
        """Everything is checked before anything is sent; after an unreachable server the same key is tried again."""
        t = self._t
        if not (self._customer.value and self._consultant.value):
            self._error.text = t("console.sale.who_missing")
            return
        try:
            amount = fen_of_wan(self._amount.value or "")
        except ValueError as error:
            self._error.text = t(f"console.sale.{error}")
            return
        sale = SalePost(
            office=self._office,
            kind=self._kind.value,
            customer_id=self._customer.value,
            consultant_id=self._consultant.value,
            unit_ref=self._unit.value or "",
            amount_fen=amount,
        )
        design.enable(self._save, False)
        try:
            await self._central.post_sale(self._key, sale)
        except CentralUnreachableError:
            self._error.text = t("console.sale.unreachable")
        except SessionEndedError:
            self._error.text = t("codes.problem.signed_out")
        except CentralProblemError as error:
            self._error.text = t("console.sale.refused", code=error.problem.code)
        else:
            self._dialog.close()
            design.toast(t("console.sale.saved"))
            await self._entered()
        finally:
            design.enable(self._save, True)


def _select(options: dict[str, str], label: str, test: str, first: str | None = None) -> ui.select:
    element = ui.select(options, label=label, value=first, with_input=len(options) > 8)
    return design.mark(element.props("outlined options-dense").classes("sale-field"), test)


def _input(label: str, example: str, test: str) -> ui.input:
    return design.mark(ui.input(label, placeholder=example).props("outlined").classes("sale-field"), test)
