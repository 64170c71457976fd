"""From a yes to a template: the kiosk's node is asked to enrol, answers with a preview, and says how it ended."""

import logging
from datetime import timedelta

from pydantic import ValidationError
from sqlmodel import Session, select

from contracts.events import Data, Event, FaceEnrolment
from contracts.faces_api import EnrolmentView
from contracts.ids import uuid7
from contracts.messages import Command, FaceEnrol, FacePreview, Reply
from gateway.auth import Principal
from gateway.config import DeviceConfig
from gateway.consents import book, domain, nodes, orders, service, store, vault
from gateway.consents.domain import Enrolment, EnrolmentState
from gateway.consents.tables import ConsentRow, EnrolmentRow
from gateway.context import Context
from gateway.customers import store as customers
from gateway.problems import ProblemError
from gateway.reviews import pairs
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
ENROL = "face.enrol.v1"
STATES: dict[str, EnrolmentState] = {s: s for s in ("asked", "running", "done", "failed", "cancelled")}
GRACE_SECONDS = 15
"""Beyond the session itself: storing the templates, and the event's way here."""


def start(uow: UnitOfWork, context: Context, principal: Principal, consent_id: str) -> EnrolmentView:
    """Ask the kiosk's camera to enrol, or ask again. One that was just asked, or is done, is left alone.

    Raises ProblemError 404, 403 `not_your_checkin`, 409 `refused_today`, `consent_ended`, `face_unavailable`.
    """
    consent = _consent(uow.session, principal, consent_id)
    row = uow.session.get(EnrolmentRow, consent_id)
    customer = customers.get(uow.session, consent.customer_id)
    if service.refused_today(uow, context, consent.visit_id, customer):
        raise ProblemError(409, "refused_today", "the visitor said no today; nobody asks again before tomorrow")
    if consent.state == "ended":
        raise ProblemError(409, "consent_ended", "this consent is over: ask for a new one")
    if row is not None and (row.state == "done" or (row.state == "asked" and uow.now <= row.deadline)):
        return _view(context, row)
    device = context.config.devices.get(consent.device_id)
    if device is None or not nodes.can_enrol(uow.session, context, consent.device_id):
        raise ProblemError(409, "face_unavailable", "no camera of this screen can enrol now")
    row = _ask(uow, context, consent, device)
    book.note(uow, "enrolment.asked", consent_id, by=book.who(principal), facts=f"node={row.node} camera={row.camera}")
    return _view(context, row)


def _ask(uow: UnitOfWork, context: Context, consent: ConsentRow, device: DeviceConfig) -> EnrolmentRow:
    rules = context.config.faces
    node, camera = device.node or "", device.camera or ""
    expires_at = uow.now + timedelta(seconds=rules.enrol_answer_seconds)
    order = FaceEnrol(
        consent_id=consent.consent_id, person_ref=consent.person_ref, shots=rules.shots, seconds=rules.enrol_seconds
    )
    command = Command(id=uuid7(), type=ENROL, device=camera, expires_at=expires_at, data=order.model_dump(mode="json"))
    row = EnrolmentRow(
        consent_id=consent.consent_id,
        state="asked",
        node=node,
        camera=camera,
        command_id=command.id,
        asked_at=uow.now,
        deadline=expires_at,
        of=rules.shots,
    )
    stored = uow.session.merge(row)
    uow.session.flush()
    uow.after_commit(lambda: context.commands.send(node, command))
    return stored


def read(session: Session, context: Context, principal: Principal, consent_id: str) -> EnrolmentView:
    """Raises ProblemError 404, 403 `not_your_checkin`."""
    _consent(session, principal, consent_id)
    row = session.get(EnrolmentRow, consent_id)
    if row is None:
        raise ProblemError(404, "not_found", "no enrolment was started for this consent")
    return _view(context, row)


def cancel(uow: UnitOfWork, context: Context, principal: Principal, consent_id: str) -> EnrolmentView:
    """The visitor changed their mind at the screen: the consent ends too, and what was taken goes.

    Cancelling what is over already changes nothing. Raises ProblemError 404, 403 `not_your_checkin`, 409 `enrolled`.
    """
    consent = _consent(uow.session, principal, consent_id)
    row = uow.session.get(EnrolmentRow, consent_id)
    too_late = uow.now - consent.given_at > timedelta(minutes=context.config.faces.enrol_minutes)
    if consent.state == "active" and too_late:
        raise ProblemError(409, "enrolled", "enrolled some time ago: withdraw instead")
    if row is None:
        row = EnrolmentRow(
            consent_id=consent_id,
            state="cancelled",
            node="",
            camera="",
            command_id="",
            asked_at=uow.now,
            deadline=uow.now,
            of=context.config.faces.shots,
        )
        uow.session.add(row)
    if consent.state != "ended":
        orders.stop(uow, context, consent_id)
        service.end(uow, context, consent, "cancelled", principal)
    return _view(context, row)


