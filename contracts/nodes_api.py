"""Bodies of the gateway's API about its nodes: which devices they should have, and counters that drift."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.ids import Slug
from contracts.messages import Backlog, PlacedReason
from contracts.rest import Wire
from contracts.values import UtcDateTime


class NodeConfigRequest(Wire):
    """The devices a node should have, as in its file. `seen` is the version that was changed, 0 when there was none.

    A secret is never part of it: name the file on the node that holds it.
    """

    devices: Annotated[list[dict[str, Any]], Field(max_length=64)]
    seen: Annotated[int, Field(ge=0, le=2**53)] = 0


class NodeConfigView(Wire):
    """What was asked of a node, and what it says became of it.

    `state`: `asked` until the node has spoken of this version, then as it says (`ConfigStatus`). `active` is the
    version whose devices run, 0 for those of the node's own file. `accepts`, `running`: as in `ConfigStatus`.
    """

    node: Slug
    version: Backlog
    devices: list[dict[str, Any]]
    asked_at: UtcDateTime | None = None
    asked_by: str = ""
    state: Literal["file", "asked", "trying", "applied", "rolled_back", "refused"]
    reasons: list[PlacedReason] = Field(default_factory=list)
    active: Backlog = 0
    accepts: bool = False
    running: list[dict[str, Any]] | None = None


class NodeConfigVersion(Wire):
    """What was asked of a node once."""

    version: Backlog
    devices: list[dict[str, Any]]
    asked_at: UtcDateTime
    asked_by: str


class CounterDrift(Wire):
    """A door counter that no longer agrees with the visits registered, as it did before.

    `counted` and `expected` are people since `since`; `expected` is what the counter would have counted at the share of
    registered people that was usual for it. `share` is how far below (negative) or above that it is.
    """

    node: Slug
    device: Slug
    since: date
    days: Annotated[int, Field(ge=1)]
    counted: Backlog
    expected: Backlog
    share: float


class DriftPage(Wire):
    """`days` were compared: whole days with enough people registered. Too few days name nobody."""

    days: int
    items: list[CounterDrift]
