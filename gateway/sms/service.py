"""A visitor proves a number by a code, and sees what is kept of them. Who has a face here, the answer does not say."""

import hmac
import secrets
from datetime import timedelta

from contracts.faces_api import CodeProof, CodeRequest, CodeSent, FaceFile
from contracts.ids import uuid7
from gateway.auth import Principal
from gateway.consents import book
from gateway.consents import store as consents
from gateway.context import Context
from gateway.customers import store as customers
from gateway.problems import ProblemError
from gateway.sms import domain, grants, store
from gateway.sms import sender as senders
from gateway.sms.domain import Code
from gateway.sms.sender import TextMessage
from gateway.sms.tables import CodeRow
from gateway.writer import UnitOfWork

HOUR = timedelta(hours=1)
DIGITS = 6


def send_code(uow: UnitOfWork, context: Context, principal: Principal, request: CodeRequest) -> CodeSent:
    """Raises ProblemError 429 `too_many_codes`, 503 `codes_unavailable`."""
    config = context.config.sms
    sender = senders.sender_of(config, context.keys)
    if sender is None:
        raise ProblemError(503, "codes_unavailable", "this office sends no messages: withdraw at the reception")
    device_id = principal.device_id or ""
    phone_index = context.keys.index("phone", request.phone)
    since = uow.now - HOUR
    of_number = store.sent_to(uow.session, phone_index, since)
    if of_number >= config.codes_per_number or store.sent_by(uow.session, device_id, since) >= config.codes_per_kiosk:
        seconds = str(int(HOUR.total_seconds()))
        raise ProblemError(429, "too_many_codes", "wait, or go to the reception", headers={"Retry-After": seconds})
    store.replace_earlier(uow.session, phone_index)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    code_id = uuid7()
    expires_at = uow.now + timedelta(seconds=config.code_seconds)
    row = CodeRow(
        code_id=code_id,
        phone_index=phone_index,
        device_id=device_id,
        digest=_digest(context, code_id, code),
        sent_at=uow.now,
        expires_at=expires_at,
    )
    uow.session.add(row)
    text = domain.message(request.language, context.config.named(request.language), code, config.code_seconds // 60)
    sender.send(uow, TextMessage(request.phone, text))
    return CodeSent(code_id=code_id, expires_at=expires_at)


async def prove(context: Context, principal: Principal, code_id: str, proof: CodeProof) -> FaceFile:
    """Raises ProblemError 403 `wrong_code`, 404, 410 `code_expired`, 429 `locked`."""
    result = await context.writer.run(lambda uow: _prove(uow, context, principal, code_id, proof))
    if isinstance(result, ProblemError):  # raised here: the wrong try itself must be committed
        raise result
    return result


def _prove(
    uow: UnitOfWork, context: Context, principal: Principal, code_id: str, proof: CodeProof
) -> FaceFile | ProblemError:
    row = uow.session.get(CodeRow, code_id)
    if row is None or row.device_id != principal.device_id:
        return ProblemError(404, "not_found", "no such code was sent from this screen")
    matches = hmac.compare_digest(row.digest, _digest(context, code_id, proof.code))
    code = Code(row.expires_at, row.wrong, row.replaced or row.used_at is not None)
    outcome = domain.outcome(code, matches=matches, now=uow.now, tries=context.config.sms.code_tries)
    if outcome == "locked":
        return ProblemError(429, "locked", "too many wrong codes: ask for another one")
    if outcome == "expired":
        return ProblemError(410, "code_expired", "ask for another one")
    if outcome == "wrong":
        row.wrong += 1
        uow.session.add(row)
        return ProblemError(403, "wrong_code", "that is not the code")
    row.used_at = uow.now
    uow.session.add(row)
    return _face_file(uow, context, principal, row)


def _face_file(uow: UnitOfWork, context: Context, principal: Principal, row: CodeRow) -> FaceFile:
    expires_at = uow.now + timedelta(seconds=context.config.sms.grant_seconds)
    grant = grants.make(uow.session, phone_index=row.phone_index, device_id=row.device_id, expires_at=expires_at)
    customer = customers.by_phone_index(uow.session, row.phone_index)
    kept = [] if customer is None else consents.of_customer(uow.session, customer.customer_id)
    for consent in kept:
        book.note(uow, "file.read", consent.consent_id, by=book.who(principal))
    return FaceFile(
        grant=grant,
        consents=[consents.view(consent) for consent in kept],
        templates_kept=consents.templates_kept(kept),
    )


def housekeep(uow: UnitOfWork, context: Context) -> None:
    """Codes, grants and simulated messages go after a day."""
    before = uow.now - timedelta(hours=context.config.sms.keep_hours)
    store.forget_before(uow.session, before)
    senders.forget_before(uow.session, before)


def _digest(context: Context, code_id: str, code: str) -> str:
    return context.keys.digest(f"face code {code_id} {code}".encode())
