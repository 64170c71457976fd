"""From what was heard to sections of the configuration, and into the file. Pure, but for `add_to`."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from edge_agent.config import ConfigError, load
from edge_agent.devices.base import Driver, Heard
from edge_agent.devices.escpos_printer import DRIVER as PRINTER
from edge_agent.devices.factory import DRIVERS
from edge_agent.probe.listening import Line
from edge_agent.probe.ports import Found

_PLACES = ("topic", "prefix", "url")
"""The settings that say where a device is heard: what two sections of one device have in common."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A section without its id, and how sure it is: `messages` of this device were understood."""

    driver: Driver
    section: dict[str, Any]
    messages: int = 1

    @property
    def place(self) -> str:
        return _place(self.section)


def _place(section: Mapping[str, Any]) -> str:
    usb = section.get("connection", {})
    if usb.get("kind") == "usb":
        return f"usb {usb.get('vendor')}:{usb.get('product')}".lower()
    return next((str(section[key]) for key in _PLACES if section.get(key)), "")


def guesses(heard: Heard) -> Iterator[Suggestion]:
    """Every driver that takes this message for its own, the most specific first: plain sensors read almost anything."""
    for driver in sorted(DRIVERS, key=lambda each: each.about.kind == "sensor"):
        section = driver.guess(heard) if driver.guess is not None else None
        if section is not None:
            yield Suggestion(driver, section)


def understood(heard: Heard) -> bool:
    return next(guesses(heard), None) is not None


def from_broker(messages: Iterable[Heard]) -> tuple[list[Suggestion], dict[str, int]]:
    """One suggestion for each device, and how many messages came on topics that no driver knows."""
    found: dict[tuple[str, str], Suggestion] = {}
    strangers: dict[str, int] = {}
    for message in messages:
        suggestion = next(guesses(message), None)
        if suggestion is None:
            strangers[message.topic] = strangers.get(message.topic, 0) + 1
            continue
        key = suggestion.driver.name, suggestion.place
        before = found.get(key)
        section = {**before.section, **suggestion.section} if before else suggestion.section
        found[key] = Suggestion(suggestion.driver, section, (before.messages if before else 0) + 1)
    known = {suggestion.place for suggestion in found.values()}
    return list(found.values()), {topic: n for topic, n in sorted(strangers.items()) if not _below(topic, known)}


def _below(topic: str, places: Iterable[str]) -> bool:
    """Whether a topic is one of those places, or what the same device says besides (`…/status`)."""
    return any(f"{topic}/".startswith(f"{place}/") for place in places)


def from_line(line: Line) -> list[Suggestion]:
    """What a serial line's bytes look like; two drivers may claim them, then both are told."""
    return [
        Suggestion(guess.driver, {**guess.section, "url": line.path, "baudrate": baudrate})
        for baudrate, data in line.heard.items()
        for guess in guesses(Heard("", data))
    ]


def from_usb(printers: Iterable[Found]) -> list[Suggestion]:
    """A ticket printer for each printer at a USB plug."""
    ids = (printer.path.split(":") for printer in printers)
    connections = [{"kind": "usb", "vendor": vendor, "product": product} for vendor, product in ids]
    return [Suggestion(PRINTER, {"driver": PRINTER.name, "connection": each}) for each in connections]


def named(suggestions: Iterable[Suggestion], taken: Iterable[str]) -> list[dict[str, Any]]:
    """Sections with an id each: the kind of device and a number that nobody has."""
    used = set(taken)
    sections = []
    for suggestion in suggestions:
        kind, number = suggestion.driver.about.kind, 1
        while f"{kind}-{number}" in used:
            number += 1
        used.add(f"{kind}-{number}")
        sections.append({"id": f"{kind}-{number}", **suggestion.section})
    return sections


def add_to(path: Path, suggestions: Iterable[Suggestion]) -> list[dict[str, Any]]:
    """Append the sections of devices that the file does not have yet; returns them. Comments stay as they are.

    The new file is validated as the agent would, and replaces the old one at once or not at all. Raises ConfigError.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    devices = document.unwrap().get("devices", [])
    places = {_place(device) for device in devices}
    places |= {str(device.get(key)) for device in devices for key in _PLACES if device.get(key)}
    fresh = named((s for s in suggestions if s.place not in places), [str(device.get("id")) for device in devices])
    if fresh:
        _replace(path, f"{tomlkit.dumps(document).rstrip()}\n\n{as_toml(fresh)}")
    return fresh


def as_toml(sections: list[dict[str, Any]]) -> str:
    """`[[devices]]` each, what is nested written inline, as the example file has it."""
    tables = AoT([])
    for section in sections:
        table = tomlkit.table()
        for key, value in section.items():
            table.append(key, _inline(value))
        tables.append(table)
    document = tomlkit.document()
    document.append("devices", tables)
    return tomlkit.dumps(document)


def _inline(value: Any) -> Any:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: _inline(each) for key, each in value.items()})
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_inline(each) for each in value)
        return array
    return value


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".toml", delete=False) as file:
        staged = Path(file.name)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        load(staged)
        before = path.stat()
        os.chown(staged, before.st_uid, before.st_gid)  # root writes it, the agent's own user reads it
        staged.chmod(before.st_mode & 0o777)
        staged.replace(path)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(staged), str(path))) from error
    finally:
        staged.unlink(missing_ok=True)
