"""`python -m central --config FILE [--check] [--version]`."""

import argparse
import os
import signal
import sys
import tomllib
from pathlib import Path

from pydantic import ValidationError

from central import __version__
from central.settings import Settings, load, mistakes_in_files

WRONG = 2


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="central", description="Anchang: the company's server")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration, for example central.toml")
    parser.add_argument("--check", action="store_true", help="say what is wrong with the configuration, and end")
    parser.add_argument("--version", action="version", version=f"central {__version__}")
    options = parser.parse_args(arguments)
    if options.config is None:
        print(
            "central: name its configuration: --config FILE (firmware_configs/central/central.toml is an example)",
            file=sys.stderr,
        )
        return WRONG
    settings = _read(options.config)
    if settings is None:
        return WRONG
    if options.check:
        print(f"{options.config}: no mistakes found")
        return 0
    return serve(settings)


def _read(path: Path) -> Settings | None:
    """The settings, or None after every mistake was printed with its place."""
    try:
        settings = load(path)
        mistakes = mistakes_in_files(settings)
    except FileNotFoundError:
        mistakes = ["there is no such file"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes = [f"not TOML: {error}"]
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(str(part) for part in item['loc']) or '(whole file)'}: {item['msg']}" for item in error.errors()
        ]
    for mistake in mistakes:
        print(f"{path}: {mistake}", file=sys.stderr)
    return None if mistakes else settings


def serve(settings: Settings) -> int:
    """Until SIGTERM or SIGINT: requests under way are finished, then everything is closed."""

    from central.app import create_app
    from central.logs import configure
    from contracts import serving

    configure()
    os.umask(0o077)  # what is written here is for this user only
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises the signal again after its clean stop
        signal.signal(number, lambda *_: None)
    try:
        app = create_app(settings)
    except (OSError, ValueError) as error:
        print(f"central: {error}", file=sys.stderr)
        return WRONG
    server = serving.Server(
        serving.config(
            app,
            settings.http.host,
            settings.http.port,
            settings.http.host_names,
            timeout_graceful_shutdown=10,
        )
    )
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
