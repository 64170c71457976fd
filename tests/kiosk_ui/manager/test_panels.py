"""The board's panels: figures with targets and comparisons, escaped, in both languages."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.alerts_api import ReceiptView
from contracts.floor_api import Floor, LinkView, NodeView, ReadingView
from contracts.gateway_api import CustomerView, RuleNote
from contracts.ids import uuid7
from kiosk_ui.manager import cards, climate, health, people, unseen
from kiosk_ui.manager.figures import against_usual, capture_level, wait_level, waited_seconds
from kiosk_ui.manager.view import View, minutes_seconds
from kiosk_ui.targets import Targets
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts
from tests.kiosk_ui.floors import NOON, consultant, floor, served, visit


def view(of: Floor, language: LanguageCode = "en") -> View:
    return View(of, NOON, ZoneInfo("Asia/Shanghai"), Targets(), Texts(language))


@pytest.mark.parametrize(
    ("value", "usual", "level"), [(100, 100, "good"), (91, 100, "good"), (75, 100, "warn"), (40, 100, "late")]
)
def test_fewer_people_than_usual_is_what_is_coloured(value: int, usual: float, level: str) -> None:
    compared = against_usual(value, usual, 0.1)
    assert compared is not None
    assert compared.level == level


def test_without_history_nothing_is_compared() -> None:
    assert against_usual(5, None, 0.1) is None
    assert "no Sunday on record" in cards.cards(view(floor(usual_in_by_now=None)))


def test_waits_are_judged_by_the_target() -> None:
    assert [wait_level(s, Targets()) for s in (None, 180, 181, 301)] == ["idle", "good", "warn", "late"]


def test_too_few_people_say_nothing_about_the_share() -> None:
    assert [capture_level(0.5, n, Targets()) for n in (9, 10)] == ["idle", "late"]


def test_a_clock_behind_makes_no_negative_wait() -> None:
    assert waited_seconds(visit(-1), NOON) == 0


def test_a_party_that_came_back_has_waited_since_it_came_back() -> None:
    back = visit(60, accepted_at=NOON - timedelta(minutes=55), waiting_since=NOON - timedelta(minutes=2))
    assert waited_seconds(back, NOON) == 120


def test_durations_read_as_people_say_them() -> None:
    assert [minutes_seconds(s) for s in (0, 247, 3729)] == ["0:00", "4:07", "1:02:09"]


def test_the_queue_shows_the_longest_wait_first_with_its_colour() -> None:
    markup = people.queue(view(floor(waiting=[visit(1, number=9), visit(6, number=8)])))
    assert markup.index("008") < markup.index("009")
    assert 'data-level="late"' in markup


def test_a_queue_longer_than_the_wall_says_how_many_more() -> None:
    assert "3 more" in people.queue(view(floor(waiting=[visit(n) for n in range(people.MAX_ROWS + 3)])))


def test_serving_says_who_is_with_whom_and_since_when() -> None:
    since = str(int((NOON - timedelta(minutes=12)).timestamp() * 1000))
    markup = people.serving(view(floor(serving=[served("李明", 12)])))
    assert "李明" in markup
    assert "陈**" in markup
    assert f'data-since="{since}"' in markup


def test_the_rota_marks_the_next_and_says_why_others_are_away() -> None:
    away = consultant("王芳", "away", away_reason="lunch", away_until=NOON + timedelta(minutes=10), make_ups=1)
    markup = people.rota(view(floor(rota=[away, consultant("李明", "free", place=1)])))
    assert markup.index("李明") < markup.index("王芳")
    assert "Next up" in markup
    assert "at lunch · until 12:40" in markup


def test_names_are_escaped() -> None:
    customer = CustomerView(
        edition="1", customer_id=uuid7(), name="<script>x", phone="138****2345", visit_count=1, first_seen=NOON
    )
    assert "<script>" not in people.queue(view(floor(waiting=[visit(1, customer=customer)])))


def test_a_node_says_how_much_it_has_still_to_send() -> None:
    node = NodeView(node="lobby", online=True, lag=7, unsafe=0, last_seen=NOON, devices=[])
    assert "7 queued" in health.devices(view(floor(nodes=[node])))


def test_an_office_without_head_office_is_not_an_alarm() -> None:
    alone = floor(link=LinkView(configured=False, online=False, pending=0))
    assert "no head office configured" in health.devices(view(alone))
    assert 'data-test="board-calm"' in health.alarms(view(alone))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_office_can_be_drawn(language: LanguageCode) -> None:
    empty = floor(
        count_in=0,
        registered_people=0,
        capture_rate=None,
        wait_median_seconds=None,
        first_visits=0,
        return_visits=0,
        hours=[],
        rota=[],
        nodes=[],
    )
    shown = view(empty, language)
    for draw in (cards.cards, people.queue, people.serving, people.rota, health.devices, health.alarms):
        assert "{" not in draw(shown)


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "两台设备"), ("en", "Two devices")])
def test_what_is_wrong_with_recognition_is_said_in_words(language: LanguageCode, words: str) -> None:
    note = RuleNote(rule="faces", outcome="won", reason="two_vaults")
    of = floor(alarms=[note])
    assert words in health.devices(view(of, language))
    assert words in health.alarms(view(of, language))
    newer = RuleNote(rule="faces", outcome="won", reason="not_yet_invented")
    assert "not_yet_invented" in health.devices(view(floor(alarms=[newer]), language))


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "请确认共享盘已挂载"), ("en", "is the share mounted?")])
def test_a_backup_that_cannot_be_written_is_said_in_words(language: LanguageCode, words: str) -> None:
    note = RuleNote(rule="backup", outcome="won", reason="same_disk", facts={"since": "2026-11-22T09:00:00+00:00"})
    assert words in health.alarms(view(floor(alarms=[note]), language))


def test_recognition_that_works_takes_no_room_on_the_board() -> None:
    assert "board-faces" not in health.devices(view(floor()))


def an_alert(**fields: object) -> ReceiptView:
    same = {"alert_id": uuid7(), "kind": "vip_return", "ticket_number": 12, "role": "consultant", "awake": True}
    person = {"recipient_id": uuid7(), "recipient_name": "李<b>明", "raised_at": NOON, "expires_at": NOON}
    none = dict.fromkeys(("delivered_at", "shown_at", "read_at", "read_by", "settled_at"))
    return ReceiptView.model_validate(same | person | none | fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_alerts_nobody_has_seen_name_whom_and_whether_their_tablet_sleeps(language: LanguageCode) -> None:
    asleep = Texts(language)("manager.unseen.asleep")
    shown = unseen.unseen(view(floor(unseen=[an_alert(), an_alert(awake=False)]), language))
    assert (shown.count("board-unseen-vip_return"), shown.count(asleep)) == (2, 1)
    assert "李&lt;b&gt;明" in shown


def test_a_managers_alert_sleeps_on_no_tablet_and_what_does_not_fit_is_counted() -> None:
    to_manager = an_alert(role="manager", recipient_id=None, recipient_name="", awake=False)
    shown = unseen.unseen(view(floor(unseen=[to_manager] * 6)))
    assert "tablet asleep" not in shown
    assert shown.count("Manager") == unseen.SHOWN
    assert unseen.unseen(view(floor(unseen=[]))) == ""


def reading(quantity: str, value: float, level: str = "ok", **more: Any) -> ReadingView:
    told = {"node": "lobby", "device": "hall", "low": None, "high": 28.0, "at": NOON, "since": NOON, "stale": False}
    return ReadingView.model_validate({**told, "quantity": quantity, "value": value, "level": level, **more})


@pytest.mark.parametrize(("language", "shown"), [("en", ["12 copies", "27.3 °C"]), ("zh-CN", ["12 份", "27.3 °C"])])
def test_site_readings_are_shown_with_their_units(language: LanguageCode, shown: list[str]) -> None:
    markup = health.devices(view(floor(readings=[reading("temperature", 27.26), reading("pieces", 12.2)]), language))
    assert all(text in markup for text in shown)


def test_a_reading_beyond_its_limit_colours_the_tile_and_an_old_one_does_not() -> None:
    beyond = reading("temperature", 29.0, "high")
    assert 'data-level="warn"' in climate.readings(view(floor(readings=[beyond])))
    old = climate.readings(view(floor(readings=[reading("temperature", 29.0, "high", stale=True)])))
    assert 'data-level="warn"' not in old
    assert "as of 12:30" in old


def test_an_alarm_about_a_reading_says_what_how_much_and_what_to_do() -> None:
    facts = {"node": "lobby", "device": "shelf", "quantity": "pieces", "value": 8.0, "limit": 20.0}
    note = RuleNote(rule="reading", outcome="won", reason="low", facts=facts)
    band = health.alarms(view(floor(alarms=[note])))
    assert "Brochures at shelf: 8 copies, below 20 copies" in band
    assert "Refill the shelf" in band
