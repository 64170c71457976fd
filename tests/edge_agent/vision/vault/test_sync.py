"""The consent protocol against a small gateway, over a network that loses, repeats and reorders."""

import random
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import ConsentAsk, ConsentPage
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.sync import ConsentSync
from tests.edge_agent.vision.vault.gateway import LEASE, Gateway, Network, forgotten
from tests.edge_agent.vision.vault.support import Bench, Reports, Wall, face
from tests.support.processes import until


class Shelf:
    """The vault's side as the protocol sees it."""

    def __init__(self) -> None:
        self.templates: dict[str, str] = {}

    def forget(self, consent_id: str) -> int:
        return 0 if self.templates.pop(consent_id, None) is None else 3

    def count(self, consent_id: str) -> int:
        return 3 if consent_id in self.templates else 0

    def held(self) -> dict[str, str]:
        return dict(self.templates)


class Node:
    """One node with a vault; its memory is lost by `restart`, its files are not."""

    def __init__(self, folder: Path, clock: Wall, network: Network) -> None:
        self.path, self.clock, self.network = folder / "consents.db", clock, network
        self.shelf, self.reports = Shelf(), Reports()
        self.start()

    def start(self) -> None:
        self.copy = ConsentCopy(self.path, self.clock.wall)
        self.lease = Lease(self.clock.boot)
        self.sync = ConsentSync(
            self.copy,
            self.lease,
            self.shelf,
            is_vault=True,
            publish=self.network.publish,
            report=self.reports,
        )

    def restart(self) -> None:
        self.copy.close()
        self.start()

    def enrol(self) -> None:
        for consent_id in sorted(self.copy.ids() - set(self.shelf.templates)):
            consent = self.copy.get(consent_id)
            if consent is not None and self.copy.granted(consent_id, consent.person_ref):
                self.shelf.templates[consent_id] = consent.person_ref

    def matches(self) -> set[str]:
        """Whose face would be recognised now."""
        if not self.lease.running:
            return set()
        return {consent for consent, person in self.shelf.templates.items() if self.copy.granted(consent, person)}

    def turn(self) -> None:
        """Let messages arrive and be worked on, until nothing is left to do at this moment."""
        for _ in range(200):
            self.sync.step()
            pages = self.network.carry()
            if not pages and not self.network.asks:
                return
            for page in pages:
                self.sync.on_page(page)
        raise AssertionError("the node never stops asking")


def settled(node: Node, gateway: Gateway) -> None:
    """A quiet network, and long enough for a minute's ask and its retries."""
    node.network.faulty = 0.0
    node.network.pages = []
    for _ in range(3):
        node.clock.pass_(61)
        node.turn()
    assert node.lease.running
    assert node.copy.ids() == gateway.granted()
    assert node.copy.digest == gateway.digest()
    assert set(node.shelf.templates) <= gateway.granted()
    assert node.copy.place == (gateway.epoch, gateway.version)
    assert node.sync.through == gateway.version


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.3, 0.8]))
@settings(max_examples=40, deadline=None)
def test_whatever_the_network_does(seed: int, faulty: float) -> None:
    """Nobody is matched more than a lease after their consent ended, and in the end both sides hold the same."""
    dice = random.Random(seed)
    clock = Wall()
    gateway = Gateway(clock)
    network = Network(gateway, dice)
    network.faulty = faulty
    ever_ended: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), clock, network)
        for _ in range(100):
            act = dice.random()
            granted = sorted(gateway.granted())
            if act < 0.25:
                gateway.grant()
            elif act < 0.45 and granted:
                gateway.end(dice.choice(granted))
            elif act < 0.50:
                gateway.back_up()
            elif act < 0.53:
                gateway.restore()
            elif act < 0.58:
                node.restart()
                assert not node.lease.running
            elif act < 0.68:
                node.enrol()
            elif act < 0.72:
                network.faulty = 1.0 if network.faulty < 1 else faulty
            elif act < 0.76:
                node.sync.on_connect()
            clock.pass_(dice.choice([0.1, 3, 20, 70, 400]))
            node.turn() if network.faulty < 1 else node.sync.step()
            ever_ended |= set(gateway.ended_at)
            for consent in node.matches():
                ended = gateway.ended_at.get(consent)
                assert ended is None or clock.seconds - ended < LEASE, "matched after the lease had lapsed"
        settled(node, gateway)
        told = forgotten(node.reports.events)
        # What ended at a gateway that later lost all memory of it was never known here, and owes nobody anything.
        assert {c for c in gateway.ended_at if c in gateway.entries} <= set(told)
        node.copy.close()


