"""The command line: one sub-command per program of the simulator."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simulator.box.broker import run as run_broker
from simulator.box.offices import OFFICES
from simulator.box.ports import DEFAULTS
from simulator.box.run import DEFAULT_SEED, Options, reset
from simulator.box.run import run as run_box
from simulator.box.state import StateError
from simulator.devices.program import run as run_devices
from simulator.devices.settings import DevicesSettings
from simulator.history.program import run as run_history
from simulator.history.settings import HistorySettings
from simulator.people.program import run as run_people
from simulator.people.settings import PeopleSettings
from simulator.settings import Settings, SettingsError, load

_WRONG_CONFIG = 2


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING if options.program == "box" else logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    result = options.handler(options)
    return int(result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--version", action="version", version=f"simulator {_version()}")
    programs = parser.add_subparsers(dest="program", required=True)
    box = programs.add_parser("box", help="a whole office and a head office on this machine")
    box.add_argument("--data-dir", type=Path, default=Path(".demo"), help="where everything is kept (default .demo)")
    box.add_argument("--reset", action="store_true", help="forget the data folder, then exit")
    box.add_argument("--office-count", type=int, default=3, choices=range(1, len(OFFICES) + 1), metavar="1-5")
    box.add_argument("--speed", type=float, default=1.0, help="2 doubles the arrivals and halves the stays")
    box.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of everything invented, on the first start")
    box.add_argument("--no-people", action="store_true", help="devices without visitors and consultants")
    box.add_argument("--no-history", action="store_true", help="no invented past, the other offices stay empty")
    box.add_argument("--no-screens", action="store_true", help="no kiosk_ui: for tests and measurements")
    box.add_argument("--no-faces", action="store_true", help="no simulated cameras, nobody is asked for their face")
    box.add_argument("--ready-file", type=Path, help="also write the ready marker (ports, tokens, process ids) there")
    box.set_defaults(handler=_box)
    broker = programs.add_parser("broker", help="the embedded MQTT broker, on loopback, memory only")
    broker.add_argument("--port", type=int, default=DEFAULTS["broker"])
    broker.set_defaults(handler=lambda options: run_broker(options.port))
    _add_program(programs, "devices", DevicesSettings, run_devices)
    _add_program(programs, "people", PeopleSettings, run_people)
    _add_program(programs, "history", HistorySettings, run_history)
    return parser


def _add_program(
    programs: Any, name: str, model: type[Settings], run: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    program = programs.add_parser(name)
    program.add_argument("--config", type=Path, required=True, help="a TOML file")
    program.add_argument("--check", action="store_true", help="validate the file and exit 0 or 2")

    def handle(options: argparse.Namespace) -> int:
        try:
            settings = load(model, options.config)
        except SettingsError as error:
            print(error, file=sys.stderr)
            return _WRONG_CONFIG
        if not options.check:
            asyncio.run(run(settings))
        return 0

    program.set_defaults(handler=handle)


def _box(options: argparse.Namespace) -> int:
    try:
        if options.reset:
            print(
                f"{options.data_dir}: " + ("forgotten 已清空" if reset(options.data_dir) else "nothing there 没有数据")
            )
            return 0
        return asyncio.run(
            run_box(
                Options(
                    data_dir=options.data_dir,
                    office_count=options.office_count,
                    speed=options.speed,
                    people=not options.no_people,
                    history=not options.no_history,
                    screens=not options.no_screens,
                    ready_file=options.ready_file,
                    seed=options.seed,
                    faces=not options.no_faces,
                )
            )
        )
    except (StateError, OSError) as error:
        print(f"  ✗ {error}", file=sys.stderr)
        return 1


def _version() -> str:
    try:
        return version("anchang")
    except PackageNotFoundError:
        return "0.1.0"
