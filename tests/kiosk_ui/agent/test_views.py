"""What an agent is told, in words."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from markupsafe import escape

from contracts.appeal_result import AppealResult, DatedEvidence
from contracts.channels_api import (
    AgentCodeView,
    AgentOffice,
    AgentSelf,
    ClaimAppeal,
    ClaimAppealState,
    ProjectView,
    RegistrationState,
)
from contracts.ids import uuid7
from contracts.rest import FieldError, Problem
from kiosk_ui.agent import views
from kiosk_ui.agent.reader import Reader
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.agent.central import a_registration, a_verdict

YUNQI = AgentOffice(office="yunqi", name="云栖湖岸", time_zone="Asia/Shanghai")
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
SHANGHAI = {"yunqi": ZoneInfo("Asia/Shanghai")}
EN = Reader(Texts("en"), {"yunqi/": "Lakeside"}, SHANGHAI)


def test_an_accepted_registration_says_when_and_until_when_by_the_office_s_clock() -> None:
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
    reader = Reader(Texts(language), {}, SHANGHAI)
    judged = a_registration(NOON, state=state, verdicts=[a_verdict(NOON, outcome=outcome)])
    assert reader.t(f"agent.state.{state}") in views.registrations([a_registration(NOON, state=state)], reader)
    assert reader.t(f"agent.outcome.{outcome}") in views.registrations([judged], reader)


def test_of_a_judged_registration_the_verdict_speaks() -> None:
    row = a_registration(NOON, state="live", verdicts=[a_verdict(NOON, outcome="lost")])
    shown = views.registrations([row], EN)
    assert f">{EN.t('agent.state.live')}<" not in shown
    assert "Protected until" in shown


def test_a_closed_project_is_no_place_to_register_for() -> None:
    projects = [
        ProjectView(office="yunqi", project=name, name=name, active=name == "east") for name in ("east", "west")
    ]
    myself = AgentSelf(agent_id=uuid7(), name="韩梅", channel="安居", offices=[YUNQI], projects=projects)
    assert list(views.places_of(myself, EN.t)) == ["yunqi/", "yunqi/east"]


def test_an_office_is_called_in_english_where_that_is_read() -> None:
    yunqi = YUNQI.model_copy(update={"name_en": "Yunqi Lakeside"})
    assert [views.called(yunqi, Texts(language)) for language in ("en", "zh-CN")] == ["Yunqi Lakeside", "云栖湖岸"]
    assert views.called(YUNQI, EN.t) == "云栖湖岸"


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


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        ({"yunqi": "Asia/Shanghai", "linan": "Asia/Shanghai"}, "the office's own (UTC+08:00)"),
        ({"yunqi": "Asia/Shanghai", "yili": "Asia/Urumqi"}, "yunqi UTC+08:00 · yili UTC+06:00"),
    ],
)
def test_the_page_says_by_which_clock_its_times_are(zones: dict[str, str], said: str) -> None:
    reader = Reader(EN.t, {}, {office: ZoneInfo(name) for office, name in zones.items()})
    assert said in reader.clocks(NOON)


def test_a_time_of_an_office_whose_clock_is_not_known_is_told_in_utc() -> None:
    assert Reader(EN.t, {}).at(NOON, "linan") == "11-21 04:00:00 UTC"


def appealed(state: ClaimAppealState, language: LanguageCode = "en", **members: object) -> str:
    made = ClaimAppeal.model_validate({"appeal_id": uuid7(), "state": state, "filed_at": NOON} | members)
    row = a_registration(NOON, verdicts=[a_verdict(NOON, outcome="lost", appeal=made)])
    return str(views.registrations([row], Reader(Texts(language), {}, SHANGHAI)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", get_args(ClaimAppealState))
def test_every_state_of_an_appeal_has_words(language: LanguageCode, state: ClaimAppealState) -> None:
    assert escape(Texts(language)(f"agent.appeal.{state}_words")) in appealed(state, language)


def test_a_decided_appeal_tells_the_result_the_reason_and_of_others_only_that_they_exist() -> None:
    evidence = [
        DatedEvidence(kind="registration", at=NOON, own=True),
        DatedEvidence(kind="received", at=NOON, own=False),
    ]
    result = AppealResult(
        verdict_id=uuid7(), made_at=NOON, source="channel", rule="appeal_upheld", paid_to="you", evidence=evidence
    )
    shown = appealed("upheld", text="我带看的", reason="属实", result=result)
    assert "Brought by a channel; commission is your agency&#39;s" in shown
    assert "The manager&#39;s reason: 属实" in shown
    assert "Registered by a channel" in shown and "Somebody else&#39;s: Received (exists)" in shown


def test_a_refused_appeal_says_why() -> None:
    assert "There is a newer verdict" in appealed("refused", refusal="verdict_superseded")


def test_the_way_to_an_appeal_says_until_when_and_is_there_only_while_it_is_open() -> None:
    until = NOON + timedelta(days=3)
    for open_now in (True, False):
        row = a_registration(NOON, verdicts=[a_verdict(NOON, outcome="lost", may_appeal=open_now, appeal_until=until)])
        assert ("until 11-24 12:00:00" in views.registrations([row], EN)) is open_now