@pytest.fixture
def clock() -> Wall:
    return Wall()


@pytest.fixture
def gateway(clock: Wall) -> Gateway:
    return Gateway(clock)


@pytest.fixture
def node(tmp_path: Path, clock: Wall, gateway: Gateway) -> Node:
    return Node(tmp_path, clock, Network(gateway, random.Random(1)))


def test_a_whole_copy_of_many_pages_then_only_changes(node: Node, gateway: Gateway) -> None:
    consents = [gateway.grant()[0] for _ in range(20)]
    node.turn()
    assert node.copy.ids() == set(consents)
    assert node.lease.left == LEASE

    gateway.end(consents[4])
    gateway.grant()
    settled(node, gateway)
    assert forgotten(node.reports.events) == {consents[4]: 1}


def test_each_ending_is_told_once_through_repeats_restarts_and_whole_copies(node: Node, gateway: Gateway) -> None:
    consents = [gateway.grant()[0] for _ in range(5)]
    node.turn()
    node.enrol()
    gateway.end(consents[0])
    settled(node, gateway)
    node.restart()
    node.copy._db.execute("UPDATE place SET epoch='', have=0")
    node.restart()
    settled(node, gateway)

    assert forgotten(node.reports.events) == {consents[0]: 1}
    assert [e.model_dump()["templates"] for e in node.reports.events] == [3]


def test_what_a_rebuilt_gateway_does_not_know_is_forgotten(node: Node, gateway: Gateway) -> None:
    kept = gateway.grant()[0]
    gateway.back_up()
    lost = gateway.grant()[0]
    node.turn()
    node.enrol()
    gateway.restore()
    settled(node, gateway)

    assert node.matches() == {kept}
    assert [(e.model_dump()["consent_id"], e.model_dump()["cause"]) for e in node.reports.events] == [(lost, "unknown")]


def test_an_answer_to_an_earlier_ask_renews_nothing(node: Node, gateway: Gateway, clock: Wall) -> None:
    gateway.grant()
    node.sync.step()
    (ask,) = node.network.asks
    node.network.asks = []
    late = gateway.answer(ask).model_dump_json().encode()
    clock.pass_(6)
    node.sync.step()
    node.sync.on_page(late)
    node.sync.step()

    assert not node.lease.running
    assert node.copy.count == 0


def test_an_answer_overtaken_by_a_newer_ask_while_it_waited_renews_nothing(
    node: Node, gateway: Gateway, clock: Wall
) -> None:
    gateway.grant()
    node.sync.step()
    (ask,) = node.network.asks
    node.network.asks = []
    node.sync.on_connect()
    node.sync.on_page(gateway.answer(ask).model_dump_json().encode())
    node.sync.step()

    assert not node.lease.running
    assert len(node.network.asks) == 1


def test_a_page_is_taken_once(node: Node, gateway: Gateway, clock: Wall) -> None:
    gateway.grant()
    node.turn()
    clock.pass_(LEASE - 1)
    node.network.faulty = 0.0
    for page in node.network.old:
        node.sync.on_page(page)
    clock.pass_(2)

    assert not node.lease.running


def test_the_lease_runs_from_the_ask_not_from_the_answer(node: Node, gateway: Gateway, clock: Wall) -> None:
    gateway.grant()
    node.sync.step()
    (ask,) = node.network.asks
    node.network.asks = []
    clock.pass_(4)
    node.sync.on_page(gateway.answer(ask).model_dump_json().encode())
    node.sync.step()

    assert node.lease.left == LEASE - 4


