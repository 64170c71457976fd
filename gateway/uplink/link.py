"""What is known right now of the line to central; forgotten at a restart."""

from dataclasses import dataclass


@dataclass
class LinkState:
    """`online`: the last try to reach central succeeded. `alarm`: more waits than the office expects ever to wait."""

    online: bool = False
    alarm: bool = False
    failures: int = 0
    sent: int = 0
