"""The node's copy of the consents, and the debts that survive a crash."""

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.events import FaceForgotten
from contracts.faces import EMPTY, digest
from contracts.ids import uuid7
from edge_agent.vision.vault.consents import ConsentCopy, CopyError
from edge_agent.vision.vault.debts import Debts, NoVault
from edge_agent.vision.vault.templates import VaultError
from tests.edge_agent.vision.vault.support import NOON, Reports, Wall, entry


class Shelf:
    """A vault that is a dictionary: consent → templates."""

    def __init__(self, **held: int) -> None:
        self.templates = dict(held)
        self.jammed = False
        self.forgotten: list[str] = []

    def forget(self, consent_id: str) -> int:
        if self.jammed:
            raise VaultError("the disk is full")
        self.forgotten.append(consent_id)
        return self.templates.pop(consent_id, 0)

    def count(self, consent_id: str) -> int:
        return self.templates.get(consent_id, 0)

    def held(self) -> dict[str, str]:
        return dict.fromkeys(self.templates, "11111111-1111-7111-8111-111111111111")


@pytest.fixture
def clock() -> Wall:
    return Wall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "consents.db"


def debts(copy: ConsentCopy, shelf: Shelf | NoVault, reports: Reports) -> Debts:
    return Debts(copy, shelf, reports, is_vault=isinstance(shelf, Shelf), later=lambda work: work())


def told(reports: Reports) -> list[tuple[str, int, str]]:
    return [(e.consent_id, e.templates, e.cause) for e in reports.events if isinstance(e, FaceForgotten)]


def test_it_knows_what_stands_and_its_digest(path: Path, clock: Wall) -> None:
    copy = ConsentCopy(path, clock.wall)
    consent, person, other = uuid7(), uuid7(), uuid7()
    assert copy.digest == EMPTY
    copy.apply([entry(consent, person), entry(other, person)], lambda _: 0, ("e", 2))

    assert copy.granted(consent, person)
    assert not copy.granted(consent, other)
    assert not copy.granted(uuid7(), person)
    assert copy.digest == digest([(consent, person), (other, person)])
    copy.close()
    again = ConsentCopy(path, clock.wall)
    assert (again.place, again.count, again.digest) == (("e", 2), 2, digest([(consent, person), (other, person)]))
    again.close()


def test_it_holds_references_and_nothing_else(path: Path, clock: Wall) -> None:
    copy = ConsentCopy(path, clock.wall)
    copy.apply([entry(uuid7(), uuid7())], lambda _: 0, ("e", 1))
    copy.close()

    assert path.stat().st_mode & 0o777 == 0o600


def test_an_ended_consent_is_deleted_then_told_exactly_once(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 3})
    copy.apply([entry(consent, person)], shelf.count, ("e", 1))
    copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 2))
    assert not copy.granted(consent, person)

    owed = debts(copy, shelf, reports)
    for _ in range(3):
        owed.pay(clock_believed=True)
        copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 2))

    assert told(reports) == [(consent, 3, "ended")]
    assert shelf.templates == {}
    copy.close()


def test_a_node_that_never_held_anything_says_so(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent = uuid7()
    copy.apply([entry(consent, uuid7(), granted=False)], lambda _: 0, ("e", 1))
    debts(copy, NoVault(), reports).pay(clock_believed=True)

    assert told(reports) == [(consent, 0, "ended")]
    assert [event.vault for event in reports.events if isinstance(event, FaceForgotten)] == [False]
    copy.close()


@pytest.mark.parametrize("crash_after", ["noted", "deleted", "reported", "durable"])
def test_a_crash_at_any_point_is_made_good_at_the_next_start(path: Path, clock: Wall, crash_after: str) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports(durable=False)
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 3})
    copy.apply([entry(consent, person)], shelf.count, ("e", 1))
    copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 2))
    if crash_after == "deleted":
        shelf.forget(consent)
    elif crash_after == "reported":
        debts(copy, shelf, reports).pay(clock_believed=True)
    elif crash_after == "durable":
        debts(copy, shelf, reports).pay(clock_believed=True)
        reports.commit()
    copy.close()

    copy, later = ConsentCopy(path, clock.wall), Reports()
    assert not copy.granted(consent, person)
    debts(copy, shelf, later).pay(clock_believed=True)
    assert shelf.templates == {}
    assert told(later) == ([] if crash_after == "durable" else [(consent, 3, "ended")])
    assert (copy.deletions_owed(), copy.confirmations_owed()) == ([], [])
    copy.close()


def test_a_deletion_that_fails_stays_owed_and_nothing_is_told(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 2})
    copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 1))
    owed = debts(copy, shelf, reports)
    shelf.jammed = True
    owed.pay(clock_believed=True)
    assert told(reports) == []
    shelf.jammed = False
    owed.pay(clock_believed=True)

    assert told(reports) == [(consent, 2, "ended")]
    copy.close()


