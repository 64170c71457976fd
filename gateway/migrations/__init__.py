"""The revisions of the office's database, one file each."""

from functools import cache
from pathlib import Path


@cache
def revisions() -> tuple[str, ...]:
    """Oldest first. A file's name begins with its revision."""
    versions = Path(__file__).parent / "versions"
    return tuple(sorted(path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py")))
