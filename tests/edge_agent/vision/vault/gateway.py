"""A small gateway that keeps consents, and a network that drops, repeats, delays and reorders what is said."""

import random
from dataclasses import dataclass, field

from contracts.events import Data, FaceForgotten
from contracts.faces import digest
from contracts.ids import uuid7
from contracts.messages import ConsentAsk, ConsentEntry, ConsentPage
from tests.edge_agent.vision.vault.support import Wall, entry

LEASE = 900


@dataclass
class Gateway:
    """`ended_at`: when each consent ceased to stand here, in seconds of the test's clock."""

    clock: Wall
    page_size: int = 3
    epoch: str = field(default_factory=uuid7)
    version: int = 0
    entries: dict[str, ConsentEntry] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    _backup: tuple[int, dict[str, ConsentEntry]] = (0, {})

    def grant(self) -> tuple[str, str]:
        consent, person = uuid7(), uuid7()
        self.version += 1
        self.entries[consent] = entry(consent, person, version=self.version)
        return consent, person

    def end(self, consent_id: str) -> None:
        self.version += 1
        known = self.entries.pop(consent_id)
        self.entries[consent_id] = known.model_copy(update={"granted": False, "version": self.version})
        self.ended_at[consent_id] = self.clock.seconds

    def back_up(self) -> None:
        self._backup = (self.version, dict(self.entries))

    def restore(self) -> None:
        """The machine is rebuilt from its backup: a new epoch, an older truth, versions that were used before."""
        before = self.granted()
        self.version, self.entries = self._backup[0], dict(self._backup[1])
        self.epoch = uuid7()
        for consent_id in before - self.granted():
            self.ended_at[consent_id] = self.clock.seconds
        for consent_id in self.granted():
            self.ended_at.pop(consent_id, None)

    def granted(self) -> set[str]:
        return {consent for consent, e in self.entries.items() if e.granted}

    def digest(self) -> str:
        return digest((e.consent_id, e.person_ref) for e in self.entries.values() if e.granted)

    def answer(self, ask: ConsentAsk) -> ConsentPage:
        same = ask.epoch == self.epoch and ask.have <= self.version
        if same and ask.have == self.version and ask.digest != self.digest():
            same = False
        after = ask.have if same else 0
        changed = sorted((e for e in self.entries.values() if e.version > after), key=lambda e: e.version)
        more = len(changed) > self.page_size
        shown = changed[: self.page_size]
        return ConsentPage(
            nonce=ask.nonce,
            epoch=self.epoch,
            after=after,
            through=shown[-1].version if more else self.version,
            whole=after == 0,
            more=more,
            digest=self.digest(),
            count=len(self.granted()),
            lease_seconds=LEASE,
            vault_node="vault-node",
            vault_key="key",
            entries=shown,
        )


class Network:
    """Messages on their way. `faulty` is how much goes wrong, 0 to 1."""

    def __init__(self, gateway: Gateway, dice: random.Random) -> None:
        self.gateway, self.dice = gateway, dice
        self.faulty = 0.0
        self.asks: list[ConsentAsk] = []
        self.pages: list[bytes] = []
        self.old: list[bytes] = []

    def publish(self, leaf: str, payload: bytes) -> bool:
        assert leaf == "ask"
        if self.dice.random() < self.faulty / 3:
            return False
        self.asks.append(ConsentAsk.model_validate_json(payload))
        return True

    def carry(self) -> list[bytes]:
        """What arrives at the node now."""
        asks, self.asks = self.asks, []
        for ask in asks:
            if self.dice.random() < self.faulty / 3:
                continue
            self.pages.append(self.gateway.answer(ask).model_dump_json().encode())
        arriving = [page for page in self.pages if self.dice.random() >= self.faulty / 2]
        self.pages = [page for page in self.pages if page not in arriving]
        if self.old and self.dice.random() < self.faulty:
            arriving.append(self.dice.choice(self.old))  # kept by the broker, or delivered twice
        arriving = [page for page in arriving if self.dice.random() >= self.faulty / 3]
        self.dice.shuffle(arriving)
        self.old = [*self.old, *arriving][-20:]
        return arriving


def forgotten(events: list[Data]) -> dict[str, int]:
    """consent_id → how often it was told."""
    times: dict[str, int] = {}
    for event in events:
        if isinstance(event, FaceForgotten):
            times[event.consent_id] = times.get(event.consent_id, 0) + 1
    return times
