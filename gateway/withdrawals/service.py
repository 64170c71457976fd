"""From the wish to be forgotten to the certificate: consents end at once, the rest waits for every node's word."""

import base64
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from contracts.events import Data, Event, FaceForgotten
from contracts.faces_api import (
    Certificate,
    CustomerFaceFile,
    EndCause,
    Withdrawal,
    WithdrawalList,
    WithdrawalRequest,
)
from contracts.ids import uuid7
from contracts.values import Phone
from gateway.auth import Principal
from gateway.consents import book, nodes, vault
from gateway.consents import store as consents
from gateway.consents.domain import SELF_EXPIRY, counts_as_forgotten
from gateway.consents.tables import ConsentRow, FaceNode
from gateway.context import Context
from gateway.customers import service as customer_files
from gateway.customers import store as customers
from gateway.idempotency import Answer, once
from gateway.localtime import local_day
from gateway.problems import ProblemError
from gateway.roster import store as roster
from gateway.sms import grants
from gateway.withdrawals import domain, store
from gateway.withdrawals.domain import ConsentLine, Proof
from gateway.withdrawals.tables import ForgottenRow, WithdrawalNode, WithdrawalRow
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
MIN_REASON = 3


def face_file(uow: UnitOfWork, context: Context, principal: Principal, phone: Phone) -> CustomerFaceFile:
    """What is kept of the customer with that number. Raises ProblemError 404 `nobody_by_that_number`."""
    customer = customers.by_phone(uow.session, context.keys, phone)
    if customer is None:
        raise ProblemError(404, "nobody_by_that_number", "no customer has this number: check its digits")
    kept = consents.of_customer(uow.session, customer.customer_id)
    for consent in kept:
        book.note(uow, "file.read", consent.consent_id, by=book.who(principal))
    return CustomerFaceFile(
        customer=customers.view(uow.session, context.keys, customer, roster.names(uow.session, context.keys)),
        consents=[consents.view(consent) for consent in kept],
        templates_kept=consents.templates_kept(kept),
    )


def request(uow: UnitOfWork, context: Context, principal: Principal, key: str, wish: WithdrawalRequest) -> Answer:
    """Once per key.

    Raises ProblemError 403 `grant_invalid`, `not_your_customer`, 404, 409 `nothing_kept`, 422 `reason_needed`,
    `invalid`.
    """

    def work() -> Withdrawal:
        if principal.role == "kiosk":
            customer_id = _of_grant(uow, context, principal, wish)
        else:
            customer_id = _of_staff(uow, context, principal, wish)
        kept = consents.forgettable(uow.session, consents.of_customer(uow.session, customer_id))
        if not kept:
            raise ProblemError(409, "nothing_kept", "nothing of this person's face is kept, or it is being deleted")
        row = open_for(uow, context, customer_id, kept, "withdrawn", principal, wish.reason)
        if wish.grant is not None:
            watch = timedelta(seconds=context.config.sms.grant_seconds)
            grants.spend(uow.session, wish.grant, row.withdrawal_id, uow.now + watch)
        return store.view(uow.session, row)

    scope = f"withdrawal:{principal.person_id or principal.device_id}"
    return once(uow, context.keys, scope=scope, key=key, work=work, status=202, request=wish)


def _of_grant(uow: UnitOfWork, context: Context, principal: Principal, wish: WithdrawalRequest) -> str:
    if wish.grant is None or wish.customer_id is not None:
        raise ProblemError(422, "invalid", "a kiosk withdraws with the grant of a code, and for nobody else")
    phone_index = grants.unspent(uow.session, wish.grant, principal, uow.now)
    if phone_index is None:
        raise ProblemError(403, "grant_invalid", "the grant is unknown, spent, or older than its few minutes")
    customer = customers.by_phone_index(uow.session, phone_index)
    if customer is None:
        raise ProblemError(409, "nothing_kept", "nothing of this person's face is kept, or it is being deleted")
    return customer.customer_id


def _of_staff(uow: UnitOfWork, context: Context, principal: Principal, wish: WithdrawalRequest) -> str:
    if wish.customer_id is None or wish.grant is not None:
        raise ProblemError(422, "invalid", "say whose consent it is: customer_id")
    if len(wish.reason.strip()) < MIN_REASON:
        raise ProblemError(422, "reason_needed", "who withdraws for somebody says why")
    return customer_files.accessible(uow.session, context, principal, wish.customer_id).customer_id


