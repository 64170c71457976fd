"""Pure values: phone numbers, names, money, time stamps.

Mainland mobile numbers are 11 digits beginning 1[3-9] (numbering plan of the Ministry of Industry and Information
Technology); stored as E.164 (ITU-T), shown masked as 138****5678.
"""

import re
from datetime import UTC, datetime, time
from typing import Annotated, Self

from pydantic import AfterValidator, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

_MAINLAND = re.compile(r"^1[3-9][0-9]{9}$")
_E164 = re.compile(r"^\+[1-9][0-9]{6,14}$")
_MASKED = re.compile(r"^(?:\+?86)?(1[3-9][0-9])[*×xX]{1,8}([0-9]{4})$")
_SEPARATORS = re.compile(r"[\s\-().·]+")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋＊", "0123456789+*")


class Phone(str):
    """A phone number in E.164, for example `+8613800112345`. Build it with `Phone.parse`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as people type it (spaces, hyphens, full-width digits, 86 / 0086 / +86 prefixes).

        Raises ValueError with one of the codes `phone_empty`, `phone_not_digits`, `phone_too_short`,
        `phone_too_long`, `phone_not_mobile`, which the screens translate.
        """
        bare = _SEPARATORS.sub("", text.translate(_FULL_WIDTH))
        if not bare:
            raise ValueError("phone_empty")
        if not re.fullmatch(r"\+?[0-9]+", bare):
            raise ValueError("phone_not_digits")
        if bare.startswith("00"):
            bare = "+" + bare[2:]
        if bare.startswith("+") and not bare.startswith("+86"):
            if not _E164.match(bare):
                raise ValueError("phone_too_short" if len(bare) < 8 else "phone_too_long")
            return cls(bare)
        national = bare.removeprefix("+86") if bare.startswith("+86") else bare
        if len(national) == 13 and national.startswith("86"):
            national = national[2:]
        if len(national) != 11:
            raise ValueError("phone_too_short" if len(national) < 11 else "phone_too_long")
        if not _MAINLAND.match(national):
            raise ValueError("phone_not_mobile")
        return cls("+86" + national)

    @property
    def national(self) -> str:
        """The number without the mainland country code; other countries keep theirs."""
        return self.removeprefix("+86")

    @property
    def masked(self) -> str:
        """First three and last four digits, the rest hidden: `138****5678`."""
        return mask_phone(self)

    @property
    def last4(self) -> str:
        return self[-4:]

    @property
    def first3_last4(self) -> str:
        """What a masked registration (隐号报备) discloses."""
        return self.national[:3] + self[-4:]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(max_length=32),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def disclosed_of(text: str) -> str | None:
    """First 3 and last 4 digits of a number written with its middle hidden (`138****5678`); None for anything else."""
    found = _MASKED.match(_SEPARATORS.sub("", text.translate(_FULL_WIDTH)))
    return None if found is None else found[1] + found[2]


def mask_phone(e164: str) -> str:
    national = e164.removeprefix("+86")
    return national[:3] + "*" * max(len(national) - 7, 4) + national[-4:]


def mask_name(name: str) -> str:
    """Keep the family name: 陈小明 → 陈**, Alice → A****."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def readable(text: str) -> str:
    """What steers a terminal or turns a line's direction shows as `·`: devices and neighbours write such texts."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else "·" for c in text)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("time stamps carry a time zone")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("time stamps lie within the years 1 to 9999 in UTC") from None


def _on_the_wall(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day is the office's own: without a time zone")
    return value


UtcDateTime = Annotated[datetime, AfterValidator(_aware)]
Readable = Annotated[str, AfterValidator(readable)]
"""An aware time, converted to UTC; naive times are refused."""

LocalTime = Annotated[
    time,
    AfterValidator(_on_the_wall),
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", "examples": ["21:00:00"]}),
]
"""A time of day on the office's clock. JSON Schema's format `time` (RFC 3339 full-time) would ask for an offset."""

Fen = Annotated[int, "Money in whole fen (1 yuan = 100 fen)"]


def utc_now() -> datetime:
    """The wall clock, aware, in UTC. Domain modules receive the time instead of calling this."""
    return datetime.now(UTC)
