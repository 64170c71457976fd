"""The nodes' copies of the consents: a node asks, a page answers; after a change the nodes are told to ask.

Answers come from one snapshot of the committed database, so a node never hears of what a crash may take back.
"""

import asyncio
import contextlib
import logging
from uuid import uuid4

from pydantic import ValidationError
from sqlmodel import Session

from contracts.messages import ConsentAsk, ConsentEntry, ConsentPage
from contracts.topics import Topic
from gateway.broker import BrokerLink, Received
from gateway.consents import book, nodes
from gateway.consents.tables import ConsentRow
from gateway.context import Context

log = logging.getLogger(__name__)
MAX_PAGE_BYTES = 16 * 1024
ENTRIES = 80
"""An entry is at most about 170 bytes of JSON; the page around them at most 1 KiB."""
NUDGE_SECONDS = 1.1
"""At most so often: nodes take one hint a second (`contracts.messages.ConsentPage`), and must not miss the last."""


def page(session: Session, context: Context, ask: ConsentAsk) -> ConsentPage:
    """What changed after `ask.have`, or everything for a node whose copy belongs to another epoch or a lost future.

    A node that holds something else than it should at the newest version begins again as well.
    """
    state = book.read(session)
    same = ask.epoch == context.epoch and ask.have <= state.version
    if same and ask.have == state.version and ask.digest != state.digest:
        same = False
    after = ask.have if same else 0
    changed = book.told_after(session, after, ENTRIES + 1)
    more = len(changed) > ENTRIES
    shown = changed[:ENTRIES]
    return ConsentPage(
        nonce=ask.nonce,
        epoch=context.epoch,
        after=after,
        through=shown[-1].version if more else state.version,
        whole=after == 0,
        more=more,
        digest=state.digest,
        count=state.count,
        lease_seconds=context.config.faces.lease_seconds,
        vault_node=state.vault_node,
        vault_key=state.vault_key,
        entries=[entry(row) for row in shown],
    )


def entry(row: ConsentRow) -> ConsentEntry:
    return ConsentEntry(
        consent_id=row.consent_id,
        person_ref=row.person_ref,
        granted=row.state != "ended",
        until=row.until,
        version=row.version,
    )


class Copies:
    """Answers asks and nudges. Only the newest ask of each node waits: an older one would renew nothing."""

    def __init__(self, context: Context, broker: BrokerLink) -> None:
        self._context = context
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._asks: dict[str, ConsentAsk] = {}
        self._changed = asyncio.Event()
        self._asked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._broker.on("ask", self.on_ask)
        self._context.consents_changed = self._changed.set
        self._tasks = [
            asyncio.create_task(self._answer_all(), name="consent pages"),
            asyncio.create_task(self._nudge_all(), name="consent nudges"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def on_ask(self, received: Received) -> None:
        """On the broker's thread. An ask is acknowledged at once: a node that hears nothing asks again."""
        received.acknowledge()
        try:
            ask = ConsentAsk.model_validate_json(received.payload)
        except ValidationError:
            log.warning("an ask that cannot be read", extra={"node": received.topic.node})
            return
        self._loop.call_soon_threadsafe(self._remember, received.topic.node, ask)

    def _remember(self, node: str, ask: ConsentAsk) -> None:
        self._asks[node] = ask
        self._asked.set()

    async def _answer_all(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            asks, self._asks = self._asks, {}
            for node, ask in asks.items():
                try:
                    self._send(node, await asyncio.to_thread(self._page, ask))
                except Exception:
                    log.exception("an ask was not answered; the node asks again", extra={"node": node})

    async def _nudge_all(self) -> None:
        """An unasked page with a new nonce renews nothing; it says that there is something to ask for."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                named, nudge = await asyncio.to_thread(self._nudge)
                for node in named:
                    self._send(node, nudge)
            except Exception:
                log.exception("nodes were not told of a change; they ask within a minute")
            await asyncio.sleep(NUDGE_SECONDS)

    def _page(self, ask: ConsentAsk) -> ConsentPage:
        with self._context.database.read() as session:
            return page(session, self._context, ask)

    def _nudge(self) -> tuple[list[str], ConsentPage]:
        with self._context.database.read() as session:
            state = book.read(session)
            ask = ConsentAsk(nonce=str(uuid4()), epoch=self._context.epoch, have=state.version, digest=state.digest)
            return [row.node for row in nodes.needed(session)], page(session, self._context, ask)

    def _send(self, node: str, answer: ConsentPage) -> None:
        self._broker.publish(Topic(self._context.config.office, node, "consents"), answer.model_dump_json())
