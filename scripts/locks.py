"""Whether every lock of requirements/ still belongs to pyproject.toml; needs no network.

The first line of each lock is a fingerprint of the requirements it was resolved from (`--stamp` writes it after a
resolution, `--check` compares it), and every pin must satisfy them.
"""

import argparse
import hashlib
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
ROLES = ("edge", "vision", "insightface", "gateway", "screens", "central", "demo", "dev")
FINGERPRINT = "# resolved from sha256:"


def requirements_of(role: str) -> list[Requirement]:
    """The direct requirements of one extra, the base ones included, extras of the project itself followed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    found: dict[str, Requirement] = {}

    def follow(lines: list[str]) -> None:
        for requirement in map(Requirement, lines):
            if canonicalize_name(requirement.name) == project["name"]:
                for extra in sorted(requirement.extras):
                    follow(extras[extra])
            else:
                found[str(requirement)] = requirement

    follow(project["dependencies"])
    follow(extras[role])
    return [found[text] for text in sorted(found)]


def fingerprint(role: str) -> str:
    text = "\n".join(map(str, requirements_of(role)))
    return FINGERPRINT + hashlib.sha256(text.encode()).hexdigest()


def lock_path(role: str) -> Path:
    return ROOT / "requirements" / f"{role}.txt"


def pins_of(role: str) -> dict[str, str]:
    """Canonical package name → pinned version."""
    pins: dict[str, str] = {}
    for line in lock_path(role).read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            pins[canonicalize_name(requirement.name)] = next(iter(requirement.specifier)).version
    return pins


def problems_of(role: str) -> list[str]:
    """What is wrong with one lock, in sentences; empty when it is current."""
    path = lock_path(role)
    if not path.exists():
        return [f"{path.name} is missing"]
    problems = []
    if path.read_text().splitlines()[0] != fingerprint(role):
        problems.append(f"{path.name} was resolved from other requirements than pyproject.toml now has")
    pins = pins_of(role)
    for requirement in requirements_of(role):
        version = pins.get(canonicalize_name(requirement.name))
        if version is None:
            problems.append(f"{path.name} does not pin {requirement.name}")
        elif not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{path.name} pins {requirement.name} {version}, which is not {requirement.specifier}")
    return problems


def stamp(role: str) -> None:
    lines = [line for line in lock_path(role).read_text().splitlines() if not line.startswith(FINGERPRINT)]
    lock_path(role).write_text("\n".join([fingerprint(role), *lines]) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--stamp", action="store_true")
    if parser.parse_args().stamp:
        for role in ROLES:
            stamp(role)
        return 0
    problems = [problem for role in ROLES for problem in problems_of(role)]
    for problem in problems:
        print(f"{problem}: run `make lock`", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
