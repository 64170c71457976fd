"""The check-in as pure rules: which step follows which, what a typed number is worth, what to send."""

from itertools import pairwise
from typing import Any

from contracts.bookings_api import BookingCheckIn
from contracts.checkin_api import CheckInForm, DraftStep
from contracts.faces_api import FaceCheckIn
from contracts.gateway_api import CheckInRequest, Draft, Purpose
from contracts.values import Phone

Step = DraftStep
FACE_STEPS: frozenset[Step] = frozenset({"consent", "guardian", "enrol", "enrolled"})
"""What comes after the ticket, and only for those who want to hear about it."""
RESULT_SECONDS, ENROLLED_SECONDS, CERTIFICATE_SECONDS = 20, 40, 180
"""How long a last page stays before the first comes back."""
STEPS: tuple[Step, ...] = ("phone", "party", "purpose")
"""What every visitor is asked."""
QUESTIONS = ("first_visit", "family_visited", "contacted")
PURPOSES: tuple[tuple[Purpose, str], ...] = (
    ("view_home", "apartment"),
    ("return_visit", "replay"),
    ("appointment", "event_available"),
    ("contract", "draw"),
    ("other", "support_agent"),
)
"""What a visitor may come for, each with its Material icon."""
MAX_PARTY = 20
SCAN_STEPS: frozenset[Step] = frozenset({"home", *STEPS, "project", "gate", "booking"})
"""Where an agent's code may be read: until the check-in is sent."""
CODE_LENGTH = 160


def phone_code(digits: str) -> str | None:
    """The code of what is wrong with a complete entry, for example `phone_too_short`; None when it is a number."""
    try:
        Phone.parse(digits)
    except ValueError as error:
        return str(error)
    return None


def early_phone_code(digits: str) -> str | None:
    """What can already be said while typing; None while the number may still become right."""
    if digits.startswith("00"):
        return None
    if digits[:2] in {"10", "11", "12"}:
        return "phone_not_mobile"
    return phone_code(digits) if len(digits) >= 11 else None


def steps(form: CheckInForm, *, greeted: bool = False, booked: bool = False) -> tuple[Step, ...]:
    """What is asked here, in order: the project where there are several, the gate questions where a kiosk asks.

    Who was greeted and said «that is me» is asked these alone, and often nothing; a booking is first shown as it is.
    """
    project: tuple[Step, ...] = ("project",) if len(form.projects) > 1 else ()
    gate: tuple[Step, ...] = ("gate",) if form.gate_questions else ()
    if booked:
        return ("booking", *project, *gate)
    return (*project, *gate) if greeted else ("phone", "party", *project, *gate, "purpose")


def after(step: Step, order: tuple[Step, ...]) -> Step | None:
    """What follows an answer; None after the last: then the check-in is sent."""
    return next(iter(order[order.index(step) + 1 :]), None)


def previous(step: Step, order: tuple[Step, ...]) -> Step:
    """Where the back button leads."""
    if step in FACE_STEPS:
        return "consent" if step == "guardian" else "done"
    return "home" if step not in order or step == order[0] else order[order.index(step) - 1]


def group_phone(digits: str) -> str:
    """`13800112345` → `138 0011 2345`, as people read it aloud; numbers with a country prefix in fours."""
    cuts = (4, 8, 12, 16) if digits.startswith("00") else (3, 7)
    edges = [0, *(cut for cut in cuts if cut < len(digits)), len(digits)]
    return " ".join(digits[start:end] for start, end in pairwise(edges) if end > start)


def greeted_request(draft: Draft, greeting_id: str) -> FaceCheckIn:
    """What the gateway is asked for who said «that is me»."""
    return FaceCheckIn(greeting_id=greeting_id, **_said(draft))


def booked_request(draft: Draft, booking_id: str) -> BookingCheckIn:
    """What the gateway is asked for who has booked. Whom they ask for is the visitor's to leave or take back."""
    return BookingCheckIn(booking_id=booking_id, asked_for=_asked_for(draft), **_said(draft))


def request(draft: Draft) -> CheckInRequest:
    """What the gateway is asked; no number means an anonymous ticket. Raises ValueError with a phone code."""
    phone = Phone.parse(draft.digits) if draft.digits else None
    purpose = draft.purpose or "view_home"
    return CheckInRequest(phone=phone, purpose=purpose, asked_for=_asked_for(draft), **_said(draft))


def _said(draft: Draft) -> dict[str, Any]:
    """What every way of checking in tells alike."""
    return {
        "language": draft.language,
        "party_size": draft.party_size,
        "gate": draft.gate,
        "project": draft.project,
    }


def _asked_for(draft: Draft) -> str | None:
    return None if draft.asked_for is None else draft.asked_for.person_id
