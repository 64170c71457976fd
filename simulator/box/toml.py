"""Writing TOML (toml.io v1.0.0) for the values configurations are made of; the standard library only reads it."""

import json
from pathlib import Path
from typing import Any


def dumps(table: dict[str, Any]) -> str:
    """Scalars and lists first, then sub-tables, then arrays of tables. Raises TypeError for another kind of value."""
    lines: list[str] = []
    _table(lines, (), table)
    return "\n".join(lines) + "\n"


def _table(lines: list[str], path: tuple[str, ...], table: dict[str, Any]) -> None:
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    rows = {key: value for key, value in table.items() if _is_rows(value)}
    lines += [f"{key} = {_value(value)}" for key, value in table.items() if key not in tables and key not in rows]
    for key, value in tables.items():
        lines += ["", f"[{'.'.join((*path, key))}]"]
        _table(lines, (*path, key), value)
    for key, value in rows.items():
        for row in value:
            lines += ["", f"[[{'.'.join((*path, key))}]]"]
            _table(lines, (*path, key), row)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")
