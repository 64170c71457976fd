import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "devices"


def fixture(name: str) -> dict[str, Any]:
    """The recorded bytes of a device model."""
    recorded: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return recorded


def cases(name: str) -> list[Any]:
    recorded: list[Any] = fixture(name)["cases"]
    return recorded
