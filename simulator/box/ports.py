"""Ports of the office-in-a-box: the usual ones, or the next free ones."""

import socket
from dataclasses import dataclass

DEFAULTS = {
    "kiosk_ui": 8300,
    "gateway": 8100,
    "central": 8200,
    "broker": 1883,
    "preview": 8090,
    "cam-kiosk": 8091,
    "cam-desk": 8092,
    "cam-door": 8093,
}
_TRIES = 200


@dataclass(frozen=True, slots=True)
class SteppedOver:
    """`program` would have used `wanted`, which is taken, and uses `used`."""

    program: str
    wanted: int
    used: int


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(wanted: dict[str, int]) -> tuple[dict[str, int], list[SteppedOver]]:
    """A free port for each program, none twice; raises OSError when there is none near the wanted one."""
    chosen: dict[str, int] = {}
    stepped = []
    for program, port in wanted.items():
        candidates = range(port, min(port + _TRIES, 65536))
        used = next((each for each in candidates if each not in chosen.values() and is_free(each)), None)
        if used is None:
            raise OSError(f"no free port for {program} from {port} on")
        chosen[program] = used
        if used != port:
            stepped.append(SteppedOver(program, port, used))
    return chosen, stepped
