"""How many of the people counted at the doors were registered, pure (domain.md, Visits).

Capture rate = registered people ÷ counted people, net of staff, non-customers and re-entries. An hour speaks of the
people who came through the door in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from contracts.gateway_api import RuleNote
from gateway.policy import PolicyConfig
from gateway.visits.assembly import Counted
from gateway.visits.parties import earliest


@dataclass(slots=True)
class Capture:
    """People of one hour or one day. `counted` is what the doors saw, before anything is taken out of it."""

    counted: int = 0
    staff: int = 0
    non_customers: int = 0
    re_entries: int = 0
    registered: int = 0

    @property
    def net(self) -> int:
        return max(0, self.counted - self.staff - self.non_customers - self.re_entries)

    @property
    def unregistered(self) -> int:
        """漏登: counted and in no visit."""
        return max(0, self.net - self.registered)

    @property
    def rate(self) -> float | None:
        """Share of the net count that was registered, at most 1; None before anybody was counted."""
        return min(1.0, self.registered / self.net) if self.net else None


def by_hour(counted_in: Mapping[int, int], people: Iterable[Counted], zone: ZoneInfo) -> list[Capture]:
    """All 24 hours of a day of the office."""
    hours = [Capture(counted=counted_in.get(hour, 0)) for hour in range(24)]
    for counted in people:
        out = counted.people if counted.role != "registered" else counted.re_entering
        for taken in counted.taken:
            part = min(out, taken.people)
            out -= part
            _take_out(hours[taken.at.astimezone(zone).hour], counted.role, part)
        if counted.role == "registered":
            came = earliest(counted.at, counted.taken).astimezone(zone).hour
            hours[came].registered += counted.people - counted.re_entering
    return hours


def _take_out(hour: Capture, role: str, people: int) -> None:
    if role == "staff":
        hour.staff += people
    elif role == "non_customer":
        hour.non_customers += people
    else:
        hour.re_entries += people


def of_day(hours: Iterable[Capture]) -> Capture:
    total = Capture()
    for hour in hours:
        total.counted += hour.counted
        total.staff += hour.staff
        total.non_customers += hour.non_customers
        total.re_entries += hour.re_entries
        total.registered += hour.registered
    return total


def alarm(capture: Capture, policy: PolicyConfig, *, hour: int | None = None) -> RuleNote | None:
    """漏登 (`unregistered`) and `sensor`, of an hour or of a day (`hour` None); None when the figures agree.

    Fewer people than the minimum, counted or registered, alarm nobody.
    """
    share = Fraction(str(policy.alarm_share))
    facts = {
        "hour": hour,
        "counted": capture.net,
        "registered": capture.registered,
        "share": policy.alarm_share,
        "staff": capture.staff,
        "non_customers": capture.non_customers,
        "re_entries": capture.re_entries,
    }
    missing, least = capture.net - capture.registered, policy.alarm_min_people
    if capture.net >= least and missing >= share * capture.net:
        return RuleNote(rule="unregistered", outcome="won", reason="people_not_registered", facts=facts)
    if capture.registered >= least and -missing >= share * max(capture.net, 1):
        return RuleNote(rule="sensor", outcome="won", reason="more_registered_than_counted", facts=facts)
    return None
