"""A signal of fraud in words: its figures and what they were held against, never what to think of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.fraud_api import FraudCode, FraudSignal
from kiosk_ui.texts import Texts

_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One of two things compared. `part`: its length, 0 to 1, of the longer one."""

    label: str
    value: str
    part: float


@dataclass(frozen=True, slots=True)
class Told:
    """`figures`: what was measured; `against`: the office's setting that it was held against."""

    title: str
    figures: str
    against: str
    bars: tuple[Bar, ...] = ()


def told(t: Texts, signal: FraudSignal) -> Told:
    title = t(f"fraud.{signal.code}.title")
    return _TELLERS[signal.code](t, title, signal.figures)


def span(t: Texts, minutes: float) -> str:
    """Minutes up to two hours, hours up to two days, days after that."""
    if minutes < 2 * _HOUR:
        return t("fraud.minutes", n=f"{minutes:.0f}")
    if minutes < 2 * _DAY:
        return t("fraud.hours", n=f"{round(minutes / _HOUR, 1):g}")
    return t("fraud.days", n=f"{round(minutes / _DAY, 1):g}")


def _near(t: Texts, title: str, figures: Mapping[str, float]) -> Told:
    before = figures["minutes_before"]
    side = "before" if before >= 0 else "after"
    said = t(f"fraud.registered_near_arrival.{side}", span=span(t, abs(before)))
    limit = span(t, figures["within"])
    against = t("fraud.registered_near_arrival.against", limit=limit)
    return Told(title, said + _masked(t, figures), against, _pair(t, abs(before), figures["within"]))


def _after(t: Texts, title: str, figures: Mapping[str, float]) -> Told:
    after, limit = figures["minutes_after"], figures["hours"] * _HOUR
    said = t("fraud.walk_in_registered_after.said", span=span(t, after)) + _masked(t, figures)
    against = t("fraud.walk_in_registered_after.against", limit=span(t, limit))
    return Told(title, said, against, _pair(t, after, limit))


def _many(t: Texts, title: str, figures: Mapping[str, float]) -> Told:
    said = t(
        "fraud.number_of_many_channels.said",
        channels=f"{figures['channels']:.0f}",
        n=f"{figures['registrations']:.0f}",
        span=span(t, figures["hours"] * _HOUR),
    )
    least, days = f"{figures['at_least']:.0f}", f"{figures['days']:.0f}"
    return Told(title, said, t("fraud.number_of_many_channels.against", least=least, days=days))


def _faster(t: Texts, title: str, figures: Mapping[str, float]) -> Told:
    own, others = figures["median_minutes"], figures["others_median_minutes"]
    longest = max(own, others) or 1
    theirs = t("fraud.agent_faster_than_others.own", n=f"{figures['n']:.0f}")
    rest = t("fraud.agent_faster_than_others.others", n=f"{figures['others_n']:.0f}")
    said = t(
        "fraud.agent_faster_than_others.said",
        ratio=_percent(figures["ratio"]),
        low=_percent(figures["ratio_low"]),
        high=_percent(figures["ratio_high"]),
        confidence=_percent(figures["confidence"]),
    )
    most, least = _percent(figures["at_most"]), f"{figures['at_least']:.0f}"
    against = t("fraud.agent_faster_than_others.against", most=most, least=least)
    bars = Bar(theirs, span(t, own), own / longest), Bar(rest, span(t, others), others / longest)
    return Told(title, said, against, bars)


def _behind(t: Texts, title: str, figures: Mapping[str, float]) -> Told:
    followed, masked = figures["followed"], figures["masked"]
    share = _percent(figures["share"])
    said = t("fraud.masked_behind_rivals.said", n=f"{followed:.0f}", of=f"{masked:.0f}", share=share)
    against = t(
        "fraud.masked_behind_rivals.against",
        least=f"{figures['at_least']:.0f}",
        share=_percent(figures["at_least_share"]),
        hours=f"{figures['hours']:.0f}",
    )
    bars = (
        Bar(t("fraud.masked_behind_rivals.all"), f"{masked:.0f}", 1.0),
        Bar(t("fraud.masked_behind_rivals.followed"), f"{followed:.0f}", followed / max(masked, 1)),
    )
    return Told(title, said, against, bars)


def _pair(t: Texts, measured: float, limit: float) -> tuple[Bar, Bar]:
    longest = max(measured, limit) or 1
    return (
        Bar(t("fraud.measured"), span(t, measured), measured / longest),
        Bar(t("fraud.limit"), span(t, limit), limit / longest),
    )


def _masked(t: Texts, figures: Mapping[str, float]) -> str:
    return t("fraud.masked") if figures["masked"] else ""


def _percent(share: float) -> str:
    return f"{share:.0%}"


_TELLERS: dict[FraudCode, Callable[[Texts, str, Mapping[str, float]], Told]] = {
    "registered_near_arrival": _near,
    "walk_in_registered_after": _after,
    "number_of_many_channels": _many,
    "agent_faster_than_others": _faster,
    "masked_behind_rivals": _behind,
}
