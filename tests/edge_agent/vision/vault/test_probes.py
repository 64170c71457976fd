"""Looks that travel: sealed on the way, believed only when fresh, ours and from who they say."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contracts.boxes import BoxError, open_bytes, read_public_key, seal_bytes
from contracts.events import FaceEnrolment, FaceRecognised
from contracts.ids import uuid7
from contracts.messages import ProbeContent, SealedProbe
from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.probes import ProbeReceiver, SealingSink, pack, unpack
from edge_agent.vision.vault.sealed import open_probe, seal_probe
from edge_agent.vision.vault.templates import VaultError
from edge_agent.vision.vault.vault import NotGrantedError
from tests.edge_agent.vision.vault.support import NOON, Bench, Engine, Wall, entry, face, glance, probe
from tests.support.processes import until

NODE = "kiosk-node"


class Camera:
    """A node without the vault, and what it published."""

    def __init__(self, folder: Path, clock: Wall, vault_key: str, rules: MatchingConfig | None = None) -> None:
        self.wire: list[bytes] = []
        self.connected = True
        self.vault_key = vault_key
        self.clock = clock
        self.lease = Lease(clock.boot)
        self.lease.renew(clock.seconds, 900)
        self.copy = ConsentCopy(folder / "kiosk-consents.db", clock.wall)
        self.sink = SealingSink(
            node=NODE,
            lease=self.lease,
            consents=self.copy,
            vault_key=lambda: self.vault_key,
            publish=self.publish,
            rules=rules,
            now=clock.wall,
            monotonic=clock.boot,
        )
        self.sink.use_engine(Engine())

    def publish(self, leaf: str, payload: bytes) -> bool:
        assert leaf == "probe"
        if self.connected:
            self.wire.append(payload)
        return self.connected


@pytest.fixture
def camera(bench: Bench) -> Iterator[Camera]:
    opened = Camera(bench.folder, bench.clock, bench.keys.public_text)
    opened.copy.apply([entry(uuid7(), uuid7())], lambda _: 0, None)
    yield opened
    opened.copy.close()


@pytest.fixture
def receiver(bench: Bench) -> Iterator[ProbeReceiver]:
    opened = ProbeReceiver(
        bench.vault,
        bench.keys,
        bench.reports,
        lambda seconds: False,
        now=bench.clock.wall,
        monotonic=bench.clock.boot,
    )
    yield opened
    opened.stop()


def content(**change: object) -> ProbeContent:
    fields: dict[str, object] = {
        "kind": "match",
        "node": NODE,
        "camera": "cam",
        "track": 1,
        "at": NOON,
        "engine": Engine().id,
        "model": Engine().model,
        "vector": pack(face(1)),
    }
    return ProbeContent.model_validate(fields | change)


def sealed(bench: Bench, said: ProbeContent, *, seconds: float = 20) -> SealedProbe:
    expires = bench.clock.now + timedelta(seconds=seconds)
    return seal_probe(said, bench.keys.public, probe_id=uuid7(), expires_at=expires)


def raw(message: SealedProbe) -> bytes:
    return message.model_dump_json().encode()


def recognised(bench: Bench) -> list[FaceRecognised]:
    assert bench.vault.wait_idle(5)
    return [event for event in bench.reports.events if isinstance(event, FaceRecognised)]


def test_a_look_at_another_node_is_recognised_at_the_vault(
    bench: Bench, camera: Camera, receiver: ProbeReceiver
) -> None:
    _, person = bench.enrol(face(1))
    for n in range(4):
        camera.sink.offer(probe(glance(face(1), n), camera="cam-gate", track=7))
    for message in camera.wire:
        receiver.receive(message, NODE)

    (event,) = recognised(bench)
    assert (event.person_ref, event.node, event.camera, event.track) == (person, NODE, "cam-gate", 7)
    assert receiver.refused == 0


def test_nothing_of_the_look_can_be_read_on_the_way(camera: Camera) -> None:
    camera.sink.offer(probe(face(1)))
    (message,) = camera.wire
    inside = base64.b64decode(SealedProbe.model_validate_json(message).sealed)

    vector = face(1).tobytes()
    assert all(vector[n : n + 8] not in inside for n in range(len(vector) - 8))
    assert b"cam-door" not in inside + message


def test_the_end_of_a_track_is_told_once_and_only_of_known_ones(
    bench: Bench, camera: Camera, receiver: ProbeReceiver
) -> None:
    bench.enrol(face(1))
    camera.sink.offer(probe(face(1), track=1))
    camera.sink.ended("cam-door", 1)
    camera.sink.ended("cam-door", 1)
    camera.sink.ended("cam-door", 99)

    assert [open_probe(SealedProbe.model_validate_json(m), bench.keys.private).kind for m in camera.wire] == [
        "match",
        "end",
    ]
    for message in camera.wire:
        receiver.receive(message, NODE)
    assert bench.vault.wait_idle(5)
    assert bench.vault._votes.tracks == 0


def test_it_is_idle_without_lease_key_consents_or_engine(bench: Bench, camera: Camera, tmp_path: Path) -> None:
    assert camera.sink.active
    camera.vault_key = ""
    assert not camera.sink.active
    camera.vault_key = bench.keys.public_text
    bench.clock.pass_(901)
    assert not camera.sink.active
    camera.sink.offer(probe(face(1)))
    assert camera.wire == []

    (tmp_path / "other").mkdir()
    empty = Camera(tmp_path / "other", bench.clock, bench.keys.public_text)
    assert not empty.sink.active
    empty.copy.close()


def test_the_rate_is_bounded_and_what_is_not_sent_is_gone(bench: Bench, camera: Camera) -> None:
    for n in range(100):
        camera.sink.offer(probe(face(1), track=n))
    assert len(camera.wire) == 20
    assert camera.sink.dropped == 80
    bench.clock.pass_(1)
    for n in range(100):
        camera.sink.offer(probe(face(1), track=n))
    assert len(camera.wire) == 30


def test_a_look_that_is_not_taken_is_kept_nowhere(camera: Camera) -> None:
    camera.connected = False
    camera.sink.offer(probe(face(1)))
    camera.connected = True

    assert camera.wire == []
    assert camera.sink.dropped == 1
    assert not [value for value in vars(camera.sink).values() if hasattr(value, "shape")]


@pytest.mark.parametrize("part", ["id", "expires_at", "sealed"])
def test_what_was_changed_on_the_way_is_refused(bench: Bench, receiver: ProbeReceiver, part: str) -> None:
    bench.enrol(face(1))
    message = sealed(bench, content())
    body = bytearray(base64.b64decode(message.sealed))
    body[-20] ^= 1
    change = {
        "id": uuid7(),
        "expires_at": message.expires_at + timedelta(seconds=60),
        "sealed": base64.b64encode(bytes(body)).decode(),
    }
    receiver.receive(raw(message.model_copy(update={part: change[part]})), NODE)

    assert receiver.refused == 1
    receiver.receive(raw(message), NODE)
    assert receiver.refused == 1, "the genuine one still comes through"


def test_a_probe_counts_once(bench: Bench, receiver: ProbeReceiver) -> None:
    bench.enrol(face(1))
    message = raw(sealed(bench, content()))
    for _ in range(5):
        receiver.receive(message, NODE)

    assert receiver.refused == 4
    assert recognised(bench) == []


@pytest.mark.parametrize("seconds", [-0.001, 0, 3600])
def test_a_probe_that_expired_or_never_will_is_refused(bench: Bench, receiver: ProbeReceiver, seconds: float) -> None:
    receiver.receive(raw(sealed(bench, content(), seconds=seconds)), NODE)

    assert receiver.refused == 1


def test_ids_are_forgotten_with_their_expiry(bench: Bench, receiver: ProbeReceiver) -> None:
    bench.enrol(face(1))
    for _ in range(50):
        bench.clock.pass_(5)
        receiver.receive(raw(sealed(bench, content())), NODE)

    assert len(receiver._seen) <= 10


@pytest.mark.parametrize(
    "change",
    [{"engine": "insightface"}, {"model": "b" * 64}, {"node": "another-node"}],
    ids=["engine", "model", "sender"],
)
def test_what_is_not_ours_is_refused(bench: Bench, receiver: ProbeReceiver, change: dict[str, object]) -> None:
    bench.enrol(face(1))
    for _ in range(5):
        receiver.receive(raw(sealed(bench, content(**change))), NODE)

    assert receiver.refused == 5
    assert recognised(bench) == []


def test_rubbish_is_refused(bench: Bench, receiver: ProbeReceiver) -> None:
    other = X25519PrivateKey.generate().public_key().public_bytes_raw()
    expires = bench.clock.now + timedelta(seconds=5)
    for rubbish in (
        b"",
        b"{}",
        raw(SealedProbe(id=uuid7(), expires_at=expires, sealed="")),
        raw(SealedProbe(id=uuid7(), expires_at=expires, sealed="not base64!")),
        raw(seal_probe(content(), other, probe_id=uuid7(), expires_at=expires)),
        raw(sealed(bench, content(vector="AAA"))),
        raw(sealed(bench, content(kind="enrol"))),
    ):
        receiver.receive(rubbish, NODE)
    assert receiver.refused == 7


def test_an_enrolment_at_another_node_ends_in_the_vault(bench: Bench, camera: Camera, receiver: ProbeReceiver) -> None:
    consent, person = bench.grant()
    camera.copy.apply([entry(consent, person)], lambda _: 0, None)
    camera.sink.enrol(consent, person, "cam-kiosk", [(glance(face(1), n, 0.03), 0.8) for n in range(3)], 6.5)
    for message in reversed(camera.wire):
        receiver.receive(message, NODE)

    until(lambda: bench.reports.events, seconds=5, what="the enrolment to be reported")
    (event,) = bench.reports.events
    assert isinstance(event, FaceEnrolment)
    assert (event.outcome, event.shots, event.seconds, event.consent_id) == ("done", 3, 6.5, consent)
    assert bench.vault.count(consent) == 3


def test_a_consent_younger_than_the_vaults_copy_is_fetched_first(bench: Bench, camera: Camera) -> None:
    consent, person = uuid7(), uuid7()
    camera.copy.apply([entry(consent, person)], lambda _: 0, None)

    def renew(seconds: float) -> bool:
        bench.copy.apply([entry(consent, person)], lambda _: 0, None)
        return True

    receiver = ProbeReceiver(bench.vault, bench.keys, bench.reports, renew, now=bench.clock.wall)
    camera.sink.enrol(consent, person, "cam-kiosk", [(face(1), 0.8)], 2)
    receiver.receive(camera.wire[0], NODE)

    until(lambda: bench.reports.events, seconds=5, what="the enrolment to be reported")
    assert bench.vault.count(consent) == 1
    receiver.stop()


def test_an_enrolment_without_consent_stores_nothing_and_says_so(
    bench: Bench, camera: Camera, receiver: ProbeReceiver
) -> None:
    consent, person = uuid7(), uuid7()
    with pytest.raises(NotGrantedError):
        camera.sink.enrol(consent, person, "cam-kiosk", [(face(1), 0.8)], 2)
    enrol = {"kind": "enrol", "consent_id": consent, "person_ref": person, "shot": 1, "of": 1}
    receiver.receive(raw(sealed(bench, content(**enrol))), NODE)

    until(lambda: bench.reports.events, seconds=5, what="the enrolment to be reported")
    (event,) = bench.reports.events
    assert isinstance(event, FaceEnrolment)
    assert (event.outcome, event.reason) == ("failed", "consent")
    assert bench.vault.status().templates == 0


def test_a_face_another_node_saw_is_compared_with_the_gallery_too(
    bench: Bench, camera: Camera, receiver: ProbeReceiver
) -> None:
    _, first = bench.enrol(face(1))
    consent, person = bench.grant()
    camera.copy.apply([entry(consent, person)], lambda _: 0, None)
    camera.sink.enrol(consent, person, "cam-kiosk", [(glance(face(1), n, 0.03), 0.8) for n in range(3)], 2)
    for message in camera.wire:
        receiver.receive(message, NODE)

    until(lambda: bench.reports.events, seconds=5, what="the enrolment to be reported")
    (event,) = bench.reports.events
    assert isinstance(event, FaceEnrolment)
    assert (event.outcome, event.other_ref, event.reason, event.shots) == ("already_known", first, "", 3)
    assert bench.vault.count(consent) == 0


def test_an_enrolment_that_cannot_be_sent_raises(camera: Camera) -> None:
    consent, person = uuid7(), uuid7()
    camera.copy.apply([entry(consent, person)], lambda _: 0, None)
    camera.connected = False
    with pytest.raises(VaultError, match="could not be reached"):
        camera.sink.enrol(consent, person, "cam-kiosk", [(face(1), 0.8)], 2)


def test_sealed_bytes_open_only_for_their_purpose_and_binding() -> None:
    private = X25519PrivateKey.generate()
    to = private.public_key().public_bytes_raw()
    message = seal_bytes(b"secret", to, purpose=b"a", bound=b"1")
    assert open_bytes(message, private, purpose=b"a", bound=b"1") == b"secret"
    assert seal_bytes(b"secret", to, purpose=b"a", bound=b"1")[:32] != message[:32], "a key of its own each time"
    for purpose, bound, body in ((b"b", b"1", message), (b"a", b"2", message), (b"a", b"1", message[:50])):
        with pytest.raises(BoxError):
            open_bytes(body, private, purpose=purpose, bound=bound)
    with pytest.raises(BoxError):
        seal_bytes(b"secret", bytes(32), purpose=b"a", bound=b"1")
    for text in ("", "AAAA", "not base64"):
        with pytest.raises(BoxError):
            read_public_key(text)


def test_vectors_survive_packing_and_damage_is_not_quoted() -> None:
    assert (unpack(pack(face(3))) == face(3)).all()
    with pytest.raises(ValueError, match="not base64"):
        unpack("A")
