"""Replacing the roster: by an administrator here, or with central's copy."""

import asyncio
import logging

import httpx
from sqlalchemy.exc import SQLAlchemyError

from contracts.rest import Roster
from gateway.config import read_secret
from gateway.context import Context
from gateway.problems import ProblemError
from gateway.roster import store
from gateway.writer import UnitOfWork

log = logging.getLogger(__name__)
EAGER_SECONDS = 1.0
"""How often a gateway that has no roster yet asks for one: nobody can sign in without it."""


def check(context: Context, roster: Roster) -> None:
    """Raises ProblemError 422 for another office's roster, and for numbers or ids used twice."""
    if roster.office != context.config.office:
        raise ProblemError(422, "wrong_office", f"this is office {context.config.office}")
    ids = [entry.person_id for entry in roster.people]
    numbers = [entry.staff_no for entry in roster.people if entry.active]
    if len(set(ids)) < len(ids) or len(set(numbers)) < len(numbers):
        raise ProblemError(422, "roster_not_unique", "a person or a staff number is listed twice")


def replace(uow: UnitOfWork, context: Context, roster: Roster) -> Roster:
    store.replace(uow.session, context.keys, roster, uow.now)
    uow.changed("offers")
    uow.changed("floor")
    uow.changed("queue")
    return roster


class RosterPull:
    """Asks central for the roster, with the version at hand as ETag; keeps the last one when central is away."""

    def __init__(self, context: Context, transport: httpx.AsyncBaseTransport | None = None) -> None:
        central = context.config.central
        self._context = context
        self._etag: str | None = None
        self._client = httpx.AsyncClient(
            base_url=central.url,
            headers={"Authorization": f"Bearer {read_secret(central.token_file)}"},
            timeout=10.0,
            transport=transport,
        )

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.pull()
                except Exception as error:  # a full disk as well: it is asked again
                    log.info("no roster from central", extra={"error": type(error).__name__})
                await asyncio.sleep(await asyncio.to_thread(self._pause))
        finally:
            await self._client.aclose()

    def _pause(self) -> float:
        patient = self._context.config.central.roster_seconds
        try:
            with self._context.database.read() as session:
                return patient if store.version(session) else min(EAGER_SECONDS, patient)
        except SQLAlchemyError:
            return patient

    async def pull(self) -> bool:
        """True when a new roster was stored. Raises httpx.HTTPError, ValidationError, ProblemError."""
        headers = {} if self._etag is None else {"If-None-Match": self._etag}
        answer = await self._client.get(f"/v1/offices/{self._context.config.office}/roster", headers=headers)
        if answer.status_code in (httpx.codes.NOT_MODIFIED, httpx.codes.NOT_FOUND):
            return False
        answer.raise_for_status()
        roster = Roster.model_validate_json(answer.content)
        check(self._context, roster)
        stored = await self._context.writer.run(lambda uow: self._store(uow, roster))
        self._etag = answer.headers.get("ETag")
        return stored

    def _store(self, uow: UnitOfWork, roster: Roster) -> bool:
        if store.version(uow.session) == roster.version:
            return False
        replace(uow, self._context, roster)
        return True
