"""What a check-in asks beside the usual, and how it is answered: bodies only."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from contracts.ids import Slug, Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime


class GateAnswers(Wire):
    """The three gate questions (问岗三问) as the visitor answered them; None: not asked, or not answered."""

    first_visit: bool | None = None
    family_visited: bool | None = None
    """Family or a friend."""
    contacted: bool | None = None
    """By a consultant or an agent."""


GateHint = Literal["gate_visited_unknown", "gate_family_unknown", "gate_contact_unknown"]
"""What a visitor says of earlier dealings that nothing known bears out, where nobody owns them: search for the file."""


GateQuestion = Literal["first_visit", "family_visited", "contacted"]


class ProjectOption(Wire):
    """A project (项目) that the office sells, as a visitor reads it."""

    project: Slug
    name: str
    name_en: str


class CheckInForm(Wire):
    """What this screen asks at a check-in beside the usual. `projects` to choose from: none where there is one.

    `questions`: those of the gate questions that are asked, where they are. Who is recognised is not asked all three.
    """

    gate_questions: bool = False
    questions: list[GateQuestion] = Field(default_factory=lambda: list(get_args(GateQuestion)))
    projects: list[ProjectOption] = Field(default_factory=list)


class AskableConsultant(Wire):
    """A consultant of today's rota, as a visitor may ask for them."""

    person_id: Uuid
    name: str


PartySize = Annotated[int, Field(ge=1, le=50)]
BookingRefusal = Literal["", "malformed", "other_office", "unknown", "cancelled", "used_before", "expired"]


class BookingAnswer(Wire):
    """What a code came to at this screen. `refused` is empty for a good one; the rest is then filled.

    In public nothing of a person is shown but the family name. `consultant` only where they are here today. `form`:
    what is still to be asked.
    """

    refused: BookingRefusal
    booking_id: Uuid | None = None
    family_name: str = ""
    at: UtcDateTime | None = None
    party_size: PartySize = 1
    consultant: AskableConsultant | None = None
    form: CheckInForm | None = None


DraftStep = Literal[
    "home",
    "booking",
    "phone",
    "party",
    "project",
    "gate",
    "purpose",
    "done",
    "consent",
    "guardian",
    "enrol",
    "enrolled",
]
