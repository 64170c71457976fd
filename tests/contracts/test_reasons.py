"""Every reason that a program of ours gives is listed, worded in both languages, and told with the facts it needs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.messages import DeviceStatus, NodeStatus
from contracts.reasons import ERRORS, REASONS, Reason, facts_of, name_of, reason
from edge_agent.config import DeviceConfig
from edge_agent.mistakes import reason_of
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts, catalogue

ROOT = Path(__file__).resolve().parents[2] / "edge_agent"
GIVERS = {
    "reason",
    "placed",
    "unfit",
    "DeviceError",
    "PayloadError",
    "SourceError",
    "LoginRefusedError",
    "RecordingOverError",
    "SecretFileError",
}


def given() -> Iterator[tuple[str, str, set[str]]]:
    """(where, code, names of its facts) of each call in the agent that names its code."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in GIVERS:
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and all(k.arg for k in node.keywords):
                facts = {str(keyword.arg) for keyword in node.keywords} - {"at"}
                yield f"{path.name}:{node.lineno}", str(node.args[0].value), facts


def test_every_reason_given_is_listed_with_exactly_its_facts() -> None:
    for where, code, facts in given():
        assert facts_of(REASONS[code]) == facts, where


def test_every_reason_listed_is_given_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    assert [code for code in REASONS if f'"{code}"' not in source] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence_whose_places_are_its_facts(language: LanguageCode) -> None:
    texts = catalogue(language)
    told = {name.removeprefix("reasons.") for name in texts if name.startswith("reasons.")}
    assert told == {*REASONS, *(f"error.{name}" for name in ERRORS)}
    for code, english in REASONS.items():
        assert facts_of(texts[f"reasons.{code}"]) == facts_of(english), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_of_a_node_has_its_sentence(language: LanguageCode) -> None:
    listed = (NodeStatus.__doc__ or "").split("`alarms` are stable codes:")[1]
    codes = listed.split("`")[1::2]
    assert len(codes) > 10
    assert [code for code in codes if f"desk.devices.alarm.{code}" not in catalogue(language)] == []


def test_a_reason_is_worded_also_with_facts_that_lack_and_codes_that_are_newer() -> None:
    chinese = Texts("zh-CN")
    assert chinese.reason("port_gone", {"port": "/dev/ttyUSB0"}) == "串口 /dev/ttyUSB0 不见了：请检查插头"
    assert chinese.reason("usb_error", {"error": "EACCES"}) == "USB 出错：没有权限"
    assert "…" in chinese.reason("port_gone", {})
    assert chinese.reason("a {newer} one", {}) == "a {newer} one" == str(Reason(code="a {newer} one"))


def test_what_an_older_agent_says_in_words_is_still_read() -> None:
    said = {"device": "door", "driver": "x", "state": "offline", "reason": "port /dev/ttyUSB0 is gone"}
    status = DeviceStatus.model_validate(said)
    assert str(Reason(code=status.reason, facts=status.facts)) == "port /dev/ttyUSB0 is gone"


@pytest.mark.parametrize(("code", "facts"), [("nonsense", {}), ("port_gone", {}), ("not_heard", {"port": "x"})])
def test_a_reason_with_other_facts_than_its_own_cannot_be_made(code: str, facts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=code):
        reason(code, **facts)


def test_whole_numbers_are_told_as_such_and_errors_by_their_names() -> None:
    assert str(reason("silent_report", seconds=900.0)) == "no report for 900 s"
    assert name_of(PermissionError(13, "Permission denied")) == "EACCES"
    assert name_of(ValueError("with whatever in it")) == "ValueError"


@pytest.mark.parametrize(
    ("device", "told"),
    [
        ({"driver": "serial_button"}, "it is needed and not there"),
        ({"driver": "serial_button", "url": "/dev/x", "colour": "red"}, "there is no such setting"),
        ({"driver": "nonsense"}, "there is no driver of that name"),
        ({"driver": "serial_button", "url": 5}, "it is of another kind than it must be (string)"),
        ({"driver": "serial_button", "url": "/dev/x", "baudrate": 1}, "it must be at least 300"),
        ({"driver": "panel_sum8", "url": "/dev/x", "panel": 300}, "it must be at most 255"),
        ({"driver": "hikvision_counter"}, REASONS["topic_or_push"]),
        ({"driver": "milesight_vs13x", "topic": "t", "dev_eui": "x"}, "it must be of the form ^[0-9A-Fa-f]{16}$"),
        ({"driver": "axis_counter", "url": "http://a/b", "auth": "none"}, "it must be one of 'digest' or 'basic'"),
    ],
)
def test_a_mistake_in_a_device_is_told_by_its_code(device: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as mistakes:
        TypeAdapter[DeviceConfig](DeviceConfig).validate_python({"id": "x", **device})
    assert str(reason_of(mistakes.value.errors()[0], ())) == told