def open_for(
    uow: UnitOfWork,
    context: Context,
    customer_id: str,
    ending: Sequence[ConsentRow],
    cause: EndCause,
    principal: Principal | None,
    reason: str = "",
) -> WithdrawalRow:
    """End the consents now, and begin to wait for the nodes. `principal` None: the gateway itself, by retention."""
    withdrawal_id = uuid7()
    row = WithdrawalRow(
        withdrawal_id=withdrawal_id,
        customer_id=customer_id,
        state="pending",
        cause=cause,
        requested_at=uow.now,
        requested_by=_asker(principal),
        requester_id=None if principal is None else principal.person_id or principal.device_id,
        reason=context.keys.encrypt(reason, record=f"withdrawal:{withdrawal_id}") if reason else None,
        stops_by=uow.now + timedelta(seconds=context.config.faces.lease_seconds),
    )
    uow.session.add(row)
    by = "gateway" if principal is None else book.who(principal)
    for consent in ending:
        book.end(uow, context, consent, cause, by=by)
        consent.withdrawal_id = withdrawal_id
        uow.session.add(consent)
        book.note(uow, "withdrawal.opened", consent.consent_id, by=by, facts=f"withdrawal={withdrawal_id}")
    for node in nodes.needed(uow.session):
        pending = WithdrawalNode(withdrawal_id=withdrawal_id, node=node.node, state="pending", vault=node.vault)
        uow.session.add(pending)
    uow.session.flush()
    _weigh(uow, context, row)
    uow.changed("floor")
    return row


def _asker(principal: Principal | None) -> str:
    if principal is None:
        return "retention"
    return "visitor" if principal.role == "kiosk" else principal.role


