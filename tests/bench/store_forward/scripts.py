"""What breaks while the load goes on, the same on both sides: `RATE` messages a second for the whole script."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.store_forward.sides import Side

RATE = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """`short` stands below its bars in the picture."""

    name: str
    short: str
    seconds: int
    play: Callable[[Side], None]

    @property
    def count(self) -> int:
        return self.seconds * RATE


def _kill(side: Side) -> None:
    side.kill()
    time.sleep(0.5)
    side.start()


def _prove_nothing_passed(side: Side, before: int) -> None:
    if passed := side.seen() - before:
        raise AssertionError(f"the uplink was not broken: {passed} messages passed")


def killed_three_times(side: Side) -> None:
    for _ in range(3):
        time.sleep(7)
        _kill(side)


def killed_while_the_uplink_is_down(side: Side) -> None:
    time.sleep(4)
    side.line.cut()
    time.sleep(1)
    before = side.seen()
    for _ in range(2):
        time.sleep(5)
        _kill(side)
    time.sleep(5)
    _prove_nothing_passed(side, before)
    side.line.mend()


def silent_then_killed(side: Side) -> None:
    time.sleep(4)
    side.line.silent()
    time.sleep(1)
    before = side.seen()
    time.sleep(29)
    _prove_nothing_passed(side, before)
    side.line.cut()
    time.sleep(1)
    side.line.mend()


FAULTS = (
    Fault("kill -9 of the storing program three times", "kill -9\nthree times", 30, killed_three_times),
    Fault("kill -9 twice while the uplink is down", "kill -9 twice,\nuplink down", 30, killed_while_the_uplink_is_down),
    Fault("uplink silent for 30 s, then cut and mended", "uplink silent\nfor 30 s", 45, silent_then_killed),
)
