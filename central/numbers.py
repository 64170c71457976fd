"""Numbers of people who are no customers yet: read as typed, whole or masked, kept encrypted, found by keyed HMAC."""

from dataclasses import dataclass

from central.problems import ProblemError
from central.vault import Vault
from contracts.down_api import NumberSecret
from contracts.rest import FieldError
from contracts.values import Phone, disclosed_of, mask_phone


@dataclass(frozen=True, slots=True)
class Kept:
    """A number as its row keeps it. `phone_index` is None for a masked one."""

    encrypted: bytes
    phone_index: bytes | None
    phone37_index: bytes


def read(text: str) -> NumberSecret:
    """Raises ProblemError 422 with the code of what is wrong with it."""
    disclosed = disclosed_of(text)
    if disclosed is not None:
        return NumberSecret(phone37=disclosed)
    try:
        phone = Phone.parse(text)
    except ValueError as error:
        raise ProblemError(422, "invalid_request", errors=[FieldError(field="number", code=str(error))]) from None
    return NumberSecret(phone=phone, phone37=phone.first3_last4)


def keep(vault: Vault, number: NumberSecret, *, record: str) -> Kept:
    return Kept(
        encrypted=vault.encrypt(number.model_dump_json().encode(), record=record),
        phone_index=None if number.phone is None else vault.index("phone", number.phone),
        phone37_index=vault.index("phone37", number.phone37),
    )


def opened(vault: Vault, encrypted: bytes, *, record: str) -> NumberSecret:
    return NumberSecret.model_validate_json(vault.decrypt(encrypted, record=record))


def shown(number: NumberSecret) -> str:
    """Masked, also to whoever entered it: a page left open tells nobody's number."""
    return f"{number.phone37[:3]}****{number.phone37[3:]}" if number.phone is None else mask_phone(number.phone)
