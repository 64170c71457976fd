"""Phone numbers as people type them, masks, and time stamps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.messages import DeviceStatus
from contracts.values import LocalTime, Phone, UtcDateTime, mask_name, mask_phone, readable

mobile_numbers = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
prefixes = st.sampled_from(["", "86", "+86", "0086", "＋86", "+86 ", "86-", "(+86)"])
separators = st.sampled_from(["", " ", "-", ".", "·", "\u00a0", "\u3000"])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


class Contact(BaseModel):
    phone: Phone


class Moment(BaseModel):
    at: UtcDateTime


@given(mobile_numbers, prefixes, separators, st.booleans())
def test_every_way_of_typing_a_mainland_number_is_the_same_number(
    digits: str, prefix: str, separator: str, full_width: bool
) -> None:
    typed = prefix + separator.join([digits[:3], digits[3:7], digits[7:]])
    phone = Phone.parse(typed.translate(FULL_WIDTH) if full_width else typed)
    assert phone == f"+86{digits}"
    assert phone.national == digits
    assert Phone.parse(phone) == phone


@given(mobile_numbers)
def test_a_mask_shows_the_first_three_and_the_last_four(digits: str) -> None:
    phone = Phone.parse(digits)
    assert phone.masked == f"{digits[:3]}****{digits[-4:]}"
    assert phone.first3_last4 == digits[:3] + digits[-4:]
    assert phone.last4 == digits[-4:]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone_empty"),
        ("  - ", "phone_empty"),
        ("138-abcd-2345", "phone_not_digits"),
        ("138+00112345", "phone_not_digits"),
        ("电话", "phone_not_digits"),
        ("138٠٠١١٢٣٤٥", "phone_not_digits"),
        ("1380011234", "phone_too_short"),
        ("+86 138 0011 234", "phone_too_short"),
        ("+4477", "phone_too_short"),
        ("138001123456", "phone_too_long"),
        ("+86138001123456", "phone_too_long"),
        ("+1234567890123456", "phone_too_long"),
        ("12800112345", "phone_not_mobile"),
        ("01012345678", "phone_not_mobile"),
        ("+86 20012345678", "phone_not_mobile"),
    ],
)
def test_each_mistake_has_its_code(typed: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        Phone.parse(typed)


@given(st.text(max_size=32))
def test_any_text_is_a_number_or_a_known_mistake(text: str) -> None:
    try:
        phone = Phone.parse(text)
    except ValueError as error:
        assert str(error) in {
            "phone_empty", "phone_not_digits", "phone_too_short", "phone_too_long", "phone_not_mobile",
        }  # fmt: skip
    else:
        assert phone.startswith("+")
        assert phone[1:].isascii() and phone[1:].isdigit()


@pytest.mark.parametrize("typed", ["+852 5123 4567", "00852-51234567", "+44 7700 900123", "＋１ 415 555 2671"])
def test_numbers_of_other_countries_keep_their_code(typed: str) -> None:
    phone = Phone.parse(typed)
    assert phone.national == phone
    assert "****" in mask_phone(phone)


def test_a_model_reads_and_writes_a_number() -> None:
    contact = Contact.model_validate({"phone": "138 0011 2345"})
    assert isinstance(contact.phone, Phone)
    assert contact.model_dump_json() == '{"phone":"+8613800112345"}'


def test_a_model_names_the_mistake() -> None:
    with pytest.raises(ValidationError, match="phone_too_short"):
        Contact.model_validate({"phone": "138"})


@pytest.mark.parametrize(("name", "masked"), [("陈小明", "陈**"), ("Alice", "A****"), ("王", "王"), ("", "")])
def test_a_masked_name_keeps_the_family_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        Moment.model_validate({"at": "2026-11-22T10:00:00"})


def test_a_time_of_day_has_no_zone() -> None:
    assert TypeAdapter(LocalTime).validate_python("21:00").hour == 21
    with pytest.raises(ValidationError, match="without a time zone"):
        TypeAdapter(LocalTime).validate_python("21:00:00Z")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_without_a_utc_form_is_refused_like_any_other_mistake(text: str) -> None:
    with pytest.raises(ValidationError, match="years 1 to 9999"):
        Moment.model_validate({"at": text})


@given(
    # Instants that leave the calendar's range in UTC cannot be converted.
    st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone itself
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5))]),
    )
)
def test_a_time_is_the_same_instant_in_utc(at: datetime) -> None:
    moment = Moment(at=at)
    assert moment.at == at
    assert moment.at.tzinfo is UTC


@pytest.mark.parametrize("steering", ["\x1b[2J", "\x07", "\u202e", "\u200b", "\x9b", "\r"])
def test_a_device_cannot_steer_the_screen_that_tells_of_it(steering: str) -> None:
    told = DeviceStatus(device="door", driver="axis_counter", state="degraded", reason=f"no answer: {steering}ok")
    assert steering not in told.reason and told.reason.endswith("ok")
    assert steering not in DeviceStatus.model_validate_json(told.model_dump_json()).reason


def test_what_people_write_stays_as_it_is() -> None:
    assert readable("门口 Tür — 1\n2") == "门口 Tür — 1\n2"
