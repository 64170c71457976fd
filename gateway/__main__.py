"""`python -m gateway --config FILE [--check] [--version]`; beside it `replay`, `backup`, `restore`, `rebuild`."""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from contracts import serving
from gateway import __version__, logs
from gateway.app import create_app
from gateway.attribution import replay
from gateway.backup import command as backup
from gateway.backup.command import COMMANDS
from gateway.config import ConfigError, GatewayConfig, load
from gateway.database import DatabaseInUseError, claimed, migrate_apart
from gateway.keys import Keys, KeysError

log = logging.getLogger("gateway")
STOP_SECONDS = 5


class Server(serving.Server):
    """Told to stop, it stops and returns, so that the process ends with 0; uvicorn's would die of the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["replay"]:
        return replay.main(given[1:])
    if given and given[0] in COMMANDS:
        return backup.main(given[0], given[1:])
    parser = argparse.ArgumentParser(
        prog="gateway",
        description="The office's gateway (案场网关).",
        epilog="gateway replay --config FILE --from DATE --to DATE [--policy FILE]: what would change in its verdicts; "
        "gateway backup | restore | rebuild --config FILE: copies of the database, and a new machine from one of them",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="gateway.toml; an example is in firmware_configs/")
    parser.add_argument("--check", action="store_true", help="validate the configuration and stop")
    parser.add_argument("--reader-key", action="store_true", help="print the key that readers of the nodes seal to")
    parser.add_argument("--version", action="version", version=f"anchang gateway {__version__}")
    options = parser.parse_args(given)
    if options.config is None:
        print("gateway: which configuration? Give --config FILE (gateway.toml)", file=sys.stderr)
        return 2
    try:
        config = load(options.config)
        if config.keys_file.exists():
            Keys.load(config.keys_file)
    except (ConfigError, KeysError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.reader_key:
        print(Keys.load_or_create(config.keys_file).reader_key)
        return 0
    if options.check:
        print(f"{options.config}: good")
        return 0
    os.umask(0o077)  # what is written here is for this user only
    try:
        with claimed(config.database):
            return _serve(config)
    except DatabaseInUseError as error:
        print(error, file=sys.stderr)
        return 2


def _serve(config: GatewayConfig) -> int:
    logs.configure()
    log.info("starting", extra={"office": config.office, "version": __version__})
    migrate_apart(config.database)
    app = create_app(config)
    gc.collect()
    gc.freeze()  # what was imported is there to stay: looking through it for garbage would hold up an arrival
    server = Server(
        serving.config(
            app,
            config.http.host,
            config.http.port,
            config.http.host_names,
            timeout_graceful_shutdown=STOP_SECONDS,
            ws_per_message_deflate=False,  # a compressor for each open screen costs more memory than the office's cable
        )
    )
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
