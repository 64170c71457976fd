"""The six figures at the top of the board. Each has what it is compared with: the usual, or a target."""

from markupsafe import Markup

from kiosk_ui.manager.figures import (
    Level,
    against_usual,
    by_waiting_time,
    capture_level,
    wait_level,
    waited_seconds,
    waiting_since,
)
from kiosk_ui.manager.view import View, minutes_seconds, ticking
from kiosk_ui.wall.markup import Child, div, icon, span, tag


def cards(view: View) -> Markup:
    return Markup("").join(
        [_people_in(view), _occupancy(view), _capture(view), _waiting(view), _median(view), _visits(view)]
    )


def _card(
    title: str, symbol: str, value: Child, unit: str, foot: Child, *, level: Level = "idle", bar: Child = None
) -> Markup:
    return tag(
        "section",
        div(icon(symbol), span(title), cls="title"),
        div(value, span(unit, cls="unit"), cls="value"),
        bar,
        div(foot, cls="foot"),
        cls="card",
        data_level=level,
    )


def _bar(share: float, mark: float, level: Level, mark_title: str) -> Markup:
    """A bar filled to `share` with a tick at `mark`, both shares of the full width."""
    return div(
        div(cls="fill", style=f"width:{min(max(share, 0), 1) * 100:.1f}%", data_level=level),
        div(cls="mark", style=f"left:{min(max(mark, 0), 1) * 100:.1f}%", title=mark_title),
        cls="bar",
    )


def _number(value: object, test: str) -> Markup:
    return span(str(value), cls="number", data_test=test)


def _people_in(view: View) -> Markup:
    floor, t = view.floor, view.t
    compared = against_usual(floor.count_in, floor.usual_in_by_now, view.targets.near_usual)
    weekday = t(f"manager.weekday.{view.now.astimezone(view.zone).weekday()}")
    if compared is None:
        foot: Child = span(t("manager.usual.none", weekday=weekday))
        return _card(
            t("manager.card.people_in"),
            "login",
            _number(floor.count_in, "board-count-in"),
            t("charts.unit.people"),
            foot,
            bar=None,
        )
    foot = span(
        tag("b", _signed(compared.share), data_level=compared.level),
        " ",
        t("manager.usual.by_now", weekday=weekday, usual=round(compared.usual)),
    )
    return _card(
        t("manager.card.people_in"),
        "login",
        _number(floor.count_in, "board-count-in"),
        t("charts.unit.people"),
        foot,
        level=compared.level,
        bar=_bar(compared.fill / 1.5, 1 / 1.5, compared.level, t("manager.usual.mark")),
    )


def _signed(share: float) -> str:
    percent = round(share * 100)
    return f"▲ {percent} %" if percent > 0 else f"▼ {-percent} %" if percent < 0 else "= 0 %"


def _occupancy(view: View) -> Markup:
    floor, t = view.floor, view.t
    foot = span(
        t("manager.occupancy.out"),
        " ",
        tag("b", str(floor.count_out), data_test="board-count-out"),
        " ",
        t("charts.unit.people"),
    )
    return _card(
        t("manager.card.occupancy"),
        "groups",
        _number(floor.occupancy, "board-occupancy"),
        t("charts.unit.people"),
        foot,
        bar=None,
    )


def _capture(view: View) -> Markup:
    floor, t, target = view.floor, view.t, view.targets.capture_rate
    level = capture_level(floor.capture_rate, floor.count_in, view.targets)
    shown = "—" if floor.capture_rate is None else str(round(floor.capture_rate * 100))
    foot = span(
        t("manager.capture.of", registered=floor.registered_people, counted=floor.count_in),
        " · ",
        t("manager.target.percent", target=round(target * 100)),
    )
    bar = _bar(floor.capture_rate or 0, target, level, t("manager.target.percent", target=round(target * 100)))
    return _card(
        t("manager.card.capture"), "how_to_reg", _number(shown, "board-capture"), "%", foot, level=level, bar=bar
    )


def _waiting(view: View) -> Markup:
    floor, t, targets = view.floor, view.t, view.targets
    queue = by_waiting_time(floor)
    longest = waited_seconds(queue[0], view.now) if queue else None
    level = wait_level(longest, targets)
    if queue:
        clock = ticking(
            waiting_since(queue[0]),
            view.now,
            warn=targets.wait_seconds,
            late=targets.wait_late_seconds,
            test="board-longest-wait",
        )
        foot: Child = span(t("manager.waiting.longest"), " ", clock, " · ", _target(view))
    else:
        foot = span(t("manager.waiting.nobody"))
    share = (longest or 0) / (2 * targets.wait_seconds)
    return _card(
        t("manager.card.waiting"),
        "hourglass_top",
        _number(len(floor.waiting), "board-waiting"),
        t("charts.unit.parties"),
        foot,
        level=level,
        bar=_bar(share, 0.5, level, _target(view)),
    )


def _target(view: View) -> str:
    return view.t("manager.target.wait", target=minutes_seconds(view.targets.wait_seconds))


def _median(view: View) -> Markup:
    floor, t, targets = view.floor, view.t, view.targets
    level = wait_level(floor.wait_median_seconds, targets)
    shown = "—" if floor.wait_median_seconds is None else minutes_seconds(floor.wait_median_seconds)
    share = (floor.wait_median_seconds or 0) / (2 * targets.wait_seconds)
    return _card(
        t("manager.card.median"),
        "timer",
        _number(shown, "board-wait-median"),
        t("charts.unit.minutes_seconds"),
        span(t("manager.median.today"), " · ", _target(view)),
        level=level,
        bar=_bar(share, 0.5, level, _target(view)),
    )


def _visits(view: View) -> Markup:
    floor, t = view.floor, view.t
    total = floor.first_visits + floor.return_visits
    share = floor.first_visits / total if total else 0
    split = div(
        div(cls="first", style=f"width:{share * 100:.1f}%"),
        div(cls="again", style=f"width:{(1 - share) * 100 if total else 0:.1f}%"),
        cls="bar split",
    )
    foot = span(
        span(cls="dot first"),
        t("manager.visits.first", n=floor.first_visits),
        "  ",
        span(cls="dot again"),
        t("manager.visits.return", n=floor.return_visits),
    )
    return _card(
        t("manager.card.visits"),
        "meeting_room",
        _number(total, "board-visits"),
        t("charts.unit.parties"),
        foot,
        bar=split,
    )
