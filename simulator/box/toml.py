"""Writing configurations as TOML, paths as text."""

from pathlib import Path
from typing import Any

import tomlkit


def dumps(table: dict[str, Any]) -> str:
    """Raises TypeError for a value that TOML has no form for."""
    return tomlkit.dumps(_plain(table))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