def test_a_wrong_digest_asks_from_zero(node: Node, gateway: Gateway) -> None:
    gateway.grant()
    node.turn()
    stray = gateway.entries.pop(next(iter(gateway.entries)))
    gateway.grant()
    settled(node, gateway)

    assert stray.consent_id not in node.copy.ids()
    assert forgotten(node.reports.events) == {stray.consent_id: 1}


def test_a_gateway_whose_digest_never_fits_gives_no_lease_and_is_not_asked_without_end(
    node: Node, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.grant()
    monkeypatch.setattr(gateway, "digest", lambda: "f" * 64)
    node.turn()

    assert not node.lease.running
    assert node.network.asks == []


def test_a_hint_makes_the_node_ask_soon_and_renews_nothing(node: Node, gateway: Gateway, clock: Wall) -> None:
    consent, _ = gateway.grant()
    node.turn()
    node.enrol()
    gateway.end(consent)
    hint = gateway.answer(ConsentAsk(nonce="00000000-0000-7000-8000-000000000000"))
    left = node.lease.left
    node.sync.on_page(hint.model_dump_json().encode())
    assert node.lease.left == left
    assert node.copy.count == 1
    clock.pass_(1)
    node.turn()

    assert node.copy.count == 0
    assert node.shelf.templates == {}


def test_the_vault_and_its_key_come_with_the_page(node: Node) -> None:
    assert (node.sync.newest, node.sync.vault_key) == (None, "")
    node.turn()

    assert node.sync.vault_key == "key"
    assert isinstance(node.sync.newest, ConsentPage)


def test_rubbish_is_refused(node: Node) -> None:
    for rubbish in (b"", b"{}", b"\xff\xfe", b"[1]"):
        node.sync.on_page(rubbish)
    node.turn()
    assert node.lease.running


def test_a_node_offline_during_a_withdrawal_stops_at_the_lapse_and_deletes_on_return(bench: Bench) -> None:
    """With the real vault: the bytes go when the node is back, and the word follows the deletion."""
    gateway = Gateway(bench.clock)
    network = Network(gateway, random.Random(1))
    sync = ConsentSync(
        bench.copy, bench.lease, bench.vault, is_vault=True, publish=network.publish, report=bench.reports
    )

    def turn() -> None:
        sync.step()
        while network.asks:
            for page in network.carry():
                sync.on_page(page)
            sync.step()

    consent, person = gateway.grant()
    sync.on_connect()
    turn()
    bench.vault.enrol(consent, person, [(face(1), 0.9)])
    gateway.end(consent)

    bench.clock.pass_(LEASE + 1)
    assert not bench.vault.active
    assert bench.vault.count(consent) == 1
    turn()
    assert bench.vault.count(consent) == 0
    assert forgotten(bench.reports.events) == {consent: 1}


def test_it_runs_on_its_own_thread_and_answers_those_who_must_know_now(tmp_path: Path) -> None:
    gateway = Gateway(Wall())
    wire: list[bytes] = []
    arrived = threading.Event()

    def publish(leaf: str, payload: bytes) -> bool:
        wire.append(payload)
        arrived.set()
        return True

    copy, lease = ConsentCopy(tmp_path / "consents.db", gateway.clock.wall), Lease()
    rules = MatchingConfig(answer_seconds=0.2)
    sync = ConsentSync(copy, lease, Shelf(), is_vault=True, publish=publish, report=Reports(), rules=rules)
    stopping = threading.Event()

    def answer() -> None:
        while not stopping.is_set():
            arrived.wait(0.05)
            arrived.clear()
            while wire:
                page = gateway.answer(ConsentAsk.model_validate_json(wire.pop(0)))
                sync.on_page(page.model_dump_json().encode())

    sync.start()
    assert not sync.renew(0.1), "nobody answers"
    answering = threading.Thread(target=answer)
    answering.start()
    until(lambda: lease.running, seconds=5, what="the first lease")
    consent, person = gateway.grant()
    assert sync.renew(5)
    assert copy.granted(consent, person)
    stopping.set()
    answering.join()
    sync.stop()
    copy.close()
