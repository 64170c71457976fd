"""What the site's sensors measure: one tile, each number with its unit, the ones beyond their limits coloured."""

from markupsafe import Markup

from contracts.floor_api import ReadingView
from contracts.quantities import MEASURES, Quantity
from kiosk_ui.charts.base import Translate
from kiosk_ui.manager.figures import Level
from kiosk_ui.manager.view import View, tile
from kiosk_ui.wall.markup import span, tag


def readings(view: View) -> Markup:
    shown = sorted(view.floor.readings, key=lambda reading: (reading.device, reading.quantity))
    beyond = any(reading.level != "ok" and not reading.stale for reading in shown)
    body = [_reading(view, reading) for reading in shown]
    level: Level = "warn" if beyond else "good"
    return tile(view.t("manager.readings.name"), level, body, symbol="thermostat", test="board-readings")


def _reading(view: View, reading: ReadingView) -> Markup:
    level: Level = "idle" if reading.stale else "good" if reading.level == "ok" else "warn"
    old = view.t("manager.readings.old", at=view.clock(reading.at)) if reading.stale else None
    return span(
        span(cls="dot", data_level=level),
        # In one piece: the space between pieces of the row is the style sheet's, and there was none.
        span(
            view.t(f"manager.quantity.{reading.quantity}"),
            " ",
            tag("b", amount(view.t, reading.quantity, reading.value)),
        ),
        span(old or reading.device, cls="sub"),
        cls="device",
        data_test=f"board-reading-{reading.device}-{reading.quantity}",
    )


def amount(t: Translate, quantity: Quantity, value: float) -> str:
    """27.3 °C; whole numbers where decimals would say more than the sensor knows."""
    measure = MEASURES[quantity]
    number = f"{value:,.{measure.digits}f}"
    return f"{number} {measure.unit or t('manager.readings.pieces')}"


def value_of(t: Translate, facts: dict[str, object]) -> dict[str, object]:
    """The facts of an alarm about a reading, in words."""
    quantity: Quantity = facts["quantity"]  # type: ignore[assignment]
    limit = facts.get("limit")
    return {
        "quantity": t(f"manager.quantity.{quantity}"),
        "value": amount(t, quantity, float(str(facts["value"]))),
        "limit": amount(t, quantity, float(str(limit))) if limit is not None else "—",
    }
