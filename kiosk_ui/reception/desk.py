"""What the reception's page shows."""

from dataclasses import dataclass, field

from contracts.faces_api import FacesOverview, Greeting, Review, Withdrawal


@dataclass
class Shown:
    """As the gateway told it last; `faces` None until it did."""

    greetings: list[Greeting] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    faces: FacesOverview | None = None
