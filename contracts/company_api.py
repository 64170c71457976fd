"""One person in all offices of the company, as head office finds them by number; and who looked."""

from typing import Annotated

from pydantic import StringConstraints

from contracts.central_api import CentralCustomer
from contracts.ids import ProjectName, Slug, Uuid
from contracts.rest import Wire
from contracts.values import UtcDateTime


class CompanySearch(Wire):
    """`phone`: a whole number as people type it. It travels in the body: addresses end up in logs."""

    phone: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CompanyFile(Wire):
    """What one office knows, masked. `owner_name` is empty for an owner who is in no roster any more.

    `visits`, `follow_ups` and `sales` of `customer` count everything; `last_visit_at`, `last_source` and `last_project`
    tell of the latest visit, empty without any.
    """

    customer: CentralCustomer
    office_name: str
    owner_name: str = ""
    last_visit_at: UtcDateTime | None = None
    last_source: str = ""
    last_project: ProjectName = ""


class CompanyPerson(Wire):
    """The files of all offices under one number, the office of the latest visit first.

    No file: nobody recorded that number, or the person was erased.
    """

    phone: str
    offices: int
    visits: int
    sales: int
    known_since: UtcDateTime | None
    last_visit_at: UtcDateTime | None
    files: list[CompanyFile]


class CompanyLookup(Wire):
    """One search: by whom, when, and which files it showed. The number is not kept."""

    lookup_id: Uuid
    at: UtcDateTime
    who: str
    files: list["LookedAt"]


class LookedAt(Wire):
    office: Slug
    customer_id: Uuid


class CompanyLookupPage(Wire):
    items: list[CompanyLookup]
    next_cursor: str | None = None
