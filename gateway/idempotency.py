"""Requests that may be sent twice: the first answer is stored with what it did, and given again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy import delete
from sqlmodel import Session, col, select

from gateway.asking import Columns, ask_stored, given, put
from gateway.keys import Keys
from gateway.problems import ProblemError
from gateway.tables import IdempotencyKey
from gateway.writer import UnitOfWork

_STORED = select(IdempotencyKey).where(IdempotencyKey.scope == given("scope"), IdempotencyKey.key == given("key"))
_KEY = re.compile(r"^[A-Za-z0-9_-]{8,100}$")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON text. `replayed` is true when the work was done by an earlier request."""

    status: int
    body: str
    replayed: bool = False

    def response(self, *, replayed_status: int = 200) -> Response:
        status = replayed_status if self.replayed else self.status
        return Response(self.body, status_code=status, media_type="application/json")


async def idempotency_key(idempotency_key: str = Header(alias="Idempotency-Key")) -> str:
    """A dependency: the header's value. Raises ProblemError `bad_idempotency_key` for an unusable one."""
    if not _KEY.match(idempotency_key):
        raise ProblemError(422, "bad_idempotency_key", "8 to 100 letters, digits, hyphens or underscores")
    return idempotency_key


def once(
    uow: UnitOfWork,
    keys: Keys,
    *,
    scope: str,
    key: str,
    work: Callable[[], BaseModel],
    status: int = 201,
    request: BaseModel,
) -> Answer:
    """Do `work` unless `key` was used in `scope` before; both outcomes give the first answer.

    The same key with another body raises ProblemError 409 `idempotency_key_reused`. The body is remembered as a keyed
    hash: a phone number could be guessed from a plain one.
    """
    fingerprint = keys.index("request", request.model_dump_json())
    stored = _stored(uow.session, scope, key)
    if stored is not None:
        if stored.fingerprint != fingerprint:
            raise ProblemError(409, "idempotency_key_reused", "this key was used with another request")
        return _answer(stored, keys)
    body = work().model_dump_json()
    blob = keys.encrypt(body, record=_record(scope, key))
    values = {"scope": scope, "key": key, "status": status, "answer": blob, "fingerprint": fingerprint}
    put(uow.session, IdempotencyKey, **values, at=uow.now)
    return Answer(status, body)


def find(session: Session, keys: Keys, *, scope: str, key: str) -> Answer | None:
    """The answer given earlier, or None."""
    stored = _stored(session, scope, key)
    return None if stored is None else _answer(stored, keys)


def forget_before(session: Session, at: datetime) -> None:
    session.exec(delete(IdempotencyKey).where(col(IdempotencyKey.at) < at))


def _record(scope: str, key: str) -> str:
    return f"idempotency:{scope}:{key}"


def _stored(session: Session, scope: str, key: str) -> Columns | None:
    return ask_stored(session, _STORED, scope=scope, key=key).first()


def _answer(stored: Columns, keys: Keys) -> Answer:
    body = keys.decrypt(stored.answer, record=_record(stored.scope, stored.key))
    return Answer(stored.status, body, replayed=True)
