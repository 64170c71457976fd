"""The protocol of `ConsentAsk` and `ConsentPage`, without threads: what to ask next, what an answer changes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from contracts.ids import uuid7
from contracts.messages import ConsentAsk, ConsentPage
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.lease import Lease

_log = logging.getLogger(__name__)
Outcome = Literal["ignored", "more", "over", "failed", "agreed"]
"""`more`: ask on; `over`: ask from 0 at once; `failed`: ask from 0 after a while; `agreed`: the lease runs."""


@dataclass(slots=True)
class _Run:
    """Pages that belong together. `named`: what a whole copy has named so far; None when only changes come."""

    epoch: str
    have: int
    named: set[str] | None


@dataclass(frozen=True, slots=True)
class _Asked:
    nonce: str
    at: float
    epoch: str
    have: int


class Reconciliation:
    """Not thread-safe. `held(consent_id)` counts the templates this node has."""

    def __init__(self, copy: ConsentCopy, lease: Lease, held: Callable[[str], int]) -> None:
        self._copy, self._lease, self._held = copy, lease, held
        self._asked: _Asked | None = None
        self._run: _Run | None = None
        self._from_zero = False
        self.newest: ConsentPage | None = None
        """The page that agreed last: it names the office's vault and its key."""
        self.agreed_at = float("-inf")
        """When the ask was made that it answered, on the lease's clock."""

    @property
    def asked_at(self) -> float | None:
        """When the ask was made whose answer is awaited."""
        return None if self._asked is None else self._asked.at

    def awaits(self, nonce: str) -> bool:
        asked = self._asked
        return asked is not None and asked.nonce == nonce

    def ask(self) -> ConsentAsk:
        """The next question; an answer to an earlier one is ignored from now on."""
        if self._asked is not None:
            self._run = None  # it was not answered: nothing half-received is built upon
        if self._from_zero:
            epoch, have = "", 0
        elif self._run is not None:
            epoch, have = self._run.epoch, self._run.have
        else:
            epoch, have = self._copy.place
        self._asked = _Asked(uuid7(), self._lease.now(), epoch, have)
        return ConsentAsk(nonce=self._asked.nonce, epoch=epoch, have=have, digest=self._copy.digest)

    def withdraw(self) -> None:
        """The question could not be sent."""
        self._asked = self._run = None

    def take(self, page: ConsentPage) -> Outcome:
        """Carry out one page. What the broker kept, repeated or delayed does not answer the newest ask: ignored."""
        asked = self._asked
        if asked is None or page.nonce != asked.nonce:
            return "ignored"
        self._asked = None
        run, self._run = self._run_of(page, asked), None
        if run is None:
            self._from_zero = True
            return "over" if asked.have else self._fail("the gateway's page does not fit what was asked")
        self._from_zero = False
        if page.more and page.through <= page.after and not page.entries:
            return self._fail("the gateway announces more, but its page is empty")
        if page.more:
            self._copy.apply(page.entries, self._held, None if run.named is not None else (run.epoch, page.through))
            run.have, self._run = page.through, run
            self._note_named(run, page)
            return "more"
        return self._finish(run, page, asked)

    def _run_of(self, page: ConsentPage, asked: _Asked) -> _Run | None:
        if page.through < page.after:
            return None
        if page.whole and page.after == 0:
            return _Run(page.epoch, 0, set())
        if (page.epoch, page.after) != (asked.epoch, asked.have):
            return None
        if self._run is not None:
            return self._run
        return _Run(page.epoch, page.after, None)

    def _note_named(self, run: _Run, page: ConsentPage) -> None:
        if run.named is not None:
            run.named.update(entry.consent_id for entry in page.entries)

    def _finish(self, run: _Run, page: ConsentPage, asked: _Asked) -> Outcome:
        place = (run.epoch, page.through)
        if run.named is None:
            self._copy.apply(page.entries, self._held, place)
        else:
            self._note_named(run, page)
            self._copy.apply(page.entries, self._held, None)
            self._copy.forget_others(run.named, self._held, place)
        if self._copy.digest != page.digest:
            self._from_zero = True
            return "over" if run.named is None else self._fail("a whole copy of the consents has another digest")
        self._lease.renew(asked.at, page.lease_seconds)
        self.newest, self.agreed_at = page, asked.at
        return "agreed"

    def _fail(self, what: str) -> Outcome:
        _log.error("the consents could not be compared", extra={"reason": what})
        self._from_zero = True
        return "failed"
