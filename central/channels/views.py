"""Agencies, agents and projects as the API and the offices are shown them."""

import base64
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.channels import repository
from central.channels.tables import Agent, Channel, Project
from central.vault import Vault
from contracts.channels_api import AgentView, ChannelView, ProjectView
from contracts.down_api import AgentDown, AgentSecret
from contracts.sealing import Sealer


def channel_view(channel: Channel) -> ChannelView:
    return ChannelView(channel_id=channel.channel_id, name=channel.name, offices=channel.offices, active=channel.active)


def agent_view(vault: Vault, agent: Agent) -> AgentView:
    return AgentView(
        agent_id=agent.agent_id,
        channel_id=agent.channel_id,
        staff_no=agent.staff_no,
        name=name_of(vault, agent),
        active=agent.active,
    )


def project_view(project: Project) -> ProjectView:
    return ProjectView(office=project.office, project=project.project, name=project.name, active=project.active)


def name_of(vault: Vault, agent: Agent) -> str:
    return vault.decrypt(agent.name_encrypted, record=f"agent/{agent.agent_id}/name").decode()


def code_key_of(vault: Vault, agent: Agent) -> bytes:
    return vault.decrypt(agent.code_key_encrypted, record=f"agent/{agent.agent_id}/code_key")


async def agents_down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, AgentDown]:
    channels = {channel.channel_id: channel for channel in await repository.channels(session)}
    bodies = {}
    for agent in await repository.agents_by_ids(session, ids):
        channel = channels[agent.channel_id]
        key = base64.b64encode(code_key_of(vault, agent)).decode()
        secret = AgentSecret(name=name_of(vault, agent), code_key=key)
        bodies[agent.agent_id] = AgentDown(
            agent_id=agent.agent_id,
            channel_id=channel.channel_id,
            channel_name=channel.name,
            active=agent.active and channel.active,
            sealed=sealer.seal(secret.model_dump_json(), record=agent.agent_id),
        )
    return bodies