def on_forgotten(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """A node says that it holds nothing of a consent any more: twice, late, or of one nobody knows, all is well."""
    if not isinstance(data, FaceForgotten):
        raise TypeError(f"expected FaceForgotten, got {type(data).__name__}")
    node = event.source.split("/")[4]
    consent = consents.get(uow.session, data.consent_id)
    if consent is None or consent.person_ref != data.person_ref:
        log.warning("a node forgot a consent that is not ours", extra={"node": node, "consent": data.consent_id})
        return
    if data.vault and not _speaks_for_vault(uow.session, node, consent):
        vault.ignore(uow, event.type, node, "not_the_vault")
        data = data.model_copy(update={"vault": False})  # of itself it may speak
    facts = f"templates={data.templates} cause={data.cause}"
    book.note(uow, "consent.forgotten", consent.consent_id, by=f"node:{node}", facts=facts)
    if _lost(consent, data):
        _end_lost(uow, context, consent, event.time)
    ended = consent.state == "ended"
    if not counts_as_forgotten(data.cause, ended=ended, until=consent.until, at=event.time):
        return
    _keep_word(uow, node, data, event.time)
    row = None if consent.withdrawal_id is None else store.get(uow.session, consent.withdrawal_id)
    if row is not None and row.state == "pending":
        _weigh(uow, context, row)


def _speaks_for_vault(session: Session, node: str, consent: ConsentRow) -> bool:
    """Whether the templates of that consent lie with the node now, or did when they were made."""
    enrolled_at = consent.enrolled_at
    return vault.holds(session, node) or (enrolled_at is not None and vault.held(session, node, enrolled_at))


def _lost(consent: ConsentRow, data: FaceForgotten) -> bool:
    """Whether the vault deleted the templates of a consent that was still alive here."""
    return consent.state == "active" and data.vault and data.templates > 0 and data.cause in ("ended", "unknown")


def _end_lost(uow: UnitOfWork, context: Context, consent: ConsentRow, at: datetime) -> None:
    """A consent whose templates are gone would promise what nobody can keep."""
    cause: EndCause = "retention" if at >= consent.until - SELF_EXPIRY else "not_enrolled"
    open_for(uow, context, consent.customer_id, [consent], cause, None)


def _keep_word(uow: UnitOfWork, node: str, data: FaceForgotten, at: datetime) -> None:
    row = uow.session.get(ForgottenRow, (data.consent_id, node))
    if row is None:
        row = ForgottenRow(
            consent_id=data.consent_id, node=node, templates=data.templates, vault=data.vault, cause=data.cause, at=at
        )
    else:  # a node that says it again has nothing left to count
        row.templates, row.vault = max(row.templates, data.templates), row.vault or data.vault
    uow.session.add(row)
    uow.session.flush()


def _weigh(uow: UnitOfWork, context: Context, row: WithdrawalRow) -> None:
    """Take in what the nodes have said by now; complete it when none is missing."""
    ending = consents.of_withdrawal(uow.session, row.withdrawal_id)
    ids = [consent.consent_id for consent in ending]
    waiting = store.nodes(uow.session, row.withdrawal_id)
    for node in waiting:
        word = None if node.state == "confirmed" else domain.confirmed(ids, store.words(uow.session, node.node, ids))
        if word is not None:
            node.state, (node.templates, node.at) = "confirmed", word
            uow.session.add(node)
    if domain.is_complete([store.confirmation(node) for node in waiting]):
        _complete(uow, context, row, ending, waiting)
    uow.changed("floor")


def _complete(
    uow: UnitOfWork,
    context: Context,
    row: WithdrawalRow,
    ending: Sequence[ConsentRow],
    waiting: Sequence[WithdrawalNode],
) -> None:
    row.state, row.completed_at = "complete", uow.now
    prefix = f"{context.config.office}-{local_day(uow.now, context.timezone).replace('-', '')}-"
    row.certificate_no = f"{prefix}{store.issued_on(uow.session, prefix) + 1:04d}"
    for consent in ending:
        consent.settled = True
        uow.session.add(consent)
        book.note(uow, "withdrawal.complete", consent.consent_id, by="gateway", facts=row.certificate_no)
    uow.session.add(row)
    uow.session.flush()
    row.certificate = _certificate(uow, context, row, ending, waiting).model_dump_json()
    uow.session.add(row)


def _certificate(
    uow: UnitOfWork,
    context: Context,
    row: WithdrawalRow,
    ending: Sequence[ConsentRow],
    waiting: Sequence[WithdrawalNode],
) -> Certificate:
    seen = store.view(uow.session, row)
    text = domain.statement(
        Proof(
            certificate_no=row.certificate_no or "",
            office=context.config.office,
            office_name=context.config.named("zh-CN"),
            office_name_en=context.config.named("en"),
            issued_at=uow.now,
            withdrawal_id=row.withdrawal_id,
            cause=seen.cause,
            requested_by=row.requested_by,
            requested_at=row.requested_at,
            consents=[
                ConsentLine(c.consent_id, c.text_version, c.text_sha256, c.given_at, c.ended_at or uow.now, c.engine)
                for c in ending
            ],
            nodes=seen.nodes,
            reasons={node.node: node.reason for node in waiting if node.reason},
        )
    )
    return Certificate(
        certificate_no=row.certificate_no or "",
        office=context.config.office,
        issued_at=uow.now,
        withdrawal=seen,
        text_versions=sorted({c.text_version for c in ending}),
        statement=text,
        signature=base64.b64encode(context.keys.sign(text.encode())).decode(),
        public_key=base64.b64encode(context.keys.public_key).decode(),
    )


def release(
    uow: UnitOfWork, context: Context, principal: Principal, withdrawal_id: str, node: str, reason: str
) -> Withdrawal:
    """A manager says that this node will never answer: no withdrawal waits for it any more, and each says so.

    Raises ProblemError 404, 409 `node_online`, `already_confirmed`.
    """
    row = store.get(uow.session, withdrawal_id)
    waiting = None if row is None else uow.session.get(WithdrawalNode, (withdrawal_id, node))
    if row is None or waiting is None:
        raise ProblemError(404, "not_found", "no such withdrawal, or it does not wait for that node")
    if waiting.state == "confirmed":
        raise ProblemError(409, "already_confirmed", "that node has confirmed")
    if waiting.state == "pending":
        release_node(uow, context, principal, node, reason)
    return store.view(uow.session, row)


def release_node(uow: UnitOfWork, context: Context, principal: Principal, node: str, reason: str) -> None:
    """Raises ProblemError 404, 409 `node_online`."""
    known = uow.session.get(FaceNode, node)
    if known is None:
        raise ProblemError(404, "not_found", "no such node with faces")
    if nodes.is_online(uow.session, context, node):
        raise ProblemError(409, "node_online", "that node is online and will answer: release only what never will")
    nodes.release(uow, context, known, by=book.who(principal), reason=reason)
    for waiting in store.waiting_for(uow.session, node):
        waiting.state, waiting.at, waiting.by, waiting.reason = "released", uow.now, book.who(principal), reason
        uow.session.add(waiting)
        uow.session.flush()
        row = store.get(uow.session, waiting.withdrawal_id)
        if row is not None and row.state == "pending":
            _weigh(uow, context, row)


def read(session: Session, principal: Principal, withdrawal_id: str, grant: str | None, now: datetime) -> WithdrawalRow:
    """Who may see it: reception and managers, the consultant who asked, the visitor with the grant that asked.

    Raises ProblemError 404, 403 `not_your_withdrawal`.
    """
    row = store.get(session, withdrawal_id)
    if principal.role == "kiosk":
        if row is None or grant is None or not grants.reads(session, grant, principal, withdrawal_id, now):
            raise ProblemError(403, "not_your_withdrawal", "send the grant that asked for it in X-Face-Grant")
        return row
    if row is None:
        raise ProblemError(404, "not_found", "no such withdrawal")
    if principal.role == "consultant" and row.requester_id != principal.person_id:
        raise ProblemError(403, "not_your_withdrawal", "somebody else asked for this one")
    return row


def forget_before(session: Session, at: datetime) -> None:
    """Withdrawals completed before then, with their certificates."""
    store.forget_before(session, at)


def certificate(row: WithdrawalRow) -> Certificate:
    """Raises ProblemError 409 `not_complete`."""
    if row.certificate is None:
        raise ProblemError(409, "not_complete", "a node has not confirmed yet: a certificate would be a promise")
    return Certificate.model_validate_json(row.certificate)


def listed(session: Session, state: str | None) -> WithdrawalList:
    return WithdrawalList(items=[store.view(session, row) for row in store.page(session, state)])
