"""Who else it may be (domain.md, Ownership and duplicates): a shared ID number is asked about, and so is a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identity_api import AlikeBy
from gateway.identity.candidates import STRONG, WEAK, Marks, find, may_ask, to_ask


def marks(id_number: str = "", name: str = "", masked_phone: str = "", sounds_alike: str = "") -> Marks:
    """Letters stand for keyed indexes; several of a kind are written together."""
    return {
        "id_number": frozenset(id_number),
        "name": frozenset(name),
        "masked_phone": frozenset(masked_phone),
        "sounds_alike": frozenset(sounds_alike),
    }


Found = list[tuple[str, list[str], str | None]]
ID, NAME, BOTH = "identity.one_id_number", "identity.same_name", "identity.sounds_alike_same_ends"
CASES: list[tuple[str, Marks, dict[str, Marks], Found]] = [
    ("no file at all", marks(name="n"), {}, []),
    ("nobody like that", marks(name="n"), {"A": marks(name="m")}, []),
    ("nothing known says nothing", marks(), {"A": marks()}, []),
    ("the same ID number", marks(id_number="i"), {"A": marks(id_number="i")}, [("A", ["id_number"], ID)]),
    ("the same name", marks(name="n"), {"A": marks(name="n")}, [("A", ["name"], NAME)]),
    (
        "the same name sounds the same: said once",
        marks(name="n", sounds_alike="s"),
        {"A": marks(name="n", sounds_alike="s")},
        [("A", ["name"], NAME)],
    ),
    (
        "a sound alone is shown, not asked",
        marks(sounds_alike="s"),
        {"A": marks(sounds_alike="s")},
        [("A", ["sounds_alike"], None)],
    ),
    (
        "one of two readings is enough",
        marks(sounds_alike="st"),
        {"A": marks(sounds_alike="tu")},
        [("A", ["sounds_alike"], None)],
    ),
    (
        "ends alone are shown, not asked",
        marks(masked_phone="p"),
        {"A": marks(masked_phone="p")},
        [("A", ["masked_phone"], None)],
    ),
    (
        "sound and ends ask",
        marks(masked_phone="p", sounds_alike="s"),
        {"A": marks(masked_phone="p", sounds_alike="s")},
        [("A", ["masked_phone", "sounds_alike"], BOTH)],
    ),
    (
        "name and ends ask for the name",
        marks(name="n", masked_phone="p"),
        {"A": marks(name="n", masked_phone="p")},
        [("A", ["name", "masked_phone"], NAME)],
    ),
    (
        "the same name with another ID number: two people",
        marks(id_number="i", name="n"),
        {"A": marks(id_number="j", name="n")},
        [("A", ["name"], None)],
    ),
    (
        "sound and ends with another ID number: two people",
        marks(id_number="i", masked_phone="p", sounds_alike="s"),
        {"A": marks(id_number="j", masked_phone="p", sounds_alike="s")},
        [("A", ["masked_phone", "sounds_alike"], None)],
    ),
    (
        "an ID number on one side only speaks against nobody",
        marks(name="n"),
        {"A": marks(id_number="j", name="n")},
        [("A", ["name"], NAME)],
    ),
    (
        "merged files with two ID numbers: one shared is enough",
        marks(id_number="ij"),
        {"A": marks(id_number="j")},
        [("A", ["id_number"], ID)],
    ),
    ("another ID number alone finds nobody", marks(id_number="i"), {"A": marks(id_number="j")}, []),
    (
        "number of one file and ID number of another",
        marks(id_number="i", masked_phone="p"),
        {"A": marks(masked_phone="p"), "B": marks(id_number="i")},
        [("B", ["id_number"], ID), ("A", ["masked_phone"], None)],
    ),
    (
        "an ID number before a name",
        marks(id_number="i", name="n"),
        {"A": marks(name="n"), "B": marks(id_number="i")},
        [("B", ["id_number"], ID), ("A", ["name"], NAME)],
    ),
    (
        "more reasons before fewer, then the id",
        marks(name="n", masked_phone="p"),
        {"C": marks(name="n"), "A": marks(name="n"), "B": marks(name="n", masked_phone="p")},
        [("B", ["name", "masked_phone"], NAME), ("A", ["name"], NAME), ("C", ["name"], NAME)],
    ),
    (
        "every weak reason together only asks",
        marks(name="n", masked_phone="p", sounds_alike="s"),
        {"A": marks(name="n", masked_phone="p", sounds_alike="s")},
        [("A", ["name", "masked_phone"], NAME)],
    ),
]


@pytest.mark.parametrize(("seen", "people", "who"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_finding(seen: Marks, people: dict[str, Marks], who: Found) -> None:
    assert [(c.customer_id, list(c.reasons), c.rule) for c in find(seen, people)] == who


@pytest.mark.parametrize(("most", "asked"), [(0, "E"), (1, "EA"), (2, "EAB"), (3, "EABC"), (4, "EABC")])
def test_a_common_name_asks_about_so_many_and_a_shared_id_number_always(most: int, asked: str) -> None:
    named = dict.fromkeys("ABC", marks(name="n"))
    people = {**named, "D": marks(sounds_alike="s"), "E": marks(id_number="i")}
    found = find(marks(id_number="i", name="n", sounds_alike="s"), people)
    assert "".join(c.customer_id for c in to_ask(found, most)) == asked


kinds: tuple[AlikeBy, ...] = (*STRONG, *WEAK)
any_marks = st.dictionaries(st.sampled_from(kinds), st.frozensets(st.sampled_from("ab"), max_size=2))
any_people = st.dictionaries(st.sampled_from("ABCDE"), any_marks)


@given(any_marks, any_people)
def test_the_order_of_reading_does_not_matter(seen: Marks, people: dict[str, Marks]) -> None:
    assert find(seen, people) == find(seen, dict(reversed(people.items())))


@given(any_marks, any_marks)
def test_likeness_goes_both_ways(one: Marks, other: Marks) -> None:
    assert [(c.reasons, c.rule) for c in find(one, {"A": other})] == [
        (c.reasons, c.rule) for c in find(other, {"A": one})
    ]


@given(any_marks, any_people, st.integers(0, 5))
def test_nobody_to_ask_about_is_overlooked_by_not_looking(seen: Marks, people: dict[str, Marks], most: int) -> None:
    assert may_ask(seen) or not to_ask(find(seen, people), most)


@given(any_marks, any_people, st.integers(0, 5))
def test_only_those_who_share_something_are_asked_about(seen: Marks, people: dict[str, Marks], most: int) -> None:
    for candidate in to_ask(find(seen, people), most):
        for reason in candidate.reasons:
            assert seen[reason] & people[candidate.customer_id][reason]
