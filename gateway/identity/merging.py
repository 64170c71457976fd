"""Which files may be merged, pure. A merge is an alias: the merged file is read as the kept one until it is ended.

Files form stars, never chains: what is merged speaks for nobody, and what speaks is merged into nothing. Merging
several files into one therefore gives the same whatever the order, and ending one merge leaves the others alone.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Refusal = Literal["same_file", "already_merged", "kept_is_merged", "merged_speaks_for_others"]
SAID: dict[Refusal, str] = {
    "same_file": "a file cannot be merged into itself",
    "already_merged": "the file is merged already: un-merge it first",
    "kept_is_merged": "the file to keep is itself merged into another: merge into that one",
    "merged_speaks_for_others": "other files are merged into this one: keep it, or un-merge them first",
}


class Alias(NamedTuple):
    """A merge that stands."""

    kept_id: str
    merged_id: str


def refusal(wanted: Alias, standing: Iterable[Alias]) -> Refusal | None:
    """Why the merge cannot be; None when it can. A cycle is always one of the chains that are refused."""
    if wanted.kept_id == wanted.merged_id:
        return "same_file"
    aliases = list(standing)
    if any(alias.merged_id == wanted.merged_id for alias in aliases):
        return "already_merged"
    if any(alias.merged_id == wanted.kept_id for alias in aliases):
        return "kept_is_merged"
    if any(alias.kept_id == wanted.merged_id for alias in aliases):
        return "merged_speaks_for_others"
    return None