def on_reply(uow: UnitOfWork, context: Context, reply: Reply) -> None:
    """The node began, and says where its preview is; or it says why not. Only the newest order counts."""
    row = uow.session.exec(select(EnrolmentRow).where(EnrolmentRow.command_id == reply.command_id)).first()
    if row is None or row.state != "asked":
        return
    if not reply.ok:
        row.state, row.reason = "failed", reply.error[:40] or "refused"
    else:
        try:
            preview = FacePreview.model_validate(reply.data)
        except ValidationError:
            log.warning("an enrolment began without a preview", extra={"node": row.node})
            row.state, row.reason = "failed", "no_preview"
        else:
            row.state, row.preview_port, row.preview_token = "running", preview.port, preview.token
            seconds = context.config.faces.enrol_seconds + GRACE_SECONDS
            row.deadline = uow.now + timedelta(seconds=seconds)
    uow.session.add(row)


def on_event(uow: UnitOfWork, context: Context, event: Event, data: Data) -> None:
    """How it ended. `done` counts however late it comes, unless the consent is over: then the node deletes."""
    if not isinstance(data, FaceEnrolment):
        raise TypeError(f"expected FaceEnrolment, got {type(data).__name__}")
    node = event.source.split("/")[4]
    consent = store.get(uow.session, data.consent_id)
    if consent is None or consent.person_ref != data.person_ref:
        log.warning("an enrolment that is not ours", extra={"node": node, "consent": data.consent_id})
        return
    row = uow.session.get(EnrolmentRow, data.consent_id)
    asked = row is not None and row.node == node
    if not (asked or vault.holds(uow.session, node)):
        vault.ignore(uow, event.type, node, "not_asked")
        return
    facts = f"shots={data.shots} engine={data.engine[:60]} reason={data.reason[:60]}"
    book.note(uow, f"enrolment.{data.outcome}", consent.consent_id, by=f"node:{node}", facts=facts)
    if consent.state == "ended":
        return
    if data.outcome == "done":
        _activate(uow, consent, data)
        _finish(uow, row, "done", data)
    elif data.outcome == "already_known":
        _known_already(uow, context, consent, data)
        _finish(uow, row, "failed", data.model_copy(update={"reason": data.outcome}))
    elif row is not None and row.state in ("asked", "running") and event.time >= row.asked_at:
        _finish(uow, row, "cancelled" if data.outcome == "cancelled" else "failed", data)
    uow.changed("floor")


def _known_already(uow: UnitOfWork, context: Context, consent: ConsentRow, data: FaceEnrolment) -> None:
    """That face stands under another number: a second template would blur both, so this consent ends without one."""
    service.end(uow, context, consent, "not_enrolled")
    other = None if data.other_ref is None else store.by_person_ref(uow.session, data.other_ref)
    if other is not None and other.state != "ended" and other.customer_id != consent.customer_id:
        evidence = {other.customer_id: ["face_known"], consent.customer_id: ["number"]}
        rule, consent_id = "identity.face_on_another_file", consent.consent_id
        pairs.ask(uow, "one_face_two_files", evidence, rule=rule, consent_id=consent_id)


def _activate(uow: UnitOfWork, consent: ConsentRow, data: FaceEnrolment) -> None:
    consent.state, consent.engine, consent.model = "active", data.engine, data.model
    consent.enrolled_at = consent.enrolled_at or uow.now
    uow.session.add(consent)


def _finish(uow: UnitOfWork, row: EnrolmentRow | None, state: EnrolmentState, data: FaceEnrolment) -> None:
    if row is None:
        return
    row.state, row.shots = state, data.shots
    row.reason = data.outcome if data.outcome == "already_known" else data.reason
    row.preview_port = row.preview_token = None
    uow.session.add(row)


def _consent(session: Session, principal: Principal, consent_id: str) -> ConsentRow:
    consent = store.get(session, consent_id)
    if consent is None:
        raise ProblemError(404, "not_found", "no such consent")
    if principal.role == "kiosk" and consent.device_id != principal.device_id:
        raise ProblemError(403, "not_your_checkin", "this visitor checked in at another screen")
    return consent


def _view(context: Context, row: EnrolmentRow) -> EnrolmentView:
    opened = row.preview_port is not None and row.preview_token is not None
    url = f"http://127.0.0.1:{row.preview_port}/preview/{row.preview_token}" if opened else None
    enrolment = Enrolment(
        consent_id=row.consent_id,
        state=STATES[row.state],
        deadline=row.deadline,
        preview_url=url,
        shots=row.shots,
        of=row.of,
        reason=row.reason,
    )
    return domain.enrolment_view(enrolment, context.clock())
