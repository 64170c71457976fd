"""What must be true of every file in the repository, whatever it does."""

import configparser
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.processes import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import locks

GENERATED = ("requirements/", "docs/contracts/")
BINARY = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".woff", ".woff2", ".ttf", ".otf", ".mp3", ".ogg", ".wav"}

# Split, so that this file does not hold what it looks for.
PACKAGE_INDEX = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "index" + "-url", "mirrors?" + r"\.[a-z]+\.(com|cn|edu)"])
)
MACHINE_PATH = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + "work/",
            "/op" + "t/pypi",
            "/op" + "t/wheels",
            "/roo" + "t/",
            "/home/" + r"[a-z]+/",
            "/Use" + r"rs/[a-z]+/",
        ]
    )
)
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bsk-[A-Za-z0-9]{32,}\b"
    r"|(?i:password|secret|token|api_?key)\s*[=:]\s*[\"'][A-Za-z0-9+/=_-]{24,}[\"']"
)


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked()
TEXTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in FILES
    if Path(name).suffix.lower() not in BINARY and not name.startswith("tests/fixtures/")
}


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in TEXTS.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_index() -> None:
    assert lines_matching(PACKAGE_INDEX) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_matching(MACHINE_PATH) == []


def test_no_file_holds_a_secret() -> None:
    assert lines_matching(SECRET) == []


def test_no_file_is_too_long_to_read() -> None:
    long = {name: len(text.splitlines()) for name, text in TEXTS.items() if not name.startswith(GENERATED)}
    assert {name: lines for name, lines in long.items() if lines >= 2000} == {}


def test_no_python_file_is_longer_than_400_lines() -> None:
    lines = {name: len(text.splitlines()) for name, text in TEXTS.items() if name.endswith(".py")}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_no_file_is_larger_than_two_megabytes() -> None:
    assert [name for name in FILES if (ROOT / name).stat().st_size > 2_000_000] == []


@pytest.mark.parametrize("role", locks.ROLES)
def test_every_role_has_a_current_lock(role: str) -> None:
    assert locks.problems_of(role) == []


def test_every_extra_is_a_role() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == set(locks.ROLES)


@pytest.mark.parametrize("role", locks.ROLES)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(role: str) -> None:
    text = locks.lock_path(role).read_text()
    assert re.search(r"https?://|file:|^-", text, re.MULTILINE) is None
    entries = re.split(r"\n(?=\S)", text.strip())[1:]
    assert len(entries) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_development_and_demo_share_one_environment() -> None:
    demo, development = locks.pins_of("demo"), locks.pins_of("dev")
    assert {name: (pin, development.get(name)) for name, pin in demo.items() if development.get(name) != pin} == {}


@pytest.mark.parametrize(
    "name",
    [name for name in FILES if name.startswith(("scripts/", "firmware_configs/")) and name.endswith(".sh")]
    + [".ci/run"],
)
def test_a_script_can_be_run_and_stops_at_mistakes(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111
    assert re.search(r"^set -e?uo pipefail$", TEXTS[name], re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".md")])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", TEXTS[name])
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (ROOT / name).parent.joinpath(target).exists()] == []


UNITS = [name for name in FILES if name.startswith("firmware_configs/systemd/") and name.endswith(".service")]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_hardened_checks_its_configuration_and_comes_back(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(TEXTS[name])
    service = unit["Service"]
    program = re.search(r" -m (\w+) --config (/etc/anchang/\w+\.toml)$", service["ExecStart"])
    assert program is not None and (ROOT / program[1]).is_dir()
    goes_on_without = "-" if program[1] == "edge_agent" else ""
    assert service["ExecStartPre"] == f"{goes_on_without}{service['ExecStart']} --check"
    assert service["User"] == "anchang"
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["UMask"] == "0077"


def test_there_is_a_unit_for_every_installed_program() -> None:
    programs = {re.search(r" -m (\w+) ", TEXTS[name])[1] for name in UNITS}  # type: ignore[index]
    assert programs == {"edge_agent", "gateway", "kiosk_ui", "central"}
