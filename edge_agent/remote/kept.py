"""What a node keeps of snapshots: the last good one, the one being tried, and what became of the newest.

One small file, exchanged whole and flushed, so that a death at any moment leaves the old one or the new one.
"""

import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.messages import ConfigStatus
from contracts.node_config import NodeConfig

_log = logging.getLogger(__name__)


class Kept(BaseModel):
    """`worked`: the devices that were well before the trial; `starts`: how often the agent began during it."""

    model_config = ConfigDict(frozen=True)
    good: NodeConfig | None = None
    candidate: NodeConfig | None = None
    worked: frozenset[str] = frozenset()
    starts: int = 0
    outcome: ConfigStatus = Field(default_factory=ConfigStatus)
    judged: str = ""
    """Checksum of the snapshot that `outcome` speaks of: the broker hands the same one again at each connection."""

    @property
    def active(self) -> int:
        return self.good.version if self.good is not None else 0


class KeptFile:
    """Methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "snapshot.json"

    def read(self) -> Kept:
        """An unreadable file is set aside: the node's own file counts then."""
        try:
            return Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Kept()
        except (ValidationError, OSError) as error:
            _log.error("the kept snapshot cannot be read, the file's own devices run", extra={"error": str(error)})
            return Kept()

    def write(self, kept: Kept) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        staged = self._path.with_name("snapshot.new")
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(kept.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
