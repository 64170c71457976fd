"""Writes docs/devices.md and the forms of the desk's editor from the drivers; `--check` exits 1 when one is stale."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "devices.md"
FIXTURES = ROOT / "tests" / "fixtures" / "devices"
sys.path.insert(0, str(ROOT))

from edge_agent.devices.base import Driver  # noqa: E402
from edge_agent.devices.factory import DRIVERS  # noqa: E402

HEAD = """# Devices

What the edge agent reads and drives, made from the drivers and their fixtures by `make render`. Every device is a
section `[[devices]]` of the agent's configuration ([example](../firmware_configs/edge/edge_agent.toml));
`sudo anchang-edge probe --write` lists what is plugged in and writes its section ([how](operations.md)). None of them
has been **run on real hardware** yet: drivers were written from the documents named, and tested over real
pseudo-terminals, brokers and HTTP.

*documented*: the fixture holds the vendor's own example. *recorded*: a real device was listened to. *inferred*: the
format was read from public code for the device. *own*: it is this project's, or standard and put in the configuration.

"""
FORMS = ROOT / "kiosk_ui" / "desk" / "drivers.json"
"""What the desk's editor of device lists asks for; programs import no other program, so it lies beside the screens."""
_KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_LONGEST_EXAMPLE = 700


def forms() -> str:
    found = {
        driver.name: {
            "title": driver.about.title,
            "title_zh": driver.about.title_zh,
            "wiring": driver.about.wiring,
            "fields": [_form_field(driver, name) for name in driver.config.model_fields if name != "driver"],
        }
        for driver in DRIVERS
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _form_field(driver: Driver, name: str) -> dict[str, Any]:
    schema = driver.config.model_json_schema()
    told = schema["properties"][name]
    some = [each for each in told.get("anyOf", [told]) if each.get("type") != "null"]
    one = some[0] if len(some) == 1 else {}
    kind = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}.get(
        one.get("type"), "json"
    )
    limits = {word: one[key] for key, word in (("minimum", "least"), ("maximum", "most")) if key in one}
    choices = {"choices": one["enum"]} if "enum" in one else {}
    default = {"default": told["default"]} if told.get("default") not in (None, [], {}) else {}
    return {"name": name, "kind": kind, "required": name in schema.get("required", []), **default, **choices, **limits}


def document() -> str:
    parts = [HEAD, _overview(), *(_driver(driver) for driver in DRIVERS)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _overview() -> str:
    rows = []
    for driver in DRIVERS:
        about = driver.about
        link = f"[{_plain(about.title)}](#{driver.name})"
        rows.append(f"| {link} | {about.title_zh} | {about.kind} | {about.transport} | {about.proof} |")
    return "\n".join(["| device | 设备 | kind | over | format |", "|---|---|---|---|---|", *rows])


def _plain(title: str) -> str:
    """Brackets would end the text of a link."""
    return title.replace("[", "\\[").replace("]", "\\]")


def _driver(driver: Driver) -> str:
    about = driver.about
    found = "yes, from what it says" if driver.guess else "no: write the section by hand"
    lines = [
        f'<a id="{driver.name}"></a>',
        f"## {about.title} · {about.title_zh}",
        "",
        f'`driver = "{driver.name}"` · written for {", ".join(about.models)} · found by `probe`: {found}',
        "",
        f"- Format: {about.source}",
        f"- Wiring: {about.wiring}",
        "",
        "| setting | what it may be | default |",
        "|---|---|---|",
        *(f"| `{name}` | {kind} | {default} |" for name, kind, default in _settings(driver.config.model_json_schema())),
        "",
        _example(driver.name),
    ]
    return "\n".join(lines)


def _settings(schema: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    definitions = schema.get("$defs", {})
    for name, kind, default in _members(schema, definitions, ""):
        if name not in ("id", "driver"):
            yield name, kind, default


def _members(
    schema: dict[str, Any], definitions: dict[str, Any], before: str, within: str = ""
) -> Iterator[tuple[str, str, str]]:
    """`within`: the member around them that may be left out, and they with it."""
    needed = f"needed with `{within}`" if within else "**needed**"
    required = set(schema.get("required", []))
    for name, member in schema.get("properties", {}).items():
        inner, suffix = _inner(member, definitions)
        if inner is not None:
            around = within or ("" if name in required else f"{before}{name}")
            yield from _members(inner, definitions, f"{before}{name}{suffix}.", around)
        else:
            yield f"{before}{name}", _kind(member), needed if name in required else _default(member.get("default"))


def _default(value: Any) -> str:
    """TOML has no null."""
    return "not set" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _inner(member: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The model a member is made of, and how its name goes on."""
    for option in member.get("anyOf", [member]):
        if "$ref" in option:
            found = definitions[option["$ref"].rpartition("/")[2]]
            return (found, "") if "properties" in found else (None, "")
        items = option.get("items", {})
        if "$ref" in items:
            found = definitions[items["$ref"].rpartition("/")[2]]
            return (found, "[]") if "properties" in found else (None, "")
    return None, ""


def _kind(member: dict[str, Any]) -> str:
    options = [option for option in member.get("anyOf", [member]) if option.get("type") != "null"]
    return " or ".join(_one_kind(option) for option in options)


def _one_kind(option: dict[str, Any]) -> str:
    if "enum" in option:
        return " \\| ".join(f"`{value}`" for value in option["enum"])
    if "const" in option:
        return f"`{option['const']}`"
    limits = [f"{sign} {option[key]:,}" for key, sign in _LIMITS.items() if key in option]
    kind = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    kind |= {"object": "table", "array": "list"}
    return " ".join([kind.get(option.get("type", ""), option.get("type", "text")), *limits])


def _example(name: str) -> str:
    fixture = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    case = next(iter(fixture.get("cases", [])), None)
    if case is None:
        return ""
    text = "\n".join(_case(case))
    if len(text) > _LONGEST_EXAMPLE:
        text = text[:_LONGEST_EXAMPLE].rpartition(" ")[0] + " …"
    return f"The first case of its fixture, and what it means:\n\n```\n{text}\n```\n"


def _case(case: dict[str, Any]) -> Iterator[str]:
    for key, value in case.items():
        yield f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when one is stale")
    texts = {DOCUMENT: document(), FORMS: forms()}
    if not parser.parse_args().check:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make render`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
