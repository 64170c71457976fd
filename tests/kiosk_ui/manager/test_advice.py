"""The board's sentences: what is wrong and who can mend it, most urgent first."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.floor_api import DeviceView, Floor, LinkView, NodeView
from contracts.gateway_api import RuleNote
from kiosk_ui.manager.advice import Advice, advise
from kiosk_ui.manager.health import alarms
from kiosk_ui.manager.view import View
from kiosk_ui.targets import Targets
from kiosk_ui.texts import LANGUAGES, Texts
from tests.kiosk_ui.floors import NOON, consultant, floor, served, visit

ZONE = ZoneInfo("Asia/Shanghai")


def advice(of: Floor) -> list[Advice]:
    return advise(of, Targets(), NOON, ZONE)


def alarm(rule: str, **facts: object) -> RuleNote:
    return RuleNote(rule=rule, outcome="won", reason="r", facts=facts)


def test_a_calm_floor_asks_for_nothing() -> None:
    assert advice(floor()) == []


def test_a_wait_within_the_target_asks_for_nothing() -> None:
    assert advice(floor(waiting=[visit(2.9)])) == []


def test_a_late_party_goes_to_whoever_is_free() -> None:
    (one,) = advice(floor(waiting=[visit(6), visit(4), visit(1)]))
    assert (one.urgency, one.code, one.action) == ("act", "waiting_late", "assign")
    assert one.facts == {"parties": 2, "target": 3, "longest": 6, "name": "李明"}


def test_with_nobody_free_the_first_to_return_from_lunch_is_called_back() -> None:
    rota = [
        consultant("王芳", "away", away_reason="lunch", away_until=NOON + timedelta(minutes=25)),
        consultant("赵鹏", "away", away_reason="lunch", away_until=NOON + timedelta(minutes=10)),
        consultant("孙悦", "away", away_reason="leave"),
        consultant("李明", "serving"),
    ]
    (one,) = advice(floor(waiting=[visit(6)], rota=rota))
    assert one.action == "call_back_until"
    assert (one.facts["name"], one.facts["until"]) == ("赵鹏", "12:40")


def test_with_everybody_serving_the_longest_is_named() -> None:
    rota = [consultant("李明", "serving"), consultant("王芳", "serving")]
    (one,) = advice(floor(waiting=[visit(6)], serving=[served("李明", 10), served("王芳", 41)], rota=rota))
    assert (one.action, one.facts["name"], one.facts["minutes"]) == ("hand_over", "王芳", 41)


def test_nobody_is_hurried_out_of_a_visit_that_has_just_begun() -> None:
    (one,) = advice(floor(waiting=[visit(6)], serving=[served("李明", 2)], rota=[consultant("李明", "serving")]))
    assert one.action == "receive"


def test_a_party_with_nobody_signed_in_is_said_before_it_is_late() -> None:
    (one,) = advice(floor(waiting=[visit(1)], rota=[]))
    assert (one.urgency, one.code, one.action) == ("watch", "waiting_none_free", "sign_in")


def test_hours_of_one_alarm_become_one_sentence_with_the_last_figures() -> None:
    notes = [
        alarm("unregistered", hour=11, counted=48, registered=29),
        alarm("unregistered", hour=9, counted=30, registered=20),
    ]
    (one,) = advice(floor(alarms=notes))
    assert (one.urgency, one.code) == ("act", "alarm_unregistered_hours")
    assert one.facts == {"hour": "11:00", "counted": 48, "registered": 29, "hours": 2}


def test_an_alarm_of_the_morning_is_no_longer_urgent_at_noon() -> None:
    (one,) = advice(floor(alarms=[alarm("sensor", hour=9, counted=10, registered=20)]))
    assert one.urgency == "watch"


def test_a_party_that_nobody_answered_is_named_by_its_number() -> None:
    party = visit(1, number=42)
    (one,) = advice(floor(waiting=[party], alarms=[alarm("unanswered", visit_id=party.visit_id)]))
    assert (one.urgency, one.code, one.facts["numbers"]) == ("act", "alarm_unanswered", "042")


def test_open_questions_about_who_came_are_counted_and_sent_to_the_reception() -> None:
    (one,) = advice(floor(alarms=[alarm("review", open=2)]))
    assert (one.urgency, one.code, one.action) == ("watch", "alarm_questions", "questions")
    assert one.facts == {"count": 2}


def test_an_alarm_newer_than_these_screens_is_shown_as_it_came() -> None:
    (one,) = advice(floor(alarms=[alarm("flood")]))
    assert (one.code, one.facts["rule"]) == ("alarm_other", "flood")


def test_a_low_share_is_told_once_there_are_people_enough() -> None:
    assert advice(floor(count_in=9, capture_rate=0.2)) == []
    assert [a.code for a in advice(floor(capture_rate=0.64))] == ["capture_low"]


def test_an_offline_node_is_told_once_and_not_for_each_device() -> None:
    dead = DeviceView(device="door", driver="d", state="offline", node="lobby")
    node = NodeView(node="lobby", online=False, lag=0, unsafe=0, last_seen=None, devices=[dead])
    assert [a.code for a in advice(floor(nodes=[node]))] == ["node_offline"]


def test_what_must_be_done_comes_before_what_can_wait() -> None:
    worst = floor(
        waiting=[visit(9)],
        link=LinkView(configured=True, online=False, pending=37),
        dead_letters_today=2,
        alarms=[alarm("unregistered", hour=11, counted=40, registered=20)],
    )
    assert [a.urgency for a in advice(worst)] == ["act", "act", "watch", "info"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_words_in_both_languages(language: str) -> None:
    device = DeviceView(device="hall", driver="d", state="degraded", node="lobby", reason="silent")
    floors = [
        floor(
            waiting=[visit(9)],
            rota=rota,
            alarms=notes,
            nodes=[NodeView(node="lobby", online=online, lag=3, unsafe=0, last_seen=NOON, devices=[device])],
            link=LinkView(configured=True, online=False, pending=1),
            dead_letters_today=1,
            capture_rate=0.5,
        )
        for rota in (
            [],
            [consultant("王芳", "free")],
            [consultant("王芳", "away", away_reason="lunch")],
            [consultant("王芳", "away", away_reason="company", away_until=NOON)],
        )
        for notes in (
            [],
            [alarm("flood")],
            [alarm(rule, hour=h) for rule in ("unregistered", "sensor") for h in (10, 11)],
            [alarm("sensor", hour=10), alarm("unregistered", hour=10), alarm("unanswered")],
        )
        for online in (True, False)
    ]
    texts = Texts("en" if language == "en" else "zh-CN")
    for each in floors:
        for one in advise(each, Targets(), NOON, ZONE):
            assert texts(f"manager.advice.{one.code}", **one.facts)
            assert texts(f"manager.action.{one.action}", **one.facts)
        assert "{" not in alarms(View(each, NOON, ZONE, Targets(), texts))
