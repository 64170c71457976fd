"""A Raspberry Pi's first start and its kiosk: cloud-init's own schema, systemd's own reader, the script at work."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.processes import ROOT, free_port, until

PI = ROOT / "firmware_configs" / "pi"
TOOLS = ROOT / "build" / "esphome-venv" / "bin"
CLOUD_INIT = ROOT / "build" / "cloud-init" / "usr" / "lib" / "python3" / "dist-packages"
ANALYZE = shutil.which("systemd-analyze")
RULES = "line-length: {max: 140}, document-start: disable, comments: {min-spaces-from-content: 1}"
STYLE = f"{{extends: default, rules: {{{RULES}}}}}"

pytestmark = [
    pytest.mark.firmware,
    pytest.mark.skipif(not TOOLS.exists() or not CLOUD_INIT.exists(), reason="no tools: scripts/firmware.sh"),
]


def _schema(file: Path) -> subprocess.CompletedProcess[str]:
    command = [str(TOOLS / "python"), "-m", "cloudinit.cmd.main", "schema", "--config-file", str(file)]
    environment = os.environ | {"PYTHONPATH": str(CLOUD_INIT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def _read(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((PI / "cloud-init" / name).read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_cloud_init_accepts_the_first_start() -> None:
    done = _schema(PI / "cloud-init" / "user-data")
    assert (done.returncode, "Valid cloud-config" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("mistake", ["packages: {git: 1}", "write_files: {path: /etc/x}", "users: 3"])
def test_a_slip_of_the_pen_would_be_seen(tmp_path: Path, mistake: str) -> None:
    (tmp_path / "user-data").write_text(f"#cloud-config\nhostname: x\n{mistake}\n")
    assert _schema(tmp_path / "user-data").returncode != 0


def test_every_section_is_one_that_cloud_init_knows() -> None:
    """Its own check of 2022 lets unknown sections pass, a `pakages` too."""
    schema = json.loads((CLOUD_INIT / "cloudinit" / "config" / "schemas" / "schema-cloud-config-v1.json").read_text())
    known = {section for part in schema["$defs"].values() for section in part.get("properties", {})}
    assert _read("user-data").keys() <= known | {"hostname", "manage_etc_hosts"}


def test_the_network_and_the_instance_are_what_cloud_init_reads() -> None:
    assert _read("network-config")["network"]["version"] == 2
    assert _read("meta-data").keys() == {"instance-id"}


def test_nobody_can_sign_in_with_a_password() -> None:
    config = _read("user-data")
    assert (config["ssh_pwauth"], config["disable_root"]) == (False, True)
    assert [user["lock_passwd"] for user in config["users"]] == [True]
    assert not {"passwd", "plain_text_passwd", "hashed_passwd"} & set().union(*config["users"])
    assert "chpasswd" not in config


def test_what_is_installed_at_the_first_start_is_in_the_repository() -> None:
    *_, install = _read("user-data")["runcmd"]
    script = ROOT / install[0].removeprefix("/opt/anchang/")
    assert os.access(script, os.X_OK)
    done = subprocess.run([script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, "it works at its own place alone"
    for line in script.read_text().splitlines():
        for word in line.replace('"', " ").split():
            if word.startswith("firmware_configs/") and not set("${*") & set(word):
                assert (ROOT / word).exists(), word


def test_the_files_in_yaml_are_written_as_yaml_should_be() -> None:
    folders = [PI / "cloud-init", *sorted((ROOT / "firmware_configs" / "esphome").glob("*.yaml"))]
    done = subprocess.run(
        [str(TOOLS / "yamllint"), "--strict", "-d", STYLE, *map(str, folders)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout + done.stderr == ""


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_reads_the_kiosk_s_unit_without_a_complaint(tmp_path: Path) -> None:
    unit = tmp_path / "anchang-kiosk.service"
    unit.write_text((PI / "kiosk" / unit.name).read_text().replace("/usr/bin/labwc", "/bin/true"))
    command = [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_window_manager_has_one_key_and_it_hides_the_pointer() -> None:
    config = ET.parse(PI / "kiosk" / "rc.xml").getroot()
    keys = config.findall("./keyboard/keybind")
    assert [(key.get("key"), [action.get("name") for action in key]) for key in keys] == [("A-W-h", ["HideCursor"])]
    assert config.find("./keyboard/default") is None
    assert config.find("./mouse/default") is None
    autostart = (PI / "kiosk" / "autostart").read_text()
    assert "wtype -M alt -M logo -k h" in autostart


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def started(tmp_path: Path, port: int) -> Iterator[Path]:
    """The script with a stand-in for the browser, which notes how it was called and ends; the file of its notes."""
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    notes = tmp_path / "notes"
    browser.write_text(
        f'#!/bin/sh\nmkdir {tmp_path}/anchang-kiosk && touch {tmp_path}/anchang-kiosk/typed\necho "$@" >>{notes}\n'
    )
    browser.chmod(0o755)
    environment = {
        "PATH": f"{browser.parent}:{os.environ['PATH']}",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "ANCHANG_KIOSK_PAGE": f"http://127.0.0.1:{port}/kiosk",
    }
    script = subprocess.Popen(
        [str(PI / "kiosk" / "anchang-kiosk.sh")], env=environment, start_new_session=True, stderr=sys.stderr
    )
    yield notes
    os.killpg(script.pid, 9)
    script.wait(10)


def test_the_kiosk_waits_for_its_page_and_starts_the_browser_anew_with_nothing_left(started: Path, port: int) -> None:
    with pytest.raises(AssertionError):
        until(started.exists, seconds=0.5, what="a browser without a page")
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        until(
            lambda: started.exists() and len(started.read_text().splitlines()) >= 2, seconds=15, what="a second start"
        )
        server.shutdown()
    first, second, *_ = started.read_text().splitlines()
    assert first == second
    flags = first.split()
    assert flags[-1] == f"http://127.0.0.1:{port}/kiosk"
    assert {
        "--kiosk", "--ozone-platform=wayland", "--noerrdialogs", "--no-first-run", "--disable-pinch", "--incognito",
        "--overscroll-history-navigation=0", "--autoplay-policy=no-user-gesture-required",
    } <= set(flags)  # fmt: skip
