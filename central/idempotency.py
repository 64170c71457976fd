"""`Idempotency-Key`: the same key and body again gives the same answer; the same key with another body is refused."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from central.database import Base, UtcTimestamp, UuidText, insert_into
from central.problems import ProblemError

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class KeyUse(Base, table=True):
    """`body_hash` is keyed: the body may hold a note about a person."""

    __tablename__ = "idempotency_key"
    who: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=100)
    body_hash: bytes
    fact_id: str = Field(sa_type=UuidText)
    used_at: datetime = Field(sa_type=UtcTimestamp)


@dataclass(frozen=True, slots=True)
class Claim:
    """`fact_id` is the fact this key made, now or earlier."""

    fact_id: str
    first: bool


def body_hash(index_digest: bytes, route: str, body: BaseModel) -> bytes:
    return hmac.new(index_digest, f"{route}\0{body.model_dump_json()}".encode(), hashlib.sha256).digest()


async def claim(session: AsyncSession, *, who: str, key: str, digest: bytes, fact_id: str, now: datetime) -> Claim:
    """Take the key in the caller's transaction; of two at once the second waits. Raises ProblemError 409."""
    statement = insert_into(session, KeyUse).values(who=who, key=key, body_hash=digest, fact_id=fact_id, used_at=now)
    await session.execute(statement.on_conflict_do_nothing())
    stored = (await session.execute(select(KeyUse).where(col(KeyUse.who) == who, col(KeyUse.key) == key))).scalar_one()
    if not hmac.compare_digest(stored.body_hash, digest):
        raise ProblemError(409, "idempotency_key_reused", "this key was used with another body")
    return Claim(stored.fact_id, first=stored.fact_id == fact_id)
