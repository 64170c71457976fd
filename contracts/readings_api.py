"""What a reader beside a screen has just read, as that screen is told: bodies only."""

from typing import Literal

from pydantic import Field

from contracts.gateway_api import CustomerView
from contracts.ids import Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime


class Reading(Wire):
    """A `code` has its `text`, to be used as if it had been typed there. An `id_card` has a masked number and name.

    `customers` are the files on which that ID number stands: evidence of who is here, which a person confirms.
    """

    reading_id: Uuid
    kind: Literal["code", "id_card"]
    at: UtcDateTime
    text: str = ""
    name_masked: str = ""
    number_masked: str = ""
    customers: list[CustomerView] = Field(default_factory=list)


class ReadingList(Wire):
    """Newest last; each is gone by itself after a while, or once it was used."""

    items: list[Reading]


class ReadingUse(Wire):
    """The ID number that was read belongs to this customer: it is noted with source `reader`."""

    customer_id: Uuid
