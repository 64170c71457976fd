"""`python -m edge_agent --config FILE [--check] [--version]`, and for whoever installs it: `probe`, `record`,
`status`, `outbox`.
"""

import argparse
import logging
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge_agent import VERSION, logs
from edge_agent.agent import Agent
from edge_agent.check import missing
from edge_agent.config import AgentConfig, ConfigError, load
from edge_agent.local_status import show
from edge_agent.outbox.formats import format_of
from edge_agent.outbox.schema import VERSION as VERSION_READ
from edge_agent.outbox.schema import OutboxError, claimed, connect, convert
from edge_agent.stranded import stranded
from edge_agent.vision.host import AgentPorts, FacePart

_SWITCH_SECONDS = 0.0005
"""A thread that comes back from the disk waits this long for a busy one; Python's own 5 ms doubled the latency."""


def _probe(argv: list[str]) -> int:
    from edge_agent.probe.command import main

    return main(argv)


def _record(argv: list[str]) -> int:
    from edge_agent.recording.command import main

    return main(argv)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="edge_agent",
        description="Devices of one Raspberry Pi in, durable events out.",
        epilog="edge_agent probe: what is plugged in, and its sections; record: one device's traffic as a fixture; "
        "status: how everything is; outbox: the format of its file. Each has a --help of its own.",
    )
    parser.add_argument("--config", type=Path, help="TOML file, see firmware_configs/edge/edge_agent.toml")
    parser.add_argument("--check", action="store_true", help="validate the file, say what is missing, and stop")
    parser.add_argument("--version", action="version", version=VERSION)
    arguments = parser.parse_args(argv)
    if arguments.config is None:
        parser.error("--config FILE is needed: a copy of firmware_configs/edge/edge_agent.toml")
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0 after a clean stop or a good check, 1 when the check found something missing, 2 for an
    unusable configuration or outbox.
    """
    given = sys.argv[1:] if argv is None else argv
    if given and given[0] in _TOOLS:
        return _TOOLS[given[0]](given[1:])
    arguments = _arguments(given)
    try:
        config = load(arguments.config)
        if arguments.check:
            return _check(arguments.config, config)
        logs.configure(config.log_level)
        _serve(config)
    except (ConfigError, OutboxError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _check(path: Path, config: AgentConfig) -> int:
    """The exit status. Without what is missing the agent runs all the same, and picks it up when it comes."""
    if lacking := missing(config):
        print(*(f"{path}: missing: {each}" for each in lacking), sep="\n", file=sys.stderr)
        return 1
    devices = ", ".join(f"{device.id} ({device.driver})" for device in config.devices)
    print(f"{path}: good: {devices or 'no devices'}")
    return 0


def _faces(config: AgentConfig) -> Callable[[AgentPorts], FacePart] | None:
    """Templates and what sends meet here and nowhere else; nothing of it is loaded on a node without faces."""
    faces = config.faces
    if faces is None:
        return None
    from edge_agent.vision.desk import FaceDesk

    return lambda ports: FaceDesk(faces, config.node, config.cameras, ports)


def _serve(config: AgentConfig) -> None:
    """Run the agent; while the disk takes nothing at the start, say so and try again."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    stopping = threading.Event()
    _on_signal(stopping.set)
    while not stopping.is_set():
        try:
            with claimed(config.outbox.path):
                agent = Agent(config, _faces(config))
                _on_signal(agent.stop)
                if not stopping.is_set():
                    agent.run()
        except OutboxError as error:
            if error.fault is None:
                raise
            _on_signal(stopping.set)
            stranded(config, error.fault, stopping)
        else:
            break
    logging.shutdown()


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _status(argv: list[str]) -> int:
    """Print what the agent of this machine last said of itself. Returns 0 when all is well, 1 when something is not, 3
    when the agent does not run or hangs.
    """
    parser = argparse.ArgumentParser(prog="edge_agent status", description="What the agent of this machine says.")
    parser.add_argument("--config", type=Path, help="the agent's TOML file, where `status_file` is another")
    arguments = parser.parse_args(argv)
    try:
        file = AgentConfig.model_fields["status_file"].default if arguments.config is None else None
        text, code = show(file or load(arguments.config).status_file)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print(text)
    return code


def _outbox(argv: list[str]) -> int:
    """Print the outbox file's format, after converting it when asked. Returns 0, or 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="edge_agent outbox", description="The format of the outbox file.")
    parser.add_argument("--config", type=Path, required=True, help="the agent's TOML file")
    parser.add_argument("--format", type=int, help="convert it, so that the agent of that format can take over")
    parser.add_argument("--reads", action="store_true", help="print the format that this program reads, and stop")
    arguments = parser.parse_args(argv)
    if arguments.reads:
        print(VERSION_READ)
        return 0
    try:
        path = load(arguments.config).outbox.path
        with claimed(path), closing(connect(path)) as connection:
            if arguments.format is not None:
                convert(connection, path, arguments.format)
            print(format_of(connection))
    except (ConfigError, OutboxError, OSError, sqlite3.Error) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


_TOOLS: dict[str, Callable[[list[str]], int]] = {
    "probe": _probe,
    "record": _record,
    "status": _status,
    "outbox": _outbox,
}


if __name__ == "__main__":
    sys.exit(main())
