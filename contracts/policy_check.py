"""What is refused where a policy is entered, each as a sentence: what is wrong, where, and what to do.

What is stored was accepted once and is not asked again: every value that `PolicyConfig` takes has a meaning
(docs/operations.md), so that no visit waits for a decision because two numbers contradict one another.
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from contracts.policy import PolicyConfig

Reader = Literal["zh-CN", "en"]
_CAMERA = re.compile(r"[a-z0-9-]{1,40}/[a-z0-9-]{1,40}")
_LONGEST_LIST = 100
_LONGEST_NAME = 40
_MOST_PEOPLE = 100_000
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """`code` is stable; `values` fill its sentence and hold nothing of what was entered but names of rules."""

    field: str
    code: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def sentence(self, reader: Reader) -> str:
        chinese, english = _SENTENCES.get(self.code, _SENTENCES["not_understood"])
        return f"{self.field}: " + (chinese if reader == "zh-CN" else english).format(**self.values)


def reader_of(accept_language: str | None) -> Reader:
    """Chinese where the caller's first language is Chinese, English otherwise."""
    return "zh-CN" if (accept_language or "").strip().lower().startswith("zh") else "en"


def contradictions(policy: PolicyConfig) -> list[Mistake]:
    """What the rules say against one another, and lists that no office needs. Empty when it may be entered."""
    return [*_times(policy), *_registrations(policy), *_teams(policy), *_lists(policy)]


def stored(body: str) -> tuple[PolicyConfig, list[str]]:
    """A policy as it was written by this or another release, and the rules that this one cannot read.

    Those take their default: an office whose release was taken back has to go on deciding. Rules that this release
    does not know decide nothing here. Raises ValueError for what is no JSON object.
    """
    values = {name: value for name, value in json.loads(body).items() if name in PolicyConfig.model_fields}
    try:
        return PolicyConfig.model_validate(values), []
    except ValidationError as error:
        unread = {str(each["loc"][0]) for each in error.errors()}
    return PolicyConfig.model_validate({n: v for n, v in values.items() if n not in unread}), sorted(unread)


def misread(errors: Sequence[Mapping[str, Any]]) -> list[Mistake]:
    """The same of what pydantic refused: an unknown rule, a number out of bounds, a word that is no choice."""
    return [_misread(error) for error in errors]


def _times(policy: PolicyConfig) -> Iterator[Mistake]:
    if policy.rota_opens >= policy.rota_closes:
        yield Mistake("rota_closes", "rota_ends_before_it_begins")
    elif policy.closing_time < policy.rota_closes:
        yield Mistake("closing_time", "closes_before_the_rota")


def _registrations(policy: PolicyConfig) -> Iterator[Mistake]:
    if policy.registration_minutes >= policy.protection_to_visit_days * _MINUTES_A_DAY:
        yield Mistake("registration_minutes", "never_valid")


def _teams(policy: PolicyConfig) -> Iterator[Mistake]:
    if policy.team_of_source and policy.teams != "own":
        yield Mistake("team_of_source", "teams_have_no_rota")
    for source, team in policy.team_of_source.items():
        if not team.strip() or len(team) > _LONGEST_NAME:
            yield Mistake(f"team_of_source.{source}", "no_name", {"most": _LONGEST_NAME})


def _lists(policy: PolicyConfig) -> Iterator[Mistake]:
    for name in ("exit_cameras", "vip_tags", "make_up_reasons"):
        entries: tuple[str, ...] = getattr(policy, name)
        if len(entries) > _LONGEST_LIST:
            yield Mistake(name, "too_many", {"most": _LONGEST_LIST})
        elif len(set(entries)) < len(entries):
            yield Mistake(name, "said_twice")
    if any(not _CAMERA.fullmatch(camera) for camera in policy.exit_cameras[:_LONGEST_LIST]):
        yield Mistake("exit_cameras", "no_camera")
    if any(not tag.strip() or len(tag) > _LONGEST_NAME for tag in policy.vip_tags[:_LONGEST_LIST]):
        yield Mistake("vip_tags", "no_name", {"most": _LONGEST_NAME})
    if policy.alarm_min_people > _MOST_PEOPLE:
        yield Mistake("alarm_min_people", "less_than_equal", {"le": _MOST_PEOPLE})


