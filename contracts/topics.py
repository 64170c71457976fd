"""MQTT topics: `anchang/v1/{office}/{node}/{leaf}`. A node publishes only below its own branch.

An acknowledgement may be lost (the next one says more, and without one the node sends again) but must not wait behind
what the node's devices said: nodes ask for it with QoS 0, which a broker sends past the queue of QoS 1.

| leaf    | direction      | QoS | retained | payload                              |
|---------|----------------|-----|----------|--------------------------------------|
| events  | node → gateway | 1   | no       | JSON array of `contracts.events.Event` |
| ack     | gateway → node | 1   | no       | `contracts.messages.Ack`             |
| status  | node → gateway | 1   | yes      | `contracts.messages.NodeStatus`, last will `offline` |
| config  | gateway → node | 1   | yes      | `contracts.node_config.NodeConfig` |
| command | gateway → node | 1   | no       | `contracts.messages.Command`         |
| reply   | node → gateway | 1   | no       | `contracts.messages.Reply`           |
| ask     | node → gateway | 1   | no       | `contracts.messages.ConsentAsk`      |
| consents| gateway → node | 1   | no       | `contracts.messages.ConsentPage`     |
| probe   | node → vault's node | 1 | no    | `contracts.messages.SealedProbe`     |
"""

import re
from dataclasses import dataclass
from typing import Literal, Self, get_args

Leaf = Literal["events", "ack", "status", "config", "command", "reply", "ask", "consents", "probe"]
ROOT = "anchang/v1"
MAX_BATCH_BYTES = 16 * 1024
"""Upper bound of one `events` payload, below the smallest broker limit measured (20,480 bytes)."""

_TOPIC = re.compile(rf"^{ROOT}/([a-z0-9-]+)/([a-z0-9-]+)/({'|'.join(get_args(Leaf))})\Z")


@dataclass(frozen=True, slots=True)
class Topic:
    """One parsed topic."""

    office: str
    node: str
    leaf: Leaf

    def __str__(self) -> str:
        return f"{ROOT}/{self.office}/{self.node}/{self.leaf}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError when the text is not one of ours."""
        match = _TOPIC.match(text)
        if match is None:
            raise ValueError(f"not an Anchang topic: {text!r}")
        return cls(match[1], match[2], match[3])  # type: ignore[arg-type]


def everywhere(office: str, leaf: Leaf) -> str:
    """The subscription filter for one leaf of every node of an office."""
    return f"{ROOT}/{office}/+/{leaf}"


def device_source(office: str, node: str, device: str) -> str:
    """CloudEvents `source` of a device."""
    return f"/offices/{office}/nodes/{node}/devices/{device}"


def gateway_source(office: str) -> str:
    """CloudEvents `source` of what a gateway itself decides."""
    return f"/offices/{office}/gateway"
