"""Recognised arrivals, pure: what follows from a recognition, and from a number typed where somebody was recognised.

The outcome depends on which signals there were, not on the order they came in: a face before the number and a face
after it end in the same visits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.values import UtcDateTime
from gateway.policy import PolicyConfig
from gateway.visits.domain import LastVisit, match_arrival

MISTAKEN = "mistaken"
"""Why a visit was closed that only a face had opened, and that was not its customer's."""
CONSENT_STATES = Literal["active", "granted", "ended", "unknown"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class KnownVisit(_Frozen):
    """The customer's latest visit. `proven`: something other than a face says that it is theirs.

    `last_sign_at`: when it was said last that they are here, or more of them.
    """

    visit_id: str
    state: str
    opened_at: UtcDateTime
    closed_at: UtcDateTime | None = None
    close_reason: str | None = None
    closes_at: UtcDateTime | None = None
    proven: bool = False
    last_sign_at: UtcDateTime | None = None


class Face(_Frozen):
    """Somebody recognised at one camera whose greeting is still fresh. `proven` as for a visit."""

    greeting_id: str
    customer_id: str
    track: int
    seen_at: UtcDateTime
    proven: bool = False
    tied: bool = False
    """A review already holds them against somebody else's number."""


class Number(_Frozen):
    """A number typed at one screen. `backed`: its customer's face was seen there too."""

    visit_id: str
    customer_id: str
    at: UtcDateTime
    backed: bool = False


class Inputs(_Frozen):
    """All that a recognition is judged by. `others` are the faces at the same camera, `numbers` typed at its screen."""

    customer_id: str
    consent: CONSENT_STATES
    customer_known: bool
    track: int
    seen_at: UtcDateTime
    late: bool
    leaving: bool = False
    """Seen by a camera at the exit."""
    last: KnownVisit | None = None
    back_at: UtcDateTime | None = None
    """The earliest sign of this arrival, when it was before the face: through the door."""
    said_not_me_at: UtcDateTime | None = None
    asked: bool = False
    """An open review asks about them."""
    others: tuple[Face, ...] = ()
    numbers: tuple[Number, ...] = ()
    policy_version: int


Action = Literal["ignore", "new", "reopen", "join", "ask", "leave"]
ReviewKind = Literal[
    "face_conflict",
    "face_unknown_person",
    "two_faces_one_visit",
    "one_face_two_files",
    "one_key_two_files",
    "files_alike",
]


class Decision(_Frozen):
    """`visit_id`: the visit joined, reopened or asked about. `rivals`: greetings of others that share the track.

    With `ask` they become candidates; with `join` they are set aside, for the track is shown to be somebody else's.
    """

    action: Action
    rule: str
    visit_id: str | None = None
    kind: ReviewKind | None = None
    rivals: tuple[str, ...] = ()


def seen_at(claimed: datetime, event_time: datetime, now: datetime, *, clock_synced: bool) -> datetime:
    """When the person was seen, in gateway time: a camera's clock that is not to be trusted gives the event's own.

    `event_time` was corrected when the event was taken; nobody is seen after it.
    """
    return claimed if clock_synced and claimed <= min(event_time, now) else event_time


def decide(inputs: Inputs, policy: PolicyConfig) -> Decision:
    """What follows from one recognition."""
    barred = _barred(inputs)
    if barred is not None:
        return barred
    last = inputs.last
    if inputs.leaving:
        return _leaving(last, inputs.seen_at)
    rivals = [face for face in inputs.others if face.track == inputs.track]
    if last is not None and last.state != "closed" and last.proven:
        return Decision(
            action="join",
            rule="visit_proven",
            visit_id=last.visit_id,
            rivals=tuple(face.greeting_id for face in rivals if not face.proven),
        )
    return _quiet(inputs, policy) or _contested(inputs, rivals, policy) or _arrival(inputs, policy)


def _leaving(last: KnownVisit | None, seen_at: datetime) -> Decision:
    """A face at the exit ends a visit that nobody serves; who is served may be shown the site.

    It is told a while after it was seen: whoever has come since, or come back, has not left.
    """
    if last is None or last.state == "closed":
        return Decision(action="ignore", rule="exit_without_visit")
    if last.state == "serving":
        return Decision(action="ignore", rule="exit_while_served", visit_id=last.visit_id)
    if last.last_sign_at is not None and seen_at < last.last_sign_at:
        return Decision(action="ignore", rule="exit_before_arrival", visit_id=last.visit_id)
    return Decision(action="leave", rule="exit_face", visit_id=last.visit_id)


def _barred(inputs: Inputs) -> Decision | None:
    if inputs.late:
        return Decision(action="ignore", rule="late")
    if inputs.consent != "active":
        return Decision(action="ignore", rule=f"consent_{inputs.consent}")
    if not inputs.customer_known:
        return Decision(action="ask", rule="customer_gone", kind="face_unknown_person")
    return None


def _quiet(inputs: Inputs, policy: PolicyConfig) -> Decision | None:
    last, said_at = inputs.last, inputs.said_not_me_at
    if inputs.asked:
        return Decision(action="ignore", rule="asked_already")
    if said_at is not None and inputs.seen_at - said_at <= policy.not_me:
        return Decision(action="ignore", rule="said_not_me")
    if last is not None and last.closed_at is not None and inputs.seen_at - last.closed_at <= policy.leave_quiet:
        return Decision(action="ignore", rule="leaving", visit_id=last.visit_id)
    return None


def _contested(inputs: Inputs, rivals: Sequence[Face], policy: PolicyConfig) -> Decision | None:
    if any(face.proven for face in rivals):
        return Decision(action="ignore", rule="track_proven_other")
    number = conflicting_number(inputs.customer_id, inputs.seen_at, inputs.numbers, policy)
    if number is not None:
        return Decision(action="ask", rule="number_of_another", visit_id=number.visit_id, kind="face_conflict")
    if rivals:
        return Decision(
            action="ask",
            rule="two_people_one_track",
            kind="two_faces_one_visit",
            rivals=tuple(
                face.greeting_id for face in sorted(rivals, key=lambda face: (face.seen_at, face.customer_id))
            ),
        )
    return None


def _arrival(inputs: Inputs, policy: PolicyConfig) -> Decision:
    last = inputs.last
    known = None
    if last is not None:
        known = LastVisit(last.visit_id, last.state, last.opened_at, last.closed_at, last.close_reason, last.closes_at)
    match = match_arrival(known, inputs.back_at or inputs.seen_at, policy)
    return Decision(action=match.action, rule=match.rule, visit_id=match.visit_id)


def conflicting_number(
    customer_id: str, seen: datetime, numbers: Sequence[Number], policy: PolicyConfig
) -> Number | None:
    """The number of somebody else that was typed where this face was seen, with nobody seen there to explain it.

    When this customer's own number was typed there, that is the explanation. Of several the latest counts.
    """
    near = [number for number in numbers if abs(number.at - seen) <= policy.kiosk_face]
    if any(number.customer_id == customer_id for number in near):
        return None
    unbacked = [number for number in near if not number.backed]
    return max(unbacked, key=lambda number: (number.at, number.visit_id), default=None)


# ---- a number typed ------------------------------------------------------------------------------------------------
class NumberInputs(_Frozen):
    """All that a typed number, or «that is me», is judged by: the faces seen at that screen's camera."""

    customer_id: str
    at: UtcDateTime
    proof: Literal["number", "face"]
    faces: tuple[Face, ...] = ()
    policy_version: int


class NumberDecision(_Frozen):
    """Greetings that agree, that contradict (a review asks about them), and that the number explains away."""

    rule: Literal["no_face", "number_agrees", "number_of_another"]
    agreeing: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


def weigh_number(inputs: NumberInputs, policy: PolicyConfig) -> NumberDecision:
    """What a typed number says of the faces that were seen where it was typed, last instant included.

    Whoever's own face was seen there is who typed; other people on other tracks are other people.
    """
    near = [face for face in inputs.faces if abs(inputs.at - face.seen_at) <= policy.kiosk_face]
    own = [face for face in near if face.customer_id == inputs.customer_id]
    others = [face for face in near if face.customer_id != inputs.customer_id and not face.proven]
    if own:
        tracks = {face.track for face in own}
        return NumberDecision(
            rule="number_agrees",
            agreeing=_ids(own),
            set_aside=_ids([face for face in others if face.track in tracks]),
        )
    contradicting = _ids([face for face in others if not face.tied])
    return NumberDecision(rule="number_of_another" if contradicting else "no_face", contradicting=contradicting)


def _ids(faces: Sequence[Face]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(face.greeting_id for face in sorted(faces, key=lambda f: (f.seen_at, f.customer_id))))


# ---- what a greeting still is --------------------------------------------------------------------------------------
def is_over(expires_at: datetime, now: datetime) -> bool:
    """The last instant still counts."""
    return now > expires_at


def at_kiosk(last_seen_at: datetime, now: datetime, window: timedelta) -> bool:
    """Whether who was seen then counts as standing there now, last instant included."""
    return now - last_seen_at <= window
