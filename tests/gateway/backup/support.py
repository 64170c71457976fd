"""Offices whose backups a test can look at, spoil and restore."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.ids import uuid7

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()


def backup_config(folder: Path, **more: Any) -> dict[str, Any]:
    """`backup=` of a configuration: every 50 ms into a folder of its own, the key in another."""
    (folder / "copies").mkdir(exist_ok=True)
    (folder / "safe").mkdir(exist_ok=True)
    key = folder / "safe" / "backup.key"
    key.write_text(KEY)
    key.chmod(0o600)
    values = {"folder": folder / "copies", "key_file": key, "every_seconds": 0.05, "same_disk": True}
    return {"backup": values | more}


def write_config(folder: Path, *, extra: str = "", office: str = "yunqi", key: str = KEY) -> Path:
    """gateway.toml of an office with backups, for the commands; nothing listens."""
    for name in ("data", "copies", "safe"):
        (folder / name).mkdir(exist_ok=True, parents=True)
    (folder / "safe" / "backup.key").write_text(key)
    (folder / "safe" / "backup.key").chmod(0o600)
    file = folder / f"{office}.toml"
    file.write_text(
        f"""office = "{office}"
office_name = "云栖湖岸"
database = "{folder}/data/gateway.db"
keys_file = "{folder}/safe/gateway.keys"
[backup]
folder = "{folder}/copies"
key_file = "{folder}/safe/backup.key"
same_disk = true
{extra}
"""
    )
    return file


def copies(folder: Path) -> list[Path]:
    """The generations, oldest first."""
    return sorted((folder / "copies").glob("*.anchang-backup"))


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """A share that is not there for a while."""
    elsewhere = path.with_name(f"{path.name}-{uuid7()}")
    path.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(path)
