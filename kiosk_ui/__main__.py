"""`python -m kiosk_ui --config FILE [--check]`: exits 2 with the place of each mistake when the file is wrong."""

import argparse
import contextlib
import json
import logging
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from contracts import serving
from kiosk_ui import __version__
from kiosk_ui.config import Config, ConfigError, load


class JsonLines(logging.Formatter):
    """One JSON object a line. Messages carry no personal data; access logs, which hold addresses, are off.

    Values of exceptions are left out: they may hold what somebody typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": type(record.msg).__name__ if isinstance(record.msg, BaseException) else record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            stack = [frame.strip() for frame in traceback.format_tb(record.exc_info[2])]
            return json.dumps({**line, "error": record.exc_info[0].__name__, "stack": stack}, ensure_ascii=False)
        return json.dumps(line, ensure_ascii=False)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m kiosk_ui", description="The screens of a property sales office")
    parser.add_argument("--config", type=Path, help="TOML file, see firmware_configs/screens/kiosk_ui.toml")
    parser.add_argument("--check", action="store_true", help="validate the file and stop")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    if options.config is None:
        print("kiosk_ui wants --config FILE; an example is firmware_configs/screens/kiosk_ui.toml", file=sys.stderr)
        return 2
    try:
        config = load(options.config)
    except ConfigError as error:
        print("\n".join(error.places), file=sys.stderr)
        return 2
    if options.check:
        print("configuration is valid")
        return 0
    return serve(config)


def serve(config: Config) -> int:
    """Runs until SIGTERM or SIGINT."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # a line for each page's socket says nothing
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its request lines would name drafts and customers

    from kiosk_ui.app import build  # imported late: --check need not load NiceGUI

    # uvicorn stops in good order and then raises the signal again: that second time is a clean exit
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serving.Server(
        serving.config(
            build(config),
            config.host,
            config.port,
            config.host_names,
            timeout_graceful_shutdown=3,
        )
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
