"""What the agent and the part of it that has to do with faces offer each other. No heavy import.

That part knows neither outbox nor link, and the agent knows nothing of templates: `__main__` joins the two.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from contracts.events import Data
from contracts.messages import Command, FaceStatus
from contracts.topics import Leaf
from edge_agent.clock import Clock

if TYPE_CHECKING:
    from edge_agent.vision.camera import CameraServices

ORDERS = ("face.enrol.v1", "face.cancel.v1")


@dataclass(frozen=True, slots=True)
class AgentPorts:
    """`report` accepts an event of the pseudo-device `faces`; it resolves with its sequence once it is durable.

    `publish` hands a payload to the broker's client and answers whether it was taken. `subscribe` hears a leaf of this
    node's branch, `subscribe_everywhere` that of every node of the office, told with its name. Safe from any thread.
    """

    report: Callable[[Data], "Future[int]"]
    publish: Callable[[Leaf, bytes], bool]
    subscribe: Callable[[Leaf, Callable[[bytes], None]], None]
    subscribe_everywhere: Callable[[Leaf, Callable[[str, bytes], None]], None]
    status_changed: Callable[[], None]
    clock: Clock


class FacePart(Protocol):
    """Never lets trouble with faces stop the agent: `status` tells it."""

    @property
    def services(self) -> "CameraServices":
        """What every camera of this node works with."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def connected(self) -> None:
        """The broker can be reached (again)."""
        ...

    def status(self) -> FaceStatus: ...

    def execute(self, command: Command) -> dict[str, Any] | None:
        """Carry out one of `ORDERS`. Raises OrderError, or ValueError when it makes no sense."""
        ...
