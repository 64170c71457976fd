"""Agencies, their agents and the projects of offices: entered at head office, told to the offices they concern."""

import os
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from central.channels import repository, views
from central.channels.tables import Agent, Channel, Project
from central.down import feed
from central.offices import repository as offices
from central.problems import ProblemError, not_found
from central.runtime import Runtime
from contracts import agent_code
from contracts.channels_api import (
    AgentCodeView,
    AgentOffice,
    AgentPut,
    AgentSelf,
    AgentView,
    ChannelPut,
    ChannelView,
    ProjectPut,
    ProjectView,
)
from contracts.rest import FieldError

_KEY_BYTES = 32


async def put_channel(runtime: Runtime, channel_id: str, body: ChannelPut) -> ChannelView:
    """Open an agency or change it. Offices it no longer works for forget its agents. Raises ProblemError 422."""
    now, wanted = runtime.clock(), set(body.offices)
    async with runtime.database.write() as session:
        found = await repository.channel(session, channel_id)
        before = set() if found is None else set(found.offices)
        await _known_offices(session, wanted)
        await _lock(session, before | wanted, now)
        if found is None:
            found = Channel(channel_id=channel_id, created_at=now, name="", offices=[], active=True)
            session.add(found)
        found.name, found.offices, found.active = body.name, sorted(wanted), body.active
        ids = [agent.agent_id for agent in await repository.agents(session, channel_id)]
        for office in sorted(before | wanted):
            await feed.note(session, office, "agent", ids, now, deleted=office not in wanted)
        return views.channel_view(found)


async def put_agent(runtime: Runtime, channel_id: str, agent_id: str, body: AgentPut) -> AgentView:
    """Take an agent on or change them; a new PIN ends their sessions. Raises ProblemError 404, 409."""
    now = runtime.clock()
    async with runtime.database.write() as session:
        channel = await repository.channel(session, channel_id)
        if channel is None:
            raise not_found("channel")
        await _lock(session, channel.offices, now)
        await _free_staff_no(runtime, session, agent_id, body.staff_no)
        found = await repository.agent(session, agent_id)
        if found is not None and found.channel_id != channel_id:
            raise ProblemError(409, "agent_of_another_channel", "an agent stays with the channel they were entered for")
        if found is None:
            found = _taken_on(runtime, channel_id, agent_id, now)
            session.add(found)
        found.staff_no, found.pin_hash, found.active = body.staff_no, body.pin_hash, body.active
        found.name_encrypted = runtime.vault.encrypt(body.name.encode(), record=f"agent/{agent_id}/name")
        for office in channel.offices:
            await feed.note(session, office, "agent", [agent_id], now)
        return views.agent_view(runtime.vault, found)


def _taken_on(runtime: Runtime, channel_id: str, agent_id: str, now: datetime) -> Agent:
    return Agent(
        agent_id=agent_id,
        channel_id=channel_id,
        staff_no="",
        name_encrypted=b"",
        pin_hash="",
        code_key_encrypted=runtime.vault.encrypt(os.urandom(_KEY_BYTES), record=f"agent/{agent_id}/code_key"),
        active=True,
        created_at=now,
    )


async def put_project(runtime: Runtime, office: str, name: str, body: ProjectPut) -> ProjectView:
    """Raises ProblemError 404 for an unknown office."""
    now = runtime.clock()
    async with runtime.database.write() as session:
        if await offices.find(session, office) is None:
            raise not_found("office")
        await offices.lock(session, office, now)
        found = await repository.project(session, office, name)
        if found is None:
            found = Project(office=office, project=name, name="", active=True)
            session.add(found)
        found.name, found.active = body.name, body.active
        return views.project_view(found)


async def _known_offices(session: AsyncSession, wanted: Iterable[str]) -> None:
    for office in sorted(wanted):
        if await offices.find(session, office) is None:
            raise ProblemError(422, "invalid_request", errors=[FieldError(field="offices", code="unknown_office")])


async def _lock(session: AsyncSession, wanted: Iterable[str], now: datetime) -> None:
    """Always in one order, so that two changes of several offices never wait for each other."""
    for office in sorted(wanted):
        await offices.lock(session, office, now)


async def _free_staff_no(runtime: Runtime, session: AsyncSession, agent_id: str, staff_no: str) -> None:
    other = await repository.agent_by_staff_no(session, staff_no)
    _, of_head_office = runtime.access.person_of(staff_no)
    if of_head_office is not None or (other is not None and other.agent_id != agent_id):
        raise ProblemError(409, "staff_no_taken", "somebody else signs in with this number")


async def myself(runtime: Runtime, agent_id: str) -> AgentSelf:
    """Raises ProblemError 404 for an agent who no longer works."""
    async with runtime.database.read() as session:
        found = await repository.working(session, agent_id)
        if found is None:
            raise not_found("agent")
        agent, channel = found
        projects = await repository.projects(session, channel.offices)
        known = [await offices.find(session, office) for office in channel.offices]
    return AgentSelf(
        agent_id=agent.agent_id,
        name=views.name_of(runtime.vault, agent),
        channel=channel.name,
        offices=[
            AgentOffice(office=each.office, name=each.name, name_en=each.name_en, time_zone=each.time_zone)
            for each in known
            if each is not None
        ],
        projects=[views.project_view(each) for each in projects if each.active],
    )


async def code(runtime: Runtime, agent_id: str, office: str, project: str) -> AgentCodeView:
    """The dynamic QR of now. Raises ProblemError 404 for a place the channel does not work for."""
    async with runtime.database.read() as session:
        found = await repository.working(session, agent_id, office)
        if found is None or (project and await repository.project(session, office, project) is None):
            raise not_found("office or project of yours")
    now = runtime.clock()
    key, window = views.code_key_of(runtime.vault, found[0]), agent_code.window_of(now)
    return AgentCodeView(
        code=agent_code.issue(key, office=office, project=project, agent_id=agent_id, at=now),
        office=office,
        project=project,
        valid_from=agent_code.window_start(window),
        valid_until=agent_code.window_end(window),
        server_time=now,
    )
