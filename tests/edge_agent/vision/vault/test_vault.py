"""The vault at work: who is recognised, who is not, and what is left of whom."""

import sqlite3

import pytest

from contracts.events import FaceRecognised
from contracts.ids import uuid7
from edge_agent.vision.vault.templates import VaultError
from edge_agent.vision.vault.vault import NotGrantedError
from tests.edge_agent.vision.vault.support import NOON, Bench, Engine, entry, face, files_with, glance, probe


def recognised(bench: Bench) -> list[FaceRecognised]:
    return [event for event in bench.reports.events if isinstance(event, FaceRecognised)]


def settle(bench: Bench) -> None:
    assert bench.vault.wait_idle(5)


def test_a_consenting_person_is_recognised_once_a_track(bench: Bench) -> None:
    consent, person = bench.enrol(face(1))
    bench.enrol(face(2))

    bench.show(face(1), looks=8)
    settle(bench)

    (event,) = recognised(bench)
    assert (event.person_ref, event.consent_id) == (person, consent)
    assert (event.node, event.camera, event.track, event.seen_at) == ("vault-node", "cam-door", 1, NOON)
    assert (event.votes, event.frames, event.gallery) == (3, 3, 2)
    assert event.score >= event.threshold > event.second
    assert (event.engine, event.model) == (bench.engine.id, bench.engine.model)


def test_a_stranger_is_nobody(bench: Bench) -> None:
    bench.enrol(face(1))

    bench.show(face(99), looks=20)
    settle(bench)

    assert recognised(bench) == []
    assert bench.vault.status().looks == 20


def test_two_looks_are_too_few(bench: Bench) -> None:
    bench.enrol(face(1))

    bench.show(face(1), looks=2)
    settle(bench)

    assert recognised(bench) == []


def test_without_a_lease_nobody_is_recognised_and_nothing_need_be_embedded(bench: Bench) -> None:
    bench.enrol(face(1))
    bench.clock.pass_(901)

    assert not bench.vault.sink.active
    bench.show(face(1), looks=8)
    settle(bench)

    assert recognised(bench) == []


def test_the_lease_may_lapse_while_looks_wait(bench: Bench) -> None:
    bench.enrol(face(1))
    with bench.vault._lock:
        bench.show(face(1), looks=8)
        bench.clock.pass_(901)
    settle(bench)

    assert recognised(bench) == []


def test_a_consent_past_its_end_is_matched_no_more_although_its_templates_wait(bench: Bench) -> None:
    consent, person = bench.grant(days=0.001)
    bench.vault.enrol(consent, person, [(face(1), 0.9)])
    bench.clock.pass_(100)

    bench.show(face(1), looks=8)
    settle(bench)

    assert recognised(bench) == []
    assert bench.vault.count(consent) == 1


def test_nothing_is_stored_without_a_consent(bench: Bench) -> None:
    granted, person = bench.grant()

    for consent_id, person_ref in ((uuid7(), person), (granted, uuid7())):
        with pytest.raises(NotGrantedError):
            bench.vault.enrol(consent_id, person_ref, [(face(1), 0.9)])

    assert bench.vault.status().templates == 0


def test_a_consent_that_ended_while_the_pictures_were_taken_is_refused(bench: Bench) -> None:
    consent, person = bench.grant()
    bench.copy.apply([entry(consent, person, granted=False)], bench.vault.count, None)

    with pytest.raises(NotGrantedError):
        bench.vault.enrol(consent, person, [(face(1), 0.9)])


def test_enrolling_again_replaces_the_templates(bench: Bench) -> None:
    consent, person = bench.enrol(face(1))
    bench.vault.enrol(consent, person, [(face(7), 0.9)])

    assert bench.vault.status().templates == 1
    bench.show(face(1), looks=8)
    bench.show(face(7), track=2, looks=3)
    settle(bench)
    assert [event.track for event in recognised(bench)] == [2]


def test_a_forgotten_person_is_nobody_even_when_votes_were_already_in(bench: Bench) -> None:
    consent, _ = bench.enrol(face(1))
    bench.enrol(face(2))
    bench.show(face(1), looks=2)
    settle(bench)

    assert bench.vault.forget(consent) == 3
    bench.show(face(1), looks=8)
    settle(bench)

    assert recognised(bench) == []
    assert bench.vault.held().keys().isdisjoint({consent})


def test_a_restart_keeps_the_templates_and_forgets_the_lease(bench: Bench) -> None:
    _, person = bench.enrol(face(1))
    bench.restart()

    assert not bench.vault.active
    bench.lease.renew(bench.clock.seconds, 900)
    bench.show(face(1))
    settle(bench)
    assert [event.person_ref for event in recognised(bench)] == [person]


def test_templates_of_another_model_are_counted_and_never_compared(bench: Bench) -> None:
    bench.enrol(face(1))
    bench.engine = Engine(model="b" * 64)
    bench.restart()
    bench.lease.renew(bench.clock.seconds, 900)

    status = bench.vault.status()
    assert (status.people, status.templates, status.re_enrol) == (1, 3, 3)
    assert not bench.vault.active


def test_a_damaged_template_costs_nobody_else_the_recognition(bench: Bench) -> None:
    hurt, _ = bench.enrol(face(1))
    _, person = bench.enrol(face(2))
    bench.close()
    with sqlite3.connect(bench.path) as disk:
        disk.execute("UPDATE templates SET quality=0.1 WHERE consent_id=?", (hurt,))
    bench.open()
    bench.lease.renew(bench.clock.seconds, 900)
    bench.show(face(1))
    bench.show(face(2), track=2)
    settle(bench)

    assert [event.person_ref for event in recognised(bench)] == [person]
    assert bench.vault.status().re_enrol == 3
    assert bench.vault.forget(hurt) == 3


def test_a_vector_that_is_none_does_not_stop_the_matcher(bench: Bench) -> None:
    bench.enrol(face(1))
    bench.vault.sink.offer(probe(face(1) * 2))
    bench.vault.sink.offer(probe(face(1, 64)))

    bench.show(face(1), track=2)
    settle(bench)

    assert len(recognised(bench)) == 1
    assert bench.vault.status().looks == 3


def test_a_slow_matcher_drops_the_oldest_looks_and_counts_them(bench: Bench) -> None:
    bench.enrol(face(1))
    with bench.vault._lock:
        for track in range(200):
            bench.vault.sink.offer(probe(face(99), track=track))
        bench.show(face(1), track=500)
    settle(bench)

    assert bench.vault.status().dropped >= 200 + 3 - bench.rules.queue - 1
    assert [event.track for event in recognised(bench)] == [500]


def test_no_vector_is_written_in_the_clear(bench: Bench) -> None:
    shots = [glance(face(1), seed) for seed in range(3)]
    consent, person = bench.grant()
    bench.vault.enrol(consent, person, [(shot, 0.9) for shot in shots])

    for shot in shots:
        raw = shot.tobytes()
        for start in range(0, len(raw) - 16, 4):
            assert files_with(bench.folder, raw[start : start + 16]) == []


def test_the_vault_is_for_one_process(bench: Bench) -> None:
    with pytest.raises(VaultError, match="another process"):
        Bench.open(bench)


def test_files_are_for_their_owner_only(bench: Bench) -> None:
    bench.enrol(face(1))

    modes = {file.name: file.stat().st_mode & 0o777 for file in (bench.folder / "data").iterdir()}
    assert {"faces.db", "consents.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}
