"""`python -m gateway backup | restore | rebuild`: for whoever stands before a new machine.

Exit codes: 0 done, 1 a backup is missing or bad, 2 it cannot be done like this (a wrong configuration, a database that
is there).
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from pydantic import ValidationError

from contracts.central_api import HeldSince
from contracts.values import utc_now
from gateway.backup import telling
from gateway.backup.container import BackupKeyError, BadBackupError, read_header
from gateway.backup.folder import BackupFailedError, Generation, Place
from gateway.backup.restore import DatabaseThereError, NoBackupError, rebuild, restore, verify
from gateway.backup.service import place_of, rule_of
from gateway.config import ConfigError, GatewayConfig, load, read_secret
from gateway.database import DatabaseInUseError, claimed
from gateway.keys import Keys, KeysError
from gateway.recovery.service import REACH

_ASK_SECONDS = 5.0


def main(name: str, arguments: Sequence[str]) -> int:
    options = _parser(name).parse_args(arguments)
    os.umask(0o077)
    try:
        config = load(options.config)
        return COMMANDS[name](config, options)
    except (ConfigError, BackupKeyError, KeysError, DatabaseInUseError) as error:
        return _say(f"{error}")
    except DatabaseThereError as error:
        return _say(f"{error} 已存在；加 --force 则先把它移到一旁\n{error} exists; --force puts it aside first")
    except (BackupFailedError, OSError) as error:
        return _say(f"未完成：{error}\nnot done: {error}")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"gateway {name}")
    parser.add_argument("--config", type=Path, metavar="FILE", required=True, help="gateway.toml")
    if name == "backup":
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--now", action="store_true", help="write one now, also while the gateway runs")
        what.add_argument("--list", action="store_true", help="the generations, newest first, unopened")
        what.add_argument("--verify", action="store_true", help="open every generation as a restore would")
        return parser
    parser.add_argument("--to", type=Path, metavar="DB", help="where to; without it the configured database")
    parser.add_argument("--force", action="store_true", help="put a database that is there aside")
    if name == "restore":
        parser.add_argument("--from", dest="folder", type=Path, metavar="FOLDER", help="without it the configured one")
        parser.add_argument("--at", type=_time, metavar="TIME", help="the newest taken at or before, 2026-11-22T09:00")
    return parser


def _time(text: str) -> datetime:
    """Without a zone, of the office's own, which is known later."""
    return datetime.fromisoformat(text)


def _backup(config: GatewayConfig, options: argparse.Namespace) -> int:
    place = place_of(_with_folder(config, None))
    if options.now:
        generation, header = place.write(config.database, utc_now())
        place.tidy(utc_now(), rule_of(config))
        print(f"{generation.path}  {generation.path.stat().st_size} bytes of {header.size}")
        return 0
    generations = place.generations()
    for generation in generations:
        print(_line(generation, place, config, proven=options.verify))
    bad = [g for g in generations if options.verify and _fault(g, place, config) is not None]
    return 1 if bad or not generations else 0


def _line(generation: Generation, place: Place, config: GatewayConfig, *, proven: bool) -> str:
    at = generation.taken_at.astimezone(ZoneInfo(config.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
    fault = _fault(generation, place, config) if proven else None
    if fault is not None:
        return f"{at}  {generation.path.name}  {' / '.join(telling.FAULTS[fault.fault])}"
    try:
        header = read_header(generation.path)
    except BadBackupError as error:
        return f"{at}  {generation.path.name}  {' / '.join(telling.FAULTS[error.fault])}"
    counts = ", ".join(f"{number} {kind}" for kind, number in header.counts.items())
    return f"{at}  {generation.path.name}  {'good' if proven else 'not opened'}: {counts}"


def _fault(generation: Generation, place: Place, config: GatewayConfig) -> BadBackupError | None:
    try:
        verify(generation, place.key, config.office, config.database)
    except BadBackupError as error:
        return error
    return None


def _restore(config: GatewayConfig, options: argparse.Namespace) -> int:
    config = _with_folder(config, options.folder)
    target, zone, now = options.to or config.database, ZoneInfo(config.time_zone), utc_now()
    place = place_of(config)
    at = options.at if options.at is None or options.at.tzinfo else options.at.replace(tzinfo=zone)
    keys = _keys(config)
    with claimed(target):
        try:
            result = restore(place, target, keys, now=now, at=at, force=options.force)
        except NoBackupError as error:
            for generation, fault in error.refused:
                print(telling.refusal(generation, fault))
            print("没有可用的备份；可用 rebuild 新建\nno good backup; `rebuild` begins anew", file=sys.stderr)
            return 1
        for generation, fault in result.refused:
            print(telling.refusal(generation, fault))
    held = _held(config, result.header.taken_at)
    print(telling.restored(result, now, zone, held, bool(config.central.url)))
    return 0


def _keys(config: GatewayConfig) -> Keys:
    """Those of the office that was lost: others could read no name and no number. Raises ConfigError, KeysError."""
    if not config.keys_file.exists():
        raise ConfigError(
            f"{config.keys_file}: 缺少案场密钥，请先放回其副本\n"
            f"{config.keys_file}: put back the copy of the office's keys first"
        )
    return Keys.load(config.keys_file)


def _rebuild(config: GatewayConfig, options: argparse.Namespace) -> int:
    target, now = options.to or config.database, utc_now()
    with claimed(target):
        aside = rebuild(target, now=now, force=options.force)
    held = _held(config, now - REACH)
    print(telling.rebuilt(ZoneInfo(config.time_zone), held, bool(config.central.url)))
    if aside is not None:
        print(f"原数据库移至 {aside}\nthe database that was there is now {aside}")
    return 0


def _with_folder(config: GatewayConfig, folder: Path | None) -> GatewayConfig:
    """Raises ConfigError when no folder is known."""
    folder = folder or config.backup.folder
    if folder is None:
        raise ConfigError("backup.folder: no folder is configured")
    return config.model_copy(update={"backup": config.backup.model_copy(update={"folder": folder})})


def _held(config: GatewayConfig, since: datetime) -> HeldSince | None:
    """What central knows since then; None when it cannot be asked now."""
    if not config.central.url:
        return None
    headers = {"Authorization": f"Bearer {read_secret(config.central.token_file)}"}
    try:
        answer = httpx.get(
            f"{config.central.url}/v1/recovery",
            params={"since": since.isoformat()},
            headers=headers,
            timeout=_ASK_SECONDS,
        )
        answer.raise_for_status()
        return HeldSince.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError):
        return None


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


COMMANDS: dict[str, Callable[[GatewayConfig, argparse.Namespace], int]] = {
    "backup": _backup,
    "restore": _restore,
    "rebuild": _rebuild,
}
