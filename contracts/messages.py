"""What else travels beside events: acknowledgements, status, commands and replies."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.ids import Slug, Uuid
from contracts.values import UtcDateTime

Backlog = Annotated[int, Field(ge=0, le=2**53)]


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Ack(Message):
    """`committed`: every sequence up to it is in the receiver's database, or dead-lettered there with a reason.
    `safe`: and it survives the loss of that machine; the sender may forget it. `epoch` changes when the receiver was
    rebuilt: `committed` may then be lower than before. `refused` names why the stream is no longer taken (`forked`):
    make a new one.
    """

    stream: Uuid
    committed: Annotated[int, Field(ge=0)]
    safe: Annotated[int, Field(ge=0)]
    epoch: Uuid
    refused: Literal["forked"] | None = None


class DeviceStatus(Message):
    device: Slug
    driver: str
    state: Literal["ok", "degraded", "offline"]
    reason: str = ""
    last_seen: UtcDateTime | None = None


class NodeStatus(Message):
    """Retained at the broker; the last will is the same model with `online` false.

    `lag` counts events not yet committed, `unsafe` events still kept. `alarms` are stable codes: `outbox_full` (older
    counts are being folded into minute sums), `events_dropped` (events were lost for want of room).
    """

    office: Slug
    node: Slug
    online: bool
    at: UtcDateTime
    version: str = ""
    stream: Uuid | None = None
    lag: Backlog = 0
    unsafe: Backlog = 0
    clock_synced: bool = True
    devices: list[DeviceStatus] = Field(default_factory=list)
    alarms: list[str] = Field(default_factory=list)


class Command(Message):
    """An order to a node, executed at most once per id.

    After `expires_at` the node answers `expired` and does nothing.
    """

    id: Uuid
    type: Literal["panel.show.v1"]
    device: Slug
    expires_at: UtcDateTime
    data: dict[str, Any]


class PanelShow(Message):
    """Data of `panel.show.v1`: the number a calling panel (叫号屏) shows."""

    number: Annotated[int, Field(ge=0, le=9999)]
    panel: Annotated[int, Field(ge=0, le=255)] = 1


class Reply(Message):
    command_id: Uuid
    ok: bool
    error: str = ""
    at: UtcDateTime
