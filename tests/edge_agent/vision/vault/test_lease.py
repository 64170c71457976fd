"""The lease: from the moment of asking, by a clock that nobody can set."""

from datetime import timedelta

from edge_agent.vision.vault.lease import Lease, boot_seconds
from tests.edge_agent.vision.vault.support import NOON, Wall


def test_it_begins_without_a_lease() -> None:
    lease = Lease()

    assert not lease.running
    assert lease.until(NOON) is None


def test_it_runs_from_the_moment_of_asking() -> None:
    clock = Wall()
    lease = Lease(clock.boot)
    asked = lease.now()
    clock.pass_(100)
    lease.renew(asked, 900)

    assert lease.left == 800
    clock.pass_(799)
    assert lease.running
    clock.pass_(1)
    assert not lease.running


def test_an_answer_later_than_the_lease_grants_nothing() -> None:
    clock = Wall()
    lease = Lease(clock.boot)
    asked = lease.now()
    clock.pass_(901)
    lease.renew(asked, 900)

    assert not lease.running


def test_setting_the_wall_clock_changes_nothing() -> None:
    clock = Wall()
    lease = Lease(clock.boot)
    lease.renew(lease.now(), 900)
    for jump in (timedelta(days=-400), timedelta(days=4000)):
        clock.now = NOON + jump
        assert lease.left == 900
    clock.seconds += 900
    assert not lease.running


def test_the_newest_word_counts_also_when_it_is_shorter() -> None:
    clock = Wall()
    lease = Lease(clock.boot)
    lease.renew(lease.now(), 900)
    lease.renew(lease.now(), 10)
    clock.pass_(11)

    assert not lease.running


def test_it_can_be_dropped_and_told() -> None:
    lease = Lease(Wall().boot)
    lease.renew(lease.now(), 900)
    assert lease.until(NOON) == NOON + timedelta(seconds=900)
    lease.drop()
    assert not lease.running


def test_the_real_clock_goes_forward() -> None:
    first = boot_seconds()
    assert boot_seconds() >= first > 0
