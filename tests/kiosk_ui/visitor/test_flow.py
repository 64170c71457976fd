"""The check-in's rules."""

import pytest

from contracts.checkin_api import CheckInForm, ProjectOption
from contracts.gateway_api import Draft
from kiosk_ui.visitor import flow


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("", ""),
        ("138", "138"),
        ("1380", "138 0"),
        ("13800112345", "138 0011 2345"),
        ("0085291234567", "0085 2912 3456 7"),
    ],
)
def test_numbers_are_grouped_as_people_read_them(digits: str, shown: str) -> None:
    assert flow.group_phone(digits) == shown


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("", "phone_empty"),
        ("1380011234", "phone_too_short"),
        ("12000112345", "phone_not_mobile"),
        ("13800112345", None),
        ("0085291234567", None),
    ],
)
def test_a_finished_entry_is_judged(digits: str, code: str | None) -> None:
    assert flow.phone_code(digits) == code


@pytest.mark.parametrize(
    ("digits", "code"),
    [("1", None), ("13", None), ("12", "phone_not_mobile"), ("1380011234", None), ("29800112345", "phone_not_mobile")],
)
def test_only_what_can_no_longer_become_right_is_told_while_typing(digits: str, code: str | None) -> None:
    assert flow.early_phone_code(digits) == code


def test_back_leads_one_step_back_and_from_the_first_home() -> None:
    found = [flow.previous(s, flow.steps(CheckInForm())) for s in ("phone", "party", "purpose", "done")]
    assert found == ["home", "phone", "party", "home"]


def test_the_gate_questions_are_a_step_only_where_the_office_has_the_kiosk_ask_them() -> None:
    asked = CheckInForm(gate_questions=True)
    assert flow.steps(CheckInForm()) == ("phone", "party", "purpose")
    assert flow.steps(asked) == ("phone", "party", "gate", "purpose")
    order = flow.steps(asked)
    assert (flow.after("party", order), flow.previous("purpose", order)) == ("gate", "gate")


def test_a_visitor_without_a_number_asks_for_an_anonymous_ticket() -> None:
    request = flow.request(Draft(step="purpose", digits="", party_size=3, purpose="other", language="en"))
    assert (request.phone, request.party_size, request.purpose, request.language) == (None, 3, "other", "en")


def test_the_project_is_a_step_only_where_there_are_several() -> None:
    lake, hill = (ProjectOption(project=name, name=name, name_en=name) for name in ("lake", "hill"))
    assert flow.steps(CheckInForm(projects=[lake])) == ("phone", "party", "purpose")
    both = CheckInForm(projects=[lake, hill], gate_questions=True)
    assert flow.steps(both) == ("phone", "party", "project", "gate", "purpose")


def test_who_was_greeted_is_asked_for_project_and_gate_alone() -> None:
    both = CheckInForm(projects=[ProjectOption(project=p, name=p, name_en=p) for p in "ab"], gate_questions=True)
    order = flow.steps(both, greeted=True)
    assert (order, flow.after("project", order), flow.after("gate", order)) == (("project", "gate"), "gate", None)
    assert flow.previous("project", order) == "home"
    assert flow.steps(CheckInForm(), greeted=True) == ()
