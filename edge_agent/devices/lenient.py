"""JSON as devices write it: names in any case, numbers as text, times in many shapes. Pure.

What cannot be used is a PayloadError whose reason says what is wrong and never quotes the payload.
"""

import json
from datetime import UTC, date, datetime, timezone
from typing import Any

import pydantic_core

from contracts.reasons import ReasonedError

COUNT_MAX = 2**32
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class PayloadError(ReasonedError, ValueError):
    """The payload cannot be used; the reason says what is wrong with it."""


def members(payload: bytes) -> dict[str, Any]:
    """The members of a JSON object, all names in lower case. Raises PayloadError."""
    found = value(payload)
    if not isinstance(found, dict):
        raise PayloadError("report_no_object")
    return found


def value(payload: bytes) -> Any:
    """Any JSON value, all names in lower case. Raises PayloadError."""
    try:
        return _lower(_read(payload))
    except (ValueError, RecursionError) as error:
        raise PayloadError("report_not_json") from error


def _read(payload: bytes) -> Any:
    """The quick reader refuses some of what is JSON nevertheless, such as UTF-16 or a byte order mark."""
    try:
        return pydantic_core.from_json(payload)
    except ValueError:
        return json.loads(payload)


def _lower(found: Any) -> Any:
    if isinstance(found, dict):
        return {
            name.strip().lower(): _lower(member) if isinstance(member, dict | list) else member
            for name, member in found.items()
        }
    if isinstance(found, list):
        return [_lower(member) for member in found]
    return found


def child(found: Any, name: str) -> dict[str, Any]:
    """A member that is an object; an empty one when it is something else."""
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def entries(found: Any, name: str) -> list[Any]:
    """A member that is a list; an empty one when it is something else."""
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []


def count(found: Any) -> int | None:
    """A number of people, also as text or as 3.0; None for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and 0 <= number <= COUNT_MAX else None


def text(found: Any, longest: int = 64) -> str:
    """Printable text of at most `longest` characters; empty for anything else."""
    return found.strip() if isinstance(found, str) and found.isprintable() and len(found) <= longest else ""


def seconds(found: Any, zone: timezone | None = None) -> float | None:
    """A time as seconds since 1970: ISO 8601 with its offset, or with `zone` where it has none, or a Unix number.

    Unix numbers are seconds, or milliseconds from 1e11 on. None for anything else, and for a time without a zone.
    """
    if isinstance(found, int | float) and not isinstance(found, bool):
        if not 0 <= found <= 1000 * _LATEST:  # also a whole number that no float could hold
            return None
        unix = found / 1000 if found >= 1e11 else float(found)
        return unix if unix <= _LATEST else None
    moment = _moment(found, zone)
    try:
        return None if moment is None else moment.timestamp()
    except (ValueError, OverflowError):
        return None


def local_day(found: Any) -> str:
    """The day (ISO) that an ISO 8601 time names, in the device's own zone; empty for anything else."""
    moment = _moment(found, UTC)
    return "" if moment is None else date(moment.year, moment.month, moment.day).isoformat()


def _moment(found: Any, zone: timezone | None) -> datetime | None:
    if not isinstance(found, str):
        return None
    try:
        moment = datetime.fromisoformat(found.strip())
    except ValueError:
        return None
    if moment.tzinfo is None and zone is None:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
