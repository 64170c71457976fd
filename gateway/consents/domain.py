"""The rules of consent, pure: who may be asked, how long a yes holds, when a no is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.faces_api import EnrolmentView, FaceAnswer

EnrolmentState = Literal["asked", "running", "done", "failed", "cancelled"]
LAPSED: dict[str, str] = {"asked": "no_answer", "running": "timeout"}
SELF_EXPIRY = timedelta(minutes=10)
"""How far a node's clock may run ahead when it ends a consent at its `until` by itself."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is known of a visitor at the screen. `refused`: today, by this visit or this number.

    `proven`: their own face was greeted there and they said «that is me»; a number proves nothing, anybody types it.
    """

    has_number: bool
    proven: bool
    enrolled: bool
    refused: bool
    camera: bool


def face_answer(asking: Asking) -> FaceAnswer:
    """Whether the kiosk may ask. Who only typed a number is not told what its owner decided: only, not asked."""
    if not asking.has_number:
        return "unavailable"
    if asking.enrolled:
        return "enrolled" if asking.proven else "unavailable"
    return "ask" if asking.camera and not asking.refused else "unavailable"


def still_asking(checked_in_at: datetime, now: datetime, minutes: int) -> bool:
    """Whether a check-in is recent enough to be asked about; the last instant counts."""
    return now - checked_in_at <= timedelta(minutes=minutes)


def kept_until(last_visit_at: datetime, retention_days: int) -> datetime:
    """When the consent ends by itself: rolling days of 24 hours after the last visit."""
    return last_visit_at + timedelta(days=retention_days)


def is_over(until: datetime, now: datetime) -> bool:
    """From the instant `until` on."""
    return now >= until


def never_enrolled(given_at: datetime, now: datetime, minutes: int) -> bool:
    """Whether a consent without a template has waited long enough; its last instant still counts for the visitor."""
    return now - given_at > timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The latest enrolment of one consent."""

    consent_id: str
    state: EnrolmentState
    deadline: datetime
    preview_url: str | None
    shots: int
    of: int
    reason: str


def enrolment_view(enrolment: Enrolment, now: datetime) -> EnrolmentView:
    """As it stands `now`: a node that fell silent has failed."""
    state, reason = enrolment.state, enrolment.reason
    if state in LAPSED and now > enrolment.deadline:
        state, reason = "failed", LAPSED[state]
    return EnrolmentView(
        consent_id=enrolment.consent_id,
        state=state,
        preview_url=enrolment.preview_url if state == "running" else None,
        shots=enrolment.shots,
        of=enrolment.of,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """A node that says the templates lie with it."""

    node: str
    key: str


def choose_vault(remembered: str | None, claims: Sequence[Claim]) -> Claim | None:
    """The remembered node while it claims; otherwise the only one that does. None: nothing is to change.

    Two claimants and none remembered is for a manager to settle: no probe is sealed to a guess.
    """
    for claim in claims:
        if claim.node == remembered:
            return claim
    return claims[0] if len(claims) == 1 else None


def counts_as_forgotten(cause: str, *, ended: bool, until: datetime, at: datetime) -> bool:
    """Whether a node's word that it holds nothing confirms the end of the consent.

    A node may be first: it ends a consent at `until` by itself. What it says of a living one (templates that moved,
    an older date) confirms nothing.
    """
    return ended or (cause == "ended" and at >= until - SELF_EXPIRY)
