"""What the face steps decide without asking anybody."""

import pytest

from contracts.gateway_api import CheckInResult, Draft, TicketView
from contracts.ids import uuid7
from contracts.values import utc_now
from kiosk_ui.visitor.faces import rules
from tests.kiosk_ui.face_samples import consent_text


def result(face: str = "ask") -> CheckInResult:
    ticket = TicketView(ticket_id=uuid7(), number=1, state="waiting", issued_at=utc_now())
    return CheckInResult.model_validate({"visit_id": uuid7(), "kind": "first", "ticket": ticket, "face": face})


def with_guardian() -> Draft:
    return Draft(guardian_digits="13900112233", guardian_relation="mother")


def test_who_said_no_is_not_offered_it_again() -> None:
    assert rules.offered(result(), Draft())
    assert not rules.offered(result(), Draft(refused=True))
    assert not rules.offered(result("refused"), Draft())


@pytest.mark.parametrize("missing", ["guardian_digits", "guardian_relation"])
def test_a_guardian_is_one_only_when_all_is_there(missing: str) -> None:
    empty = None if missing == "guardian_relation" else ""
    assert rules.guardian(with_guardian()) is not None
    assert rules.guardian(with_guardian().model_copy(update={missing: empty})) is None


def test_a_no_names_no_guardian() -> None:
    text = consent_text("zh-CN")
    yes = rules.consent_request(result(), with_guardian(), text, yes=True)
    no = rules.consent_request(result(), with_guardian(), text, yes=False)
    assert (yes.under_14, no.under_14, no.guardian) == (True, False, None)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://127.0.0.1:8090/preview/abc", True),
        ("http://localhost:8090/preview/abc", True),
        ("http://10.0.0.5:8090/preview/abc", False),
        ("https://127.0.0.1.example.com/preview/abc", False),
        ("javascript:alert(1)", False),
        (None, False),
    ],
)
def test_a_preview_comes_from_this_machine_or_not_at_all(url: str | None, kept: bool) -> None:
    assert rules.on_this_machine(url) == (url if kept else "")
