"""How channels and their agents are called, as head office named them."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from contracts.down_api import AgentSecret
from gateway.attribution.tables import AgentRow
from gateway.keys import Keys


def names(session: Session, keys: Keys, *, channels: Collection[str], agents: Collection[str]) -> dict[str, str]:
    """By id; who no longer works for this office has none."""
    found: dict[str, str] = {}
    if channels:
        query = select(AgentRow.channel_id, AgentRow.channel_name).where(col(AgentRow.channel_id).in_(channels))
        found.update(session.exec(query.distinct()).all())
    if agents:
        for agent in session.exec(select(AgentRow).where(col(AgentRow.agent_id).in_(agents))):
            secret = keys.decrypt(agent.secret, record=f"agent:{agent.agent_id}")
            found[agent.agent_id] = AgentSecret.model_validate_json(secret).name
    return found
