"""Accepting evidence and ruling a visit hidden, at the desk."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from contracts.appeals_api import BroughtBy, CameByCall, RulingRequest
from contracts.ids import uuid7
from kiosk_ui.desk.evidence import moment_of
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.judging_samples import a_verdict, an_appeal, explained
from tests.kiosk_ui.manager.test_desk import give_reason, signed_in, tab
from tests.kiosk_ui.samples import PERSON

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-21T11:59", datetime(2026, 11, 21, 3, 59, tzinfo=UTC)),
        ("2026-11-21T12:00", NOON),
        ("2026-11-21T12:01", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_the_office_s_own_and_has_passed(typed: str, moment: datetime | None) -> None:
    assert moment_of(typed, ZoneInfo("Asia/Shanghai"), NOON) == moment


@pytest.mark.browser
@pytest.mark.parametrize(("owns", "outcome"), [(True, "upheld"), (False, "rejected")])
def test_a_ruling_on_a_hidden_visit_answers_the_appeal(screens: Screens, owns: bool, outcome: str) -> None:
    """It is for whoever owns the customer, and against whoever assisted."""
    verdict, judging = a_verdict(), screens.office.judging
    judging.verdicts = [verdict]
    judging.appeals = [an_appeal(visit_id=verdict.visit_id, verdict_id=verdict.verdict_id)]
    said = explained(verdict)
    whole = said.verdicts[-1].model_copy(update={"owner_id": PERSON if owns else uuid7()})
    screens.office.desk.explanations[verdict.visit_id] = said.model_copy(update={"verdicts": [whole]})
    desk = signed_in(screens)
    tab(desk, "appeals")
    desk.at("visit-hidden").click()
    expect(desk.at("hidden-then")).to_contain_text("全归归属人")
    give_reason(desk, "未通知归属人")
    expect(desk.at("appeals-none")).to_be_visible()
    (decided,) = judging.appeal_decisions
    assert (decided.outcome, decided.reason, decided.ruling) == (outcome, "未通知归属人", RulingRequest(hidden=True))


@pytest.mark.browser
def test_a_call_that_was_not_noted_is_accepted(screens: Screens) -> None:
    verdict, judging = a_verdict(), screens.office.judging
    judging.verdicts = [verdict]
    judging.appeals = [an_appeal(visit_id=verdict.visit_id, verdict_id=verdict.verdict_id)]
    screens.office.desk.explanations[verdict.visit_id] = explained(verdict)
    desk = signed_in(screens)
    tab(desk, "appeals")
    desk.at("appeal-accept").click()
    give_reason(desk, "通话记录属实")
    expect(desk.at("reason-error")).to_contain_text("发生时间")
    desk.page.locator('input[data-test="evidence-at"]').fill("2026-01-02T10:30")
    desk.at("decide").click()
    expect(desk.at("appeals-none")).to_be_visible()
    (decided,) = judging.appeal_decisions
    assert (decided.outcome, decided.reason) == ("evidence_accepted", "通话记录属实")
    assert decided.evidence == CameByCall(consultant_id=PERSON, at=datetime(2026, 1, 2, 2, 30, tzinfo=UTC))


@pytest.mark.browser
def test_that_an_agent_brought_the_party_is_accepted(screens: Screens) -> None:
    verdict, judging, agent = a_verdict(), screens.office.judging, uuid7()
    named = {"party_kind": "channel", "agent_id": agent, "party_name": "安居渠道", "filed_by": "韩梅"}
    judging.verdicts = [verdict]
    judging.appeals = [an_appeal(visit_id=verdict.visit_id, verdict_id=verdict.verdict_id, **named)]
    screens.office.desk.explanations[verdict.visit_id] = explained(verdict)
    desk = signed_in(screens)
    tab(desk, "appeals")
    expect(desk.at("appeal")).to_contain_text("韩梅")
    desk.at("appeal-accept").click()
    expect(desk.at("evidence-brought")).to_contain_text("韩梅")
    give_reason(desk, "监控属实")
    expect(desk.at("appeals-none")).to_be_visible()
    assert judging.appeal_decisions[0].evidence == BroughtBy(channel_id=PERSON, agent_id=agent)
    expect(desk.at("visit-hidden")).to_have_count(0)
