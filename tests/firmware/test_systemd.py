"""The services of an installation, by systemd itself: no mistake in a unit, and little that it could reach."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

SHIPPED = ROOT / "firmware_configs" / "systemd"
UNITS = sorted(path.name for path in SHIPPED.glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
EXPOSURE_LIMIT = 20
"""Tenths of 10; systemd calls less than 2.5 «OK» and an unhardened service (9.6) «UNSAFE»."""

pytestmark = [
    pytest.mark.firmware,
    pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed"),
]


def _installed(folder: Path, name: str, text: str | None = None) -> Path:
    """A copy whose programs exist: `verify` looks for them."""
    program = folder / "anchang" / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.unlink(missing_ok=True)
    program.symlink_to("/bin/true")
    unit = folder / name
    unit.write_text((text or (SHIPPED / name).read_text()).replace("/opt/anchang", str(folder / "anchang")))
    return unit


def _complaints(unit: Path) -> str:
    command = [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip() or ("" if done.returncode == 0 else f"exit status {done.returncode}")


def _exposed(unit: Path) -> str:
    command = [str(ANALYZE), "security", "--offline=true", f"--threshold={EXPOSURE_LIMIT}", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_systemd_reads_the_unit_without_a_complaint(tmp_path: Path, name: str) -> None:
    assert _complaints(_installed(tmp_path, name)) == ""


@pytest.mark.parametrize("name", UNITS)
def test_what_a_taken_over_service_could_reach_stays_below_the_limit(tmp_path: Path, name: str) -> None:
    assert _exposed(_installed(tmp_path, name)) == ""


@pytest.mark.parametrize("mistake", ["ProtectSytem=strict", "Restart=allways", "MemoryMax=lots"])
def test_a_slip_of_the_pen_would_be_seen(tmp_path: Path, mistake: str) -> None:
    text = (SHIPPED / UNITS[0]).read_text().replace("[Service]\n", f"[Service]\n{mistake}\n")
    assert re.search(r"ignoring|Unknown key", _complaints(_installed(tmp_path, UNITS[0], text)))


def test_a_unit_without_its_hardening_would_be_seen(tmp_path: Path) -> None:
    bare = re.sub(
        r"^(Protect|Restrict|SystemCall|Capability|NoNew|Private).*\n", "", (SHIPPED / UNITS[0]).read_text(), flags=re.M
    )
    assert "UNSAFE" in _exposed(_installed(tmp_path, UNITS[0], bare)) or "EXPOSED" in _exposed(tmp_path / UNITS[0])