def _misread(error: Mapping[str, Any]) -> Mistake:
    whole = not error["loc"] or error["type"] == "json_invalid"
    place = "policy" if whole else ".".join(str(step) for step in error["loc"])[:80]
    if error["type"] == "extra_forbidden":
        return Mistake(place, "unknown_rule")
    kind = next((kind for kind in _KINDS if str(error["type"]).startswith(kind)), str(error["type"]))
    code = _KINDS.get(kind, kind)
    values = {name: value for name, value in (error.get("ctx") or {}).items() if name in _BOUNDS}
    return Mistake(place, code if code in _SENTENCES else "not_understood", values)


_BOUNDS = ("ge", "gt", "le", "lt", "expected")
_KINDS = {
    "int_": "no_number",
    "float_": "no_number",
    "finite_": "no_number",
    "bool_": "no_yes_or_no",
    "time_": "no_time",
    "value_error": "no_time",
    "string_pattern": "no_slug",
    "string_": "no_text",
    "tuple_": "no_list",
    "dict_": "no_list",
    "model_": "no_object",
    "json_": "no_object",
    "missing": "no_object",
}
_SENTENCES = {
    "rota_ends_before_it_begins": (
        "轮排在开始之前就结束了，没有任何到访会用到轮次；请填写同一天内晚于 rota_opens 的时间。",
        "the rota would end before it begins, and no visit would use a turn; give a time of that day after rota_opens.",
    ),
    "closes_before_the_rota": (
        "案场在轮排结束之前就关门了；请把它改到 rota_closes 或之后，或提前 rota_closes。",
        "the office would close while the rota is open; make it rota_closes or later, or let rota_closes be earlier.",
    ),
    "never_valid": (
        "报备还没有生效，保护期就已结束；请让它短于 protection_to_visit_days，或延长保护期。",
        "a registration's protection would end before it is valid; make this shorter than protection_to_visit_days, or "
        "that longer.",
    ),
    "teams_have_no_rota": (
        "只有 teams 为 own 时各组才有自己的轮排；请把 teams 改为 own，或去掉这一项。",
        'teams have rotas of their own only where teams is "own"; set that, or leave this out.',
    ),
    "no_name": (
        "这里要写名称，1 到 {most} 个字；请补上或删去空的一项。",
        "a name of 1 to {most} characters belongs here; write one, or take the entry out.",
    ),
    "no_camera": (
        "摄像头写作 节点/摄像头，例如 door-1/cam-exit；请改正不是这样写的一项。",
        "a camera is written node/camera, for example door-1/cam-exit; correct the entry that is not.",
    ),
    "too_many": ("最多 {most} 项；请缩短列表。", "at most {most} entries; shorten the list."),
    "said_twice": ("有一项写了两次；请只留一次。", "an entry stands here twice; leave one of them."),
    "unknown_rule": (
        "没有这条规则；请改正拼写，或去掉它（GET 会列出全部规则）。",
        "there is no such rule; correct the spelling or leave it out (GET lists every rule).",
    ),
    "greater_than_equal": ("太小了；请填 {ge} 或以上。", "too small; give {ge} or more."),
    "greater_than": ("太小了；请填大于 {gt} 的数。", "too small; give more than {gt}."),
    "less_than_equal": ("太大了；请填 {le} 或以下。", "too large; give {le} or less."),
    "less_than": ("太大了；请填小于 {lt} 的数。", "too large; give less than {lt}."),
    "literal_error": ("只能是以下之一：{expected}。", "it is one of {expected}; choose one."),
    "no_number": ("这里要填数字。", "write a number here."),
    "no_yes_or_no": ("这里要填 true 或 false。", "write true or false here."),
    "no_time": (
        "这里要填案场当地的时间，例如 18:30，不带时区。",
        "write a time of the office's day here, for example 18:30, without a time zone.",
    ),
    "no_slug": (
        "这里要填名称：小写字母、数字和连字符，最多 40 个字。",
        "write a name here: small letters, digits and hyphens, at most 40.",
    ),
    "no_text": ("这里要填文字。", "write a text here, in quotation marks."),
    "no_list": ("这里要填列表或对照表。", "write a list here, or names with their values."),
    "no_object": ("这里要填规则和它们的值。", "write rules with their values here, as one JSON object."),
    "not_understood": (
        "看不懂这个值；请按文档填写。",
        "this cannot be read; write what the documentation names.",
    ),
}