def test_a_consent_given_back_while_its_deletion_is_owed_stands_only_after_it(path: Path, clock: Wall) -> None:
    copy = ConsentCopy(path, clock.wall)
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 2})
    copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 1))
    copy.apply([entry(consent, person)], shelf.count, ("e", 2))
    assert not copy.granted(consent, person)
    copy.close()
    copy = ConsentCopy(path, clock.wall)
    assert not copy.granted(consent, person)

    debts(copy, shelf, Reports()).pay(clock_believed=True)
    assert copy.granted(consent, person)
    assert shelf.templates == {}
    copy.close()


def test_a_consent_past_its_own_end_is_over_at_once_and_deleted_when_the_clock_can_be_believed(
    path: Path, clock: Wall
) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 3})
    copy.apply([entry(consent, person, days=1)], shelf.count, ("e", 1))
    owed = debts(copy, shelf, reports)
    clock.now = NOON + timedelta(days=2)

    owed.pay(clock_believed=False)
    assert not copy.granted(consent, person)
    assert shelf.templates == {consent: 3}
    owed.pay(clock_believed=True)
    assert shelf.templates == {}
    assert told(reports) == [(consent, 3, "ended")]
    assert copy.digest == digest([(consent, person)]), "both ends keep computing one digest"
    clock.now = NOON
    assert not copy.granted(consent, person), "a clock set back revives nothing"
    copy.close()


def test_the_gateways_end_of_a_lapsed_consent_is_told_with_what_was_deleted_then(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent, person = uuid7(), uuid7()
    shelf = Shelf(**{consent: 3})
    copy.apply([entry(consent, person, days=1)], shelf.count, ("e", 1))
    clock.now = NOON + timedelta(days=2)
    owed = debts(copy, shelf, reports)
    owed.pay(clock_believed=True)
    copy.apply([entry(consent, person, granted=False)], shelf.count, ("e", 2))
    owed.pay(clock_believed=True)
    owed.pay(clock_believed=True)

    assert told(reports) == [(consent, 3, "ended")] * 2
    assert copy.digest == EMPTY
    copy.close()


def test_a_prolonged_consent_stands_again(path: Path, clock: Wall) -> None:
    copy = ConsentCopy(path, clock.wall)
    consent, person = uuid7(), uuid7()
    copy.apply([entry(consent, person, days=1)], lambda _: 0, ("e", 1))
    clock.now = NOON + timedelta(days=2)
    debts(copy, NoVault(), Reports()).pay(clock_believed=True)
    copy.apply([entry(consent, person, days=90)], lambda _: 0, ("e", 2))

    assert copy.granted(consent, person)
    copy.close()


def test_templates_under_a_consent_that_nobody_knows_are_owed_a_deletion(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    stray = uuid7()
    shelf = Shelf(**{stray: 2})
    owed = debts(copy, shelf, reports)
    owed.own_up()
    owed.pay(clock_believed=True)

    assert shelf.templates == {}
    assert told(reports) == [(stray, 2, "unknown")]
    copy.close()


def test_a_person_swapped_under_a_consent_loses_the_templates(path: Path, clock: Wall) -> None:
    copy, reports = ConsentCopy(path, clock.wall), Reports()
    consent, first, second = uuid7(), uuid7(), uuid7()
    shelf = Shelf(**{consent: 3})
    copy.apply([entry(consent, first)], shelf.count, ("e", 1))
    copy.apply([entry(consent, second)], shelf.count, ("e", 2))
    debts(copy, shelf, reports).pay(clock_believed=True)

    assert shelf.templates == {}
    assert copy.granted(consent, second)
    assert not copy.granted(consent, first)
    assert told(reports) == [(consent, 3, "replaced")]
    copy.close()


def test_a_page_that_fails_half_way_changes_nothing(path: Path, clock: Wall) -> None:
    copy = ConsentCopy(path, clock.wall)
    known, person = uuid7(), uuid7()
    copy.apply([entry(known, person)], lambda _: 0, ("e", 1))
    before = (copy.digest, copy.place)

    def broken(consent_id: str) -> int:
        raise VaultError("cannot count")

    with pytest.raises(VaultError):
        copy.apply([entry(uuid7(), uuid7()), entry(known, person, granted=False)], broken, ("e", 3))

    assert (copy.digest, copy.place) == before
    assert copy.granted(known, person)
    copy.close()


def test_a_damaged_copy_says_that_it_may_be_deleted(path: Path) -> None:
    path.write_bytes(b"no database" * 100)

    with pytest.raises(CopyError, match="delete it"):
        ConsentCopy(path)
