"""Whose customer it is, and whose deal it would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gateway.attribution.case import Case
from gateway.attribution.ownership import Ownership, claimed_in_time, good_faith_owners

OwnerRule = Literal["non_customer", "appeal_upheld", "live_ownership", "last_receiver", "received", "nobody_yet"]
OwnerReason = Literal[
    "followed_up_in_time",
    "claimed_in_time",
    "unclaimed",
    "ownership_lapsed",
    "owner_departed",
    "no_earlier_visit",
    "never_received",
    "visitor_unknown",
    "non_customer",
    "ruled",
]


class Share(BaseModel):
    """A consultant's part of a deal's commission, in percent; the parts of one deal add up to 100."""

    model_config = ConfigDict(frozen=True)
    consultant_id: str
    percent: int


@dataclass(frozen=True, slots=True)
class Owned:
    """`open_until`: the last instant at which the earlier consultant may still claim the customer."""

    owner_id: str | None
    rule: OwnerRule
    reason: OwnerReason
    open_until: datetime | None = None


def whose(case: Case) -> Owned:
    """A first visit has no owner until a consultant receives it; that makes the next verdict."""
    if case.marked is not None:
        return Owned(None, "non_customer", "non_customer")
    if case.ruled_owner is not None:
        return Owned(case.ruled_owner.owner_id, "appeal_upheld", "ruled")
    if case.known is None or not case.owned:
        first = case.received[0].consultant_id if case.received else None
        return Owned(first, "nobody_yet" if first is None else "received", _why_nobody(case))
    return _unidentified(case, case.known) or Owned(case.known.consultant_id, "live_ownership", "followed_up_in_time")


def shares(case: Case, owned: Owned) -> tuple[Share, ...]:
    """Of a deal on any later day: the owner's, or equal parts of all who recorded a first visit in good faith.

    Whoever owns by a ruling, or by being the last receiver of an unclaimed customer, took over from all of them.
    """
    if owned.owner_id is None:
        return ()
    owners = good_faith_owners(case.earlier, case.evidence.arrived_at, case.rules)
    alone = case.rules.policy.good_faith != "split" or owned.rule in ("last_receiver", "appeal_upheld")
    if alone or owned.owner_id not in owners:
        return (Share(consultant_id=owned.owner_id, percent=100),)
    return divide(owners, 100)


def same_day_shares(case: Case, owned: Owned, lasting: tuple[Share, ...]) -> tuple[Share, ...]:
    """Of a deal on the day of the visit: whoever received it for an absent owner has a part, unless they hid it."""
    percent = case.rules.policy.assist_share_percent
    if owned.reason != "followed_up_in_time" or not case.received or not percent:
        return lasting
    last = case.received[-1]
    if last.hidden or any(share.consultant_id == last.consultant_id for share in lasting):
        return lasting
    rest = divide([share.consultant_id for share in lasting], 100 - percent)
    return (*(share for share in rest if share.percent), Share(consultant_id=last.consultant_id, percent=percent))


def divide(consultants: Sequence[str], percent: int) -> tuple[Share, ...]:
    """Equal parts in whole percents; what does not divide goes to the first."""
    part, rest = divmod(percent, len(consultants))
    return tuple(
        Share(consultant_id=each, percent=part + (rest if place == 0 else 0)) for place, each in enumerate(consultants)
    )


def _unidentified(case: Case, known: Ownership) -> Owned | None:
    """The owner was found out only after the visit that somebody else had received was over."""
    last = case.received[-1] if case.received else None
    if last is None or not last.unidentified or last.consultant_id == known.consultant_id:
        return None
    if claimed_in_time(last, known.consultant_id, case.earlier, case.rules):
        return Owned(known.consultant_id, "live_ownership", "claimed_in_time")
    return Owned(last.consultant_id, "last_receiver", "unclaimed", last.at + case.rules.claim_window)


def _why_nobody(case: Case) -> OwnerReason:
    if not case.evidence.party:
        return "visitor_unknown"
    if case.known is None or not case.known.ended:
        return "no_earlier_visit" if case.evidence.visit_kind == "first" else "never_received"
    return case.known.ended
