"""What this node owes for consents that ended: deleting what it holds, then telling the gateway. Survives any crash."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from contracts.events import Data, FaceForgotten
from edge_agent.vision.vault.consents import ConsentCopy, Ending
from edge_agent.vision.vault.templates import VaultError

_log = logging.getLogger(__name__)
Report = Callable[[Data], "Future[int]"]
"""Accepts an event; resolves with its sequence once it is durable. Raises RuntimeError while closing."""


class Holder(Protocol):
    """Where templates may lie: `Vault`, or `NoVault`."""

    def forget(self, consent_id: str) -> int:
        """Delete the templates of a consent; how many there were. Raises VaultError: ask again later."""
        ...

    def count(self, consent_id: str) -> int: ...

    def held(self) -> dict[str, str]:
        """consent_id → person_ref."""
        ...


class NoVault:
    """A node that seals its probes holds nothing, and says so for every consent that ended."""

    def forget(self, consent_id: str) -> int:
        return 0

    def count(self, consent_id: str) -> int:
        return 0

    def held(self) -> dict[str, str]:
        return {}


class Debts:
    """Not thread-safe. `later(work)` runs `work` on the thread that owns this, from whichever the outbox calls back."""

    def __init__(
        self,
        copy: ConsentCopy,
        holder: Holder,
        report: Report,
        *,
        is_vault: bool,
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._copy, self._holder, self._report, self._is_vault, self._later = copy, holder, report, is_vault, later
        self._telling: set[str] = set()

    def pay(self, *, clock_believed: bool) -> None:
        """Do what can be done now; the rest stays owed. `clock_believed`: whether `until` is worth deleting for."""
        if clock_believed:
            self._lapse()
        for ending in self._copy.deletions_owed():
            deleted = self._forget(ending.consent_id)
            if deleted is not None:
                self._copy.deleted(ending.consent_id, deleted)
                _log.info("templates deleted", extra={"consent": ending.consent_id, "cause": ending.cause})
        for ending in self._copy.confirmations_owed():
            if ending.consent_id not in self._telling:
                self._tell(ending)

    def own_up(self) -> None:
        """After an agreement: what lies here under a consent that nobody knows is owed a deletion."""
        known = self._copy.ids()
        for consent_id, person_ref in self._holder.held().items():
            if consent_id not in known:
                self._copy.owe_unknown(consent_id, person_ref, self._holder.count(consent_id))

    def _lapse(self) -> None:
        for consent in self._copy.overdue():
            deleted = self._forget(consent.consent_id)
            if deleted is not None:
                self._copy.lapse(consent.consent_id, deleted)
                _log.info("a consent came to its end by itself", extra={"consent": consent.consent_id})

    def _forget(self, consent_id: str) -> int | None:
        try:
            return self._holder.forget(consent_id)
        except VaultError as error:
            _log.error("a deletion is still owed", extra={"consent": consent_id, "reason": str(error)})
            return None

    def _tell(self, ending: Ending) -> None:
        event = FaceForgotten(
            consent_id=ending.consent_id,
            person_ref=ending.person_ref,
            templates=ending.templates,
            cause=ending.cause,
            vault=self._is_vault,
        )
        try:
            future = self._report(event)
        except RuntimeError as error:
            _log.warning("a deletion could not be reported yet", extra={"reason": str(error)})
            return
        self._telling.add(ending.consent_id)
        future.add_done_callback(lambda done: self._later(lambda: self._told(ending, done)))

    def _told(self, ending: Ending, done: "Future[int]") -> None:
        self._telling.discard(ending.consent_id)
        if done.cancelled() or (failure := done.exception()) is not None:
            reason = "cancelled" if done.cancelled() else str(failure)
            _log.error("a deletion could not be reported yet", extra={"reason": reason})
            return
        self._copy.confirmed(ending)
