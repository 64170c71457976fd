"""Which side's value stands when office and head office both changed a customer, pure.

Central masters customers (design.md, Who is master): a correction made at head office stands over a name that the
office changed meanwhile. A number is what the office proved at its own door: the file that holds it there keeps it.
"""

from dataclasses import dataclass
from typing import Literal

Side = Literal["office", "company"]
ConflictRule = Literal["head_office_corrects_names", "number_stays_where_it_was_proven"]


@dataclass(frozen=True, slots=True)
class Settled:
    """The value that stands. `rule` is empty when nobody disagreed."""

    value: str
    winner: Side
    rule: ConflictRule | Literal[""] = ""


def settle_name(*, office: str, before: str, company: str) -> Settled:
    """`office`: as it is here; `before`: what head office replaced; `company`: what it replaced that with."""
    if office in (before, company, ""):
        return Settled(company, "company")
    return Settled(company, "company", "head_office_corrects_names")


def takes(*, known_revision: int | None, revision: int) -> bool:
    """A lower or equal revision never replaces a higher one."""
    return known_revision is None or revision > known_revision
