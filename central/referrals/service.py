"""Referrals (老带新): entered at head office for a customer who has signed, told to the office."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from central import numbers
from central.channels import repository as channels
from central.customers import repository as customers
from central.down import feed
from central.idempotency import body_hash, claim
from central.offices import repository as offices
from central.paging import cursor_of, cut, newest_first
from central.problems import ProblemError, not_found
from central.referrals.tables import Referral
from central.runtime import Runtime
from central.sales.tables import Sale
from central.vault import Vault
from contracts.central_api import Page
from contracts.channels_api import ReferralPost, ReferralView
from contracts.cursors import Cursor
from contracts.down_api import NumberSecret, ReferralDown
from contracts.ids import uuid7
from contracts.rest import FieldError
from contracts.sealing import Sealer


async def enter(runtime: Runtime, who: str, key: str, body: ReferralPost) -> tuple[ReferralView, bool]:
    """Record a referral once per key. Raises ProblemError 404, 409, 422 (`referrer_not_signed` among its fields)."""
    secret = numbers.read(body.number)
    if secret.phone is None:
        raise _refused("number", "phone_not_digits")
    digest = body_hash(runtime.vault.index("body", key), "referrals", body)
    async with runtime.database.write() as session:
        if await offices.find(session, body.office) is None:
            raise not_found("office")
        await offices.lock(session, body.office, runtime.clock())
        now = runtime.clock()
        signed_at = await _signed_at(session, body, now)
        taken = await claim(session, who=who, key=key, digest=digest, fact_id=uuid7(), now=now)
        if taken.first:
            kept = numbers.keep(runtime.vault, secret, record=_record(taken.fact_id))
            session.add(
                Referral(
                    **body.model_dump(exclude={"number"}),
                    referral_id=taken.fact_id,
                    number_encrypted=kept.encrypted,
                    recorded_at=now,
                    signed_at=signed_at,
                    entered_by=who,
                )
            )
            await feed.note(session, body.office, "referral", [taken.fact_id], now)
        return _view(runtime.vault, await session.get_one(Referral, taken.fact_id)), taken.first


async def _signed_at(session: AsyncSession, body: ReferralPost, now: datetime) -> datetime:
    """When the referrer signed. Raises ProblemError 422 for who has not, and for what the office does not have."""
    if body.project and await channels.project(session, body.office, body.project) is None:
        raise _refused("project", "unknown_project")
    if not await customers.exists(session, body.office, body.referrer_id):
        raise _refused("referrer_id", "unknown_customer")
    first = select(func.min(col(Sale.at))).where(
        col(Sale.office) == body.office,
        col(Sale.customer_id) == body.referrer_id,
        col(Sale.kind) == "contract",
        col(Sale.at) <= now,
    )
    signed_at = (await session.execute(first)).scalar_one()
    if signed_at is None:
        raise _refused("referrer_id", "referrer_not_signed")
    return signed_at


def _refused(field: str, code: str) -> ProblemError:
    return ProblemError(422, "invalid_request", errors=[FieldError(field=field, code=code)])


async def page(runtime: Runtime, office: str | None, cursor: str | None) -> Page:
    """Newest first."""
    async with runtime.database.read() as session:
        statement = select(Referral)
        if office is not None:
            statement = statement.where(col(Referral.office) == office)
        at, key = col(Referral.recorded_at), col(Referral.referral_id)
        rows = (await session.scalars(newest_first(statement, cursor_of(cursor), at, key))).all()  # type: ignore[arg-type]
    shown, following = cut(rows, lambda row: Cursor(row.recorded_at, row.referral_id))
    return Page(items=[_view(runtime.vault, row).model_dump(mode="json") for row in shown], next_cursor=following)


async def forget_numbers(session: AsyncSession, vault: Vault, office: str, phones: Collection[str]) -> list[str]:
    """The person was erased: referrals of their numbers name nobody. Answers which; they have no index."""
    found = []
    for row in (await session.scalars(select(Referral).where(col(Referral.office) == office))).all() if phones else ():
        if _number(vault, row).phone in phones:
            blank = numbers.keep(vault, NumberSecret(phone37=""), record=_record(row.referral_id))
            row.number_encrypted = blank.encrypted
            found.append(row.referral_id)
    await session.flush()
    return found


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, ReferralDown]:
    statement = select(Referral).where(col(Referral.office) == office, col(Referral.referral_id).in_(ids))
    return {
        row.referral_id: ReferralDown(
            **row.model_dump(include=set(ReferralDown.model_fields)),
            sealed=sealer.seal(_number(vault, row).model_dump_json(), record=row.referral_id),
        )
        for row in (await session.scalars(statement)).all()
    }


def _view(vault: Vault, row: Referral) -> ReferralView:
    return ReferralView(
        **row.model_dump(include=set(ReferralView.model_fields)), number=numbers.shown(_number(vault, row))
    )


def _number(vault: Vault, row: Referral) -> NumberSecret:
    return numbers.opened(vault, row.number_encrypted, record=_record(row.referral_id))


def _record(referral_id: str) -> str:
    return f"referral/{referral_id}/number"
