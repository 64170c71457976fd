"""Offices, rosters and agencies, entered through central's admin API; entering them again changes nothing."""

import asyncio

import httpx

from contracts.central_api import OfficePut, RosterPut
from contracts.channels_api import AgentPut, ChannelPut
from contracts.pins import hash_pin, verify_pin
from contracts.rest import Roster, RosterEntry
from simulator.box.offices import LIVE, Office
from simulator.box.state import Account, AgencyState, OfficeState, State


class ProvisionError(RuntimeError):
    """Central refused an office, a roster or an agency."""


async def provision(url: str, state: State, offices: list[Office]) -> None:
    """Raises ProvisionError, or httpx.HTTPError when central cannot be reached."""
    headers = {"Authorization": f"Bearer {state.tokens['hq-admin']}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as client:
        for office in offices:
            zone = state.time_zone if office is LIVE else state.first_time_zone
            body = OfficePut(
                name=office.name_zh,
                name_en=office.name_en,
                city=office.city,
                city_en=office.city_en,
                time_zone=zone,
            )
            path = f"/v1/offices/{office.slug}"
            headers = _seen(await client.get(path))
            _check(await client.put(path, json=body.model_dump(mode="json"), headers=headers))
            await _put_roster(client, office, state.offices[office.slug])
        for agency in state.agencies:
            await _put_agency(client, agency)


async def _put_roster(client: httpx.AsyncClient, office: Office, kept: OfficeState) -> None:
    accounts = [*kept.accounts, *([] if kept.left is None else [kept.left])]
    path = f"/v1/offices/{office.slug}/roster"
    found = await client.get(path)
    if found.is_success and await asyncio.to_thread(_same, Roster.model_validate(found.json()), accounts):
        return
    entries = await asyncio.to_thread(
        lambda: [_entry(account, active=account is not kept.left) for account in accounts]
    )
    _check(await client.put(path, json=RosterPut(people=entries).model_dump(mode="json"), headers=_seen(found)))


async def _put_agency(client: httpx.AsyncClient, agency: AgencyState) -> None:
    path, agent = f"/v1/channels/{agency.channel_id}", agency.agent
    _check(await client.put(path, json=ChannelPut(name=agency.name, offices=[LIVE.slug]).model_dump(mode="json")))
    body = AgentPut(staff_no=agent.staff_no, name=agent.name, pin_hash=agent.pin_hash)
    _check(await client.put(f"{path}/agents/{agent.person_id}", json=body.model_dump(mode="json")))


def _entry(account: Account, *, active: bool) -> RosterEntry:
    return RosterEntry.model_validate(
        {**account.model_dump(exclude={"pin"}), "pin_hash": hash_pin(account.pin), "active": active},
    )


def _same(roster: Roster, accounts: list[Account]) -> bool:
    """One PIN stands for all: they are made together, and a check costs a tenth of a second of every start."""
    entered = {entry.person_id: entry for entry in roster.people}
    first = accounts[0]
    return entered.keys() == {account.person_id for account in accounts} and verify_pin(
        first.pin, entered[first.person_id].pin_hash
    )


def _seen(found: httpx.Response) -> dict[str, str]:
    """The condition of a change: what is there now; none for what is not there yet."""
    return {"If-Match": found.headers["ETag"]} if found.is_success else {}


def _check(response: httpx.Response) -> None:
    if response.is_error:
        request = response.request
        raise ProvisionError(f"{request.method} {request.url.path}: {response.status_code} {response.text[:200]}")
