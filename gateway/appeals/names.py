"""How the parties of appeals are called: consultants by the roster, channels and agents as head office named them."""

from collections.abc import Sequence

from sqlmodel import Session

from gateway.appeals.tables import AppealRow
from gateway.attribution import agents
from gateway.keys import Keys
from gateway.roster import store as roster


def of(session: Session, keys: Keys, appeals: Sequence[AppealRow]) -> dict[str, str]:
    """By the id of person, channel or agent; an agency that no longer works here has none."""
    channels = {row.party_id for row in appeals if row.party_kind == "channel"}
    people = {row.agent_id for row in appeals if row.agent_id is not None}
    return roster.names(session, keys) | agents.names(session, keys, channels=channels, agents=people)
