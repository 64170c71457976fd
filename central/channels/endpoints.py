"""Agencies and agents, projects of offices, and what an agent's own page needs."""

from fastapi import APIRouter

from central.access import AgentDep, CallerDep, own_office, roles
from central.channels import repository, service, views
from central.problems import not_found
from central.runtime import RuntimeDep
from contracts.channels_api import (
    AgentCodeView,
    AgentPut,
    AgentSelf,
    AgentView,
    ChannelPut,
    ChannelView,
    ProjectPut,
    ProjectView,
)
from contracts.ids import ProjectName, Slug, Uuid

router = APIRouter(tags=["channels"])


@router.put("/v1/channels/{channel_id}", **roles("admin"))
async def put_channel(runtime: RuntimeDep, channel_id: Uuid, body: ChannelPut) -> ChannelView:
    """Open an agency or change it; an office it no longer works for forgets its agents."""
    return await service.put_channel(runtime, channel_id, body)


@router.get("/v1/channels", **roles("manager"))
async def channels(runtime: RuntimeDep) -> list[ChannelView]:
    async with runtime.database.read() as session:
        return [views.channel_view(channel) for channel in await repository.channels(session)]


@router.put("/v1/channels/{channel_id}/agents/{agent_id}", **roles("admin"))
async def put_agent(runtime: RuntimeDep, channel_id: Uuid, agent_id: Uuid, body: AgentPut) -> AgentView:
    """Take an agent on or change them; another PIN ends their sessions."""
    return await service.put_agent(runtime, channel_id, agent_id, body)


@router.get("/v1/channels/{channel_id}/agents", **roles("manager"))
async def agents(runtime: RuntimeDep, channel_id: Uuid) -> list[AgentView]:
    async with runtime.database.read() as session:
        if await repository.channel(session, channel_id) is None:
            raise not_found("channel")
        return [views.agent_view(runtime.vault, agent) for agent in await repository.agents(session, channel_id)]


@router.put("/v1/offices/{office}/projects/{project}", **roles("admin"))
async def put_project(runtime: RuntimeDep, office: Slug, project: Slug, body: ProjectPut) -> ProjectView:
    return await service.put_project(runtime, office, project, body)


@router.get("/v1/offices/{office}/projects", **roles("office", "manager"))
async def projects(runtime: RuntimeDep, caller: CallerDep, office: Slug) -> list[ProjectView]:
    own_office(caller, office)
    async with runtime.database.read() as session:
        return [views.project_view(each) for each in await repository.projects(session, [office])]


@router.get("/v1/agent", **roles("agent"))
async def myself(runtime: RuntimeDep, agent_id: AgentDep) -> AgentSelf:
    """The signed-in agent, and where they may register."""
    return await service.myself(runtime, agent_id)


@router.get("/v1/agent/code", **roles("agent"))
async def code(runtime: RuntimeDep, agent_id: AgentDep, office: Slug, project: ProjectName = "") -> AgentCodeView:
    """The dynamic QR of this half minute, for one place."""
    return await service.code(runtime, agent_id, office, project)
