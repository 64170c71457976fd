"""What may become of a report on its way: bits flipped, cut, members removed, in other case or of other types."""

import json
from typing import Any

from hypothesis import strategies as st

WRONG = st.sampled_from(
    [
        None,
        True,
        -1,
        1e400,
        2**40,
        10**400,
        -(10**400),
        0.5,
        "",
        "x",
        "１２",
        [],
        [[]],
        {},
        {"a": 1},
        "\ud800",
        "9" * 400,
    ]
)


def mutated(originals: list[bytes]) -> st.SearchStrategy[bytes]:
    return st.sampled_from(originals).flatmap(
        lambda original: st.one_of(_bits(original), _cut(original), _members(original), st.binary(max_size=100))
    )


def _bits(original: bytes) -> st.SearchStrategy[bytes]:
    def flip(places: list[int]) -> bytes:
        changed = bytearray(original)
        for place in places:
            changed[place // 8] ^= 1 << place % 8
        return bytes(changed)

    return st.lists(st.integers(0, len(original) * 8 - 1), min_size=1, max_size=8).map(flip)


def _cut(original: bytes) -> st.SearchStrategy[bytes]:
    ends = st.tuples(st.integers(0, len(original)), st.integers(0, len(original))).map(sorted)
    return ends.map(lambda at: original[: at[0]] + original[at[1] :])


def _members(original: bytes) -> st.SearchStrategy[bytes]:
    try:
        found = json.loads(original)
    except ValueError:
        return _bits(original)
    paths = list(_paths(found, ()))
    changes = st.lists(st.tuples(st.sampled_from(paths), st.sampled_from(["drop", "case", "wrong"]), WRONG), max_size=3)
    return changes.map(lambda each: json.dumps(_changed(found, each)).encode())


def _paths(found: Any, before: tuple[Any, ...]) -> Any:
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, member in inner:
        yield (*before, name)
        yield from _paths(member, (*before, name))


def _changed(found: Any, changes: list[Any]) -> Any:
    copy = json.loads(json.dumps(found))
    for path, how, wrong in changes:
        holder = copy
        try:
            for name in path[:-1]:
                holder = holder[name]
            member = holder.pop(path[-1])
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
        if how != "drop" and isinstance(holder, dict):
            holder[str(path[-1]).swapcase() if how == "case" else path[-1]] = member if how == "case" else wrong
        elif how == "wrong":
            holder.insert(path[-1], wrong)
    return copy
