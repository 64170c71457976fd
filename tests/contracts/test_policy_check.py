"""What is refused where a policy is entered, and that each refusal says what to do."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.policy import PolicyConfig
from contracts.policy_check import contradictions, misread, reader_of

CONTRADICTING: dict[str, tuple[dict[str, Any], str, str]] = {
    "hours that end before they begin": (
        {"rota_opens": "18:30", "rota_closes": "08:30"},
        "rota_closes",
        "rota_ends_before_it_begins",
    ),
    "no hours": ({"rota_opens": "09:00", "rota_closes": "09:00"}, "rota_closes", "rota_ends_before_it_begins"),
    "doors shut in rota hours": ({"closing_time": "18:29:59"}, "closing_time", "closes_before_the_rota"),
    "protected until before it is valid": (
        {"registration_minutes": 1440, "protection_to_visit_days": 1},
        "registration_minutes",
        "never_valid",
    ),
    "teams that have no rota": ({"team_of_source": {"channel": "B"}}, "team_of_source", "teams_have_no_rota"),
    "a team without a name": (
        {"teams": "own", "team_of_source": {"channel": " "}},
        "team_of_source.channel",
        "no_name",
    ),
    "an enormous list": ({"vip_tags": [str(n) for n in range(20_000)]}, "vip_tags", "too_many"),
    "a reason twice": ({"make_up_reasons": ["lunch", "lunch"]}, "make_up_reasons", "said_twice"),
    "no camera's name": ({"exit_cameras": ["door"]}, "exit_cameras", "no_camera"),
    "an empty tag": ({"vip_tags": [""]}, "vip_tags", "no_name"),
    "more people than there are": ({"alarm_min_people": 10**30}, "alarm_min_people", "less_than_equal"),
}
MISREAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown rule": ({"blocking_dayz": 3}, "blocking_dayz", "unknown_rule"),
    "a negative duration": ({"offer_seconds": -1}, "offer_seconds", "greater_than_equal"),
    "no duration": ({"ownership_days": 0}, "ownership_days", "greater_than_equal"),
    "protection for a thousand years": (
        {"protection_to_contract_days": 365_000},
        "protection_to_contract_days",
        "less_than_equal",
    ),
    "yes in place of a number": ({"offer_seconds": True}, "offer_seconds", "no_number"),
    "no number": ({"alarm_share": float("nan")}, "alarm_share", "less_than_equal"),
    "a word for a number": ({"offer_seconds": "soon"}, "offer_seconds", "no_number"),
    "an hour too many": ({"closing_time": "24:00"}, "closing_time", "no_time"),
    "a time with a zone": ({"closing_time": "21:00Z"}, "closing_time", "no_time"),
    "an unknown choice": ({"teams": "many"}, "teams", "literal_error"),
    "no device's name": ({"panel_node": "Lobby 1"}, "panel_node", "no_slug"),
    "a number for a text": ({"vip_tags": [5]}, "vip_tags.0", "no_text"),
    "a text for a list": ({"vip_tags": "VIP"}, "vip_tags", "no_list"),
}


@pytest.mark.parametrize("name", CONTRADICTING)
def test_rules_that_contradict_one_another_are_named(name: str) -> None:
    values, field, code = CONTRADICTING[name]
    (found,) = contradictions(PolicyConfig.model_validate(values))
    assert (found.field, found.code) == (field, code)
    assert_says_what_to_do(found.sentence("zh-CN"), found.sentence("en"), field)


@pytest.mark.parametrize("name", MISREAD)
def test_a_value_that_no_policy_takes_is_named(name: str) -> None:
    values, field, code = MISREAD[name]
    with pytest.raises(ValidationError) as refused:
        PolicyConfig.model_validate(values)
    (found,) = misread(refused.value.errors())  # type: ignore[arg-type]
    assert (found.field, found.code) == (field, code)
    assert_says_what_to_do(found.sentence("zh-CN"), found.sentence("en"), field)


def assert_says_what_to_do(chinese: str, english: str, field: str) -> None:
    assert chinese.startswith(f"{field}: ") and english.startswith(f"{field}: ")
    assert re.search(r"请|要填|只能", chinese) and re.search(
        r"\b(give|make|set|write|choose|leave|correct|shorten|take)\b", english
    )
    assert "{" not in chinese + english


def test_the_defaults_and_the_least_hours_of_a_day_may_be_entered() -> None:
    assert contradictions(PolicyConfig()) == []
    short = {"rota_opens": "09:00", "rota_closes": "09:00:01", "closing_time": "09:00:01"}
    assert contradictions(PolicyConfig.model_validate(short)) == []


@pytest.mark.parametrize(
    ("header", "reader"), [("zh-CN,zh;q=0.9", "zh-CN"), ("en-GB", "en"), (None, "en"), ("fr, zh", "en")]
)
def test_the_reader_is_told_in_their_language(header: str | None, reader: str) -> None:
    assert reader_of(header) == reader
