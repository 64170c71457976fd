"""What an agent is told, in words."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from contracts.channels_api import AgentCodeView, AgentSelf, ProjectView, RegistrationState
from contracts.ids import uuid7
from contracts.rest import FieldError, Problem
from kiosk_ui.agent import views
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.agent.central import a_registration, a_verdict

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
EN = views.Reader(Texts("en"), ZoneInfo("Asia/Shanghai"), {"yunqi/": "Lakeside"})


def test_an_accepted_registration_says_when_and_until_when_by_the_reader_s_clock() -> None:
    said, tone = views.answer(a_registration(NOON), EN)
    assert (said.strip(), tone) == ("Accepted at 11-21 12:00:00. Protected until 11-28 12:00:00.", "ok")


def test_a_repeat_says_that_it_extends_nothing_and_until_when_the_first_protects() -> None:
    made = a_registration(NOON, state="repeat", repeats_until=NOON + timedelta(days=2))
    said, tone = views.answer(made, EN)
    assert "extends nothing: that is protected until 11-23 12:00:00" in said
    assert tone == "warn"


def test_a_masked_number_is_told_what_proves_it() -> None:
    assert "scan of your code" in views.answer(a_registration(NOON, masked=True), EN)[0]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem(title="", status=422, code="invalid_request", errors=[FieldError(field="number", code="x")]), "Not a"),
        (
            Problem(title="", status=422, code="invalid_request", errors=[FieldError(field="project", code="x")]),
            "There",
        ),
        (Problem(title="", status=404, code="not_found"), "Not found"),
        (Problem(title="", status=418, code="brand_new"), "That did not work"),
    ],
)
def test_a_refusal_says_what_is_wrong(problem: Problem, said: str) -> None:
    assert views.refusal(problem, EN.t).startswith(said)


def test_an_agent_reads_that_others_exist_and_when_and_never_who() -> None:
    row = a_registration(NOON, verdicts=[a_verdict(NOON, outcome="lost", reason="later_claim", others=[NOON])])
    shown = views.registrations([row], EN)
    assert "1 other claims, the latest 11-21 12:00:00" in shown
    assert "Not given to your agency" in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", get_args(RegistrationState))
@pytest.mark.parametrize("outcome", ["won", "lost", "conflict"])
def test_every_state_and_outcome_has_words(language: LanguageCode, state: str, outcome: str) -> None:
    reader = views.Reader(Texts(language), ZoneInfo("Asia/Shanghai"), {})
    row = a_registration(NOON, state=state, verdicts=[a_verdict(NOON, outcome=outcome)])
    shown = views.registrations([row], reader)
    assert reader.t(f"agent.state.{state}") in shown
    assert reader.t(f"agent.outcome.{outcome}") in shown


def test_a_closed_project_is_no_place_to_register_for() -> None:
    projects = [
        ProjectView(office="yunqi", project=name, name=name, active=name == "east") for name in ("east", "west")
    ]
    myself = AgentSelf(agent_id=uuid7(), name="韩梅", channel="安居", offices=["yunqi"], projects=projects)
    assert list(views.places_of(myself, EN.t)) == ["yunqi/", "yunqi/east"]


def test_the_code_is_a_picture_with_its_place_and_its_end() -> None:
    until = NOON + timedelta(seconds=30)
    code = AgentCodeView(
        code="AC1.YUNQI..A.1.B", office="yunqi", project="", valid_from=NOON, valid_until=until, server_time=NOON
    )
    shown = views.qr(code, EN)
    assert "<svg" in shown
    assert "Lakeside" in shown
    assert "12:00:30" in shown
    assert "AC1" not in shown
