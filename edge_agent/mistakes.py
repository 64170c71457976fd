"""What is wrong with a configuration, as reasons that every screen can word (`contracts.reasons`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from contracts.messages import PlacedReason
from contracts.reasons import REASONS, Reason, reason


def unfit(code: str, /, **facts: str | int) -> PydanticCustomError:
    """To be raised by a validator: the mistake keeps its code and facts."""
    told = reason(code, **facts)
    # Braces belong to pydantic's own templates; the sentence is complete already.
    return PydanticCustomError(code, "{said}", {**told.facts, "said": str(told)})


def placed(code: str, /, at: str = "", **facts: str | int) -> PlacedReason:
    told = reason(code, **facts)
    return PlacedReason(at=at, code=told.code, facts=told.facts)


def reason_of(mistake: Mapping[str, Any], place: Sequence[int | str]) -> PlacedReason:
    """One mistake as pydantic tells it (docs.pydantic.dev, "Validation errors"), at its place."""
    kind, context = str(mistake["type"]), dict(mistake.get("ctx") or {})
    told = _told(kind, context)
    return PlacedReason(at=".".join(map(str, place)), code=told.code, facts=told.facts)


def _told(kind: str, context: dict[str, Any]) -> Reason:
    if kind in REASONS:
        context.pop("said", None)
        return reason(kind, **context)
    if kind in _KNOWN:
        return _KNOWN[kind](context)
    if kind.endswith(("_type", "_parsing", "_from_float")):
        return reason("wrong_kind", kind=kind.split("_")[0])
    return reason("does_not_fit")


def _tag(context: dict[str, Any]) -> Reason:
    if context["discriminator"] == "'driver'":
        return reason("unknown_driver")
    return reason("not_among", expected=context["expected_tags"])


_KNOWN: dict[str, Callable[[dict[str, Any]], Reason]] = {
    "missing": lambda _: reason("missing"),
    "union_tag_not_found": lambda _: reason("missing"),
    "union_tag_invalid": _tag,
    "extra_forbidden": lambda _: reason("unknown_member"),
    "literal_error": lambda c: reason("not_among", expected=c["expected"]),
    "greater_than_equal": lambda c: reason("too_small", least=c["ge"]),
    "greater_than": lambda c: reason("not_above", least=c["gt"]),
    "less_than_equal": lambda c: reason("too_large", most=c["le"]),
    "less_than": lambda c: reason("not_below", most=c["lt"]),
    "string_too_short": lambda c: reason("too_short", least=c["min_length"]),
    "too_short": lambda c: reason("too_short", least=c["min_length"]),
    "string_too_long": lambda c: reason("too_long", most=c["max_length"]),
    "too_long": lambda c: reason("too_long", most=c["max_length"]),
    "string_pattern_mismatch": lambda c: reason("wrong_pattern", pattern=c["pattern"]),
}
