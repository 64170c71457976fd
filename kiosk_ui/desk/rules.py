"""The rules in force, each number with what it means. Read only: head office changes them, in new versions."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from contracts.policy import PolicyConfig
from kiosk_ui import design
from kiosk_ui.desk.pieces import empty, heading
from kiosk_ui.desk.shown import Shown
from kiosk_ui.texts import Texts

if TYPE_CHECKING:
    from kiosk_ui.desk.page import DeskPage

GROUPS: dict[str, list[str]] = {
    "rota": [
        "rota_opens",
        "rota_closes",
        "offer_seconds",
        "undeclared_absence_minutes",
        "presence",
        "short_break_minutes",
        "make_up_reasons",
        "make_up_when_serving_returning",
        "channel_order",
        "next_day_continues",
        "sign_in_tie_minutes",
        "teams",
        "team_of_source",
        "shadow_days",
        "skill_match",
        "office_language",
        "override_uses_turn",
        "manager_seconds",
    ],
    "attribution": [
        "registration_minutes",
        "registrations_per_day",
        "protection_to_visit_days",
        "protection_to_contract_days",
        "blocking_days",
        "channel_rule",
        "referral_days",
        "appeal_days",
        "claim_scope",
        "gate_questions",
        "day_count",
    ],
    "ownership": ["ownership_days", "owner_claim_hours", "good_faith", "assist_share_percent", "siblings_are_family"],
}
"""What people ask about first, in this order; every other rule follows below."""
_UNITS = ("minutes", "seconds", "hours", "days", "percent", "weeks", "share")


async def read(page: DeskPage) -> None:
    page.shown.policy = await page.gateway.policy(page.token)


def shows(shown: Shown) -> object:
    return shown.policy


def draw(page: DeskPage) -> None:
    t, found = page.t, page.shown.policy
    heading(page, "rules")
    if found is None:
        empty(t("desk.reading"), "hourglass_empty")
        return
    design.chip(
        t("desk.rules.version", n=found.version, since=page.project.local(found.since)), "brand", test="policy-version"
    )
    named = {field for fields in GROUPS.values() for field in fields}
    rest = [field for field in PolicyConfig.model_fields if field not in named]
    for group, fields in {**GROUPS, "rest": rest}.items():
        with design.card("d-card", test=f"rules-{group}"):
            design.text(t(f"desk.rules.{group}"), "ac-h2", tag="h3")
            with design.box("d-rules", tag="dl"):
                for field in fields:
                    if field in PolicyConfig.model_fields:
                        _rule(t, field, getattr(found.policy, field))


def _rule(t: Texts, field: str, value: Any) -> None:
    with design.box("d-rule", test=f"rule-{field}"):
        with design.box("ac-grow", tag="dt"):
            design.text(t.code("policy.name", field), "ac-strong")
            design.text(t.code("policy.what", field), "ac-small ac-muted")
        design.text(in_words(t, field, value), "d-value", tag="dd")


def in_words(t: Texts, field: str, value: Any) -> str:
    """A value with its unit, which the field's name ends in."""
    if isinstance(value, bool):
        return t("policy.yes" if value else "policy.no")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if value is None or value == () or value == {}:
        return t("policy.none")
    if isinstance(value, tuple):
        return t("policy.and").join(t.code("consultant.away", str(each)) for each in value)
    if isinstance(value, dict):
        return t("policy.and").join(f"{t.code('policy.value', key)} → {each}" for key, each in value.items())
    if isinstance(value, str):
        return t.code("policy.value", value)
    unit = next((unit for unit in _UNITS if field.endswith(unit)), "")
    if unit == "share":
        return t("policy.unit.percent", n=round(value * 100))
    return t(f"policy.unit.{unit}", n=value) if unit else str(value)
