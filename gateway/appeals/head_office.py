"""Appeals that agents filed at head office, filed here in their channel's name."""

from datetime import timedelta

from contracts.down_api import AppealDown
from contracts.facts import AppealRefused
from gateway.appeals.domain import Party
from gateway.appeals.service import file_appeal
from gateway.context import Context
from gateway.problems import ProblemError
from gateway.writer import UnitOfWork


def take(uow: UnitOfWork, context: Context, filed: AppealDown, behind: timedelta) -> None:
    """File it as of when the agent did, by this gateway's clock, which is `behind` head office's.

    Why it cannot be filed is told to head office, so that the agent hears it. Told again it changes nothing. Raises
    SealError.
    """
    text = context.keys.sealer.open(filed.sealed, record=filed.appeal_id)
    try:
        file_appeal(
            uow,
            context,
            verdict_id=filed.verdict_id,
            party=Party("channel", filed.channel_id, filed.agent_id),
            filed_by=filed.agent_id,
            text=text,
            filed_at=filed.filed_at - behind,
            appeal_id=filed.appeal_id,
        )
    except ProblemError as refused:
        uow.uplink(AppealRefused(appeal_id=filed.appeal_id, at=uow.now, reason=refused.code))
