"""Keeping this node's consents equal to the gateway's, and carrying out what ended.

The order is always: the copy notes that a consent ended (from then on it is matched no more) → the templates are
deleted → the copy notes that the gateway must hear of it → the outbox has the event → the copy notes that it was told.
Each arrow is a commit, so a crash repeats at most the step it interrupted.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable

from pydantic import ValidationError

from contracts.messages import ConsentPage
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.debts import Debts, Holder, NoVault, Report
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.reconcile import Outcome, Reconciliation

__all__ = ["ConsentSync", "Holder", "NoVault", "Report"]

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0
_PAY_SECONDS = 5.0
"""How often a consent's own end and unpaid debts are looked at."""
_HINT_SECONDS = 0.5
"""However often the gateway hints at news, the node asks no more often than this."""
Publish = Callable[[str, bytes], bool]


class ConsentSync:
    """Safe from any thread; the work is done on one of its own, or by `step` where none is started.

    `publish(leaf, payload)` answers False when it was not taken. `holder` is the `Vault`, or `NoVault`.
    `clock_believed`: whether the wall clock is good enough to delete for; matching stops at `until` in any case.
    `on_change` is called when an answer agreed or something was deleted.
    """

    def __init__(
        self,
        copy: ConsentCopy,
        lease: Lease,
        holder: Holder,
        *,
        is_vault: bool,
        publish: Publish,
        report: Report,
        rules: MatchingConfig | None = None,
        clock_believed: Callable[[], bool] = lambda: True,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._copy, self._lease, self._holder, self._publish = copy, lease, holder, publish
        self._rules = rules or MatchingConfig()
        self._clock_believed, self._on_change = clock_believed, on_change
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._talk = Reconciliation(copy, lease, holder.count)
        self._debts = Debts(copy, holder, report, is_vault=is_vault, later=self._inbox.put)
        self._next_ask = self._next_pay = float("-inf")
        self._hinted_at = float("-inf")
        self._agreed = threading.Condition()
        self._through = 0 if copy.deletions_owed() else copy.place[1]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="consents", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._inbox.put(_nothing)
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    # ---- what others see ----------------------------------------------------------------------------------------
    @property
    def newest(self) -> ConsentPage | None:
        """The page that agreed last: it names the office's vault and its key. None before the first."""
        return self._talk.newest

    @property
    def vault_key(self) -> str:
        """The office's vault key (base64), empty when none is known."""
        return "" if self._talk.newest is None else self._talk.newest.vault_key

    @property
    def through(self) -> int:
        """The consent version that was carried out here, deletions included."""
        return self._through

    # ---- what happens -------------------------------------------------------------------------------------------
    def on_connect(self) -> None:
        self._inbox.put(self._ask_now)

    def on_page(self, payload: bytes) -> None:
        """A message of leaf `consents`, whoever sent it."""
        try:
            page = ConsentPage.model_validate_json(payload)
        except ValidationError as error:
            _log.warning("not a page of consents", extra={"mistakes": error.error_count()})
            return
        if self._talk.awaits(page.nonce):
            self._inbox.put(lambda: self._took(self._talk.take(page)))
        elif self._says_something_new(page):
            self._inbox.put(self._hinted)

    def renew(self, seconds: float) -> bool:
        """Ask now and wait; True when an answer to an ask made after this call agreed within `seconds`."""
        called_at = self._lease.now()
        self._inbox.put(self._ask_now)
        with self._agreed:
            return self._agreed.wait_for(lambda: self._talk.agreed_at >= called_at, seconds)

    def step(self) -> None:
        """Do all that is due, without waiting."""
        while True:
            try:
                work = self._inbox.get_nowait()
            except queue.Empty:
                break
            work()
        self._tick()

    def _says_something_new(self, page: ConsentPage) -> bool:
        """A page that answers nothing changes nothing, but it may be a reason to ask."""
        epoch, have = self._copy.place
        newest = self._talk.newest
        if newest is not None and (page.vault_node, page.vault_key) != (newest.vault_node, newest.vault_key):
            return True
        return page.epoch != epoch or page.through > have

    # ---- the thread ---------------------------------------------------------------------------------------------
    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._tick()
                self._inbox.get(timeout=self._idle_seconds())()
            except queue.Empty:
                continue
            except (sqlite3.Error, OSError, RuntimeError):
                # Without agreement the lease lapses: a broken copy stops the matching, not the agent.
                _log.exception("the consents could not be kept up")
                self._talk.withdraw()
                self._next_ask = self._lease.now() + self._rules.answer_seconds
                self._stopping.wait(self._rules.answer_seconds)

    def _idle_seconds(self) -> float:
        asked = self._talk.asked_at
        due = self._next_ask if asked is None else asked + self._rules.answer_seconds
        return max(min(due, self._next_pay) - self._lease.now(), 0.001)

    def _tick(self) -> None:
        now = self._lease.now()
        asked = self._talk.asked_at
        if (asked is None and now >= self._next_ask) or (
            asked is not None and now - asked >= self._rules.answer_seconds
        ):
            self._ask_now()
        if now >= self._next_pay:
            self._pay()

    def _ask_now(self) -> None:
        question = self._talk.ask()
        if not self._publish("ask", question.model_dump_json().encode()):
            self._talk.withdraw()
            self._next_ask = self._lease.now() + self._rules.answer_seconds

    def _hinted(self) -> None:
        self._hinted_at = self._lease.now()
        if self._talk.asked_at is None:
            self._next_ask = min(self._next_ask, self._talk.agreed_at + _HINT_SECONDS)

    def _took(self, outcome: Outcome) -> None:
        if outcome == "ignored":
            return
        if outcome in ("more", "over"):
            self._pay()
            self._ask_now()
        elif outcome == "failed":
            self._next_ask = self._lease.now() + self._rules.answer_seconds
        else:
            self._debts.own_up()
            self._pay()
            hinted = self._hinted_at > self._talk.agreed_at
            self._next_ask = self._talk.agreed_at + (_HINT_SECONDS if hinted else self._rules.ask_seconds)
            with self._agreed:
                self._agreed.notify_all()
            self._on_change()

    def _pay(self) -> None:
        self._next_pay = self._lease.now() + _PAY_SECONDS
        self._debts.pay(clock_believed=self._clock_believed())
        if not self._copy.deletions_owed():
            through = self._copy.place[1]
            if through != self._through:
                self._through = through
                self._on_change()


def _nothing() -> None:
    """Wakes the thread."""
