"""How the parties of appeals are called: consultants by the roster, channels and agents as head office named them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from contracts.down_api import AgentSecret
from gateway.appeals.tables import AppealRow
from gateway.attribution.tables import AgentRow
from gateway.keys import Keys
from gateway.roster import store as roster


def of(session: Session, keys: Keys, appeals: Sequence[AppealRow]) -> dict[str, str]:
    """By the id of person, channel or agent; an agency that no longer works here has none."""
    found = roster.names(session, keys)
    channels = {row.party_id for row in appeals if row.party_kind == "channel"}
    agents = {row.agent_id for row in appeals if row.agent_id is not None}
    if channels:
        query = select(AgentRow.channel_id, AgentRow.channel_name).where(col(AgentRow.channel_id).in_(channels))
        found.update(session.exec(query.distinct()).all())
    if agents:
        for agent in session.exec(select(AgentRow).where(col(AgentRow.agent_id).in_(agents))):
            secret = keys.decrypt(agent.secret, record=f"agent:{agent.agent_id}")
            found[agent.agent_id] = AgentSecret.model_validate_json(secret).name
    return found
