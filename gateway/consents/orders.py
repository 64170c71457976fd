"""Stopping an enrolment that a camera was asked for."""

from datetime import timedelta

from contracts.ids import uuid7
from contracts.messages import Command, FaceCancel
from gateway.consents.tables import EnrolmentRow
from gateway.context import Context
from gateway.writer import UnitOfWork

CANCEL = "face.cancel.v1"
_WORTH_SAYING = timedelta(minutes=1)
"""Later than that the node's own time limit has ended the session."""


def stop(uow: UnitOfWork, context: Context, consent_id: str) -> None:
    """The node stops at once and keeps nothing; an enrolment that was never asked for needs no word."""
    row = uow.session.get(EnrolmentRow, consent_id)
    if row is None:
        return
    row.state, row.reason = "cancelled", "cancelled"
    row.preview_port = row.preview_token = None
    uow.session.add(row)
    node = row.node
    if not node:
        return
    command = Command(
        id=uuid7(),
        type=CANCEL,
        device=row.camera,
        expires_at=uow.now + _WORTH_SAYING,
        data=FaceCancel(consent_id=consent_id).model_dump(mode="json"),
    )
    uow.after_commit(lambda: context.commands.send(node, command))
