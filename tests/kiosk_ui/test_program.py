"""The program's door: what it asks of its configuration."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_ui.__main__ import main
from kiosk_ui.config import ConfigError, load
from tests.kiosk_ui.conftest import write_config


def test_without_a_file_it_says_which_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--config" in capsys.readouterr().err


def test_a_valid_file_passes_the_check(tmp_path: Path) -> None:
    assert main(["--config", str(write_config(tmp_path, "http://127.0.0.1:8100", 8300)), "--check"]) == 0


def test_each_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    file = write_config(tmp_path, "not a url", 99999)
    with pytest.raises(ConfigError) as told:
        load(file)
    places = " ".join(told.value.places)
    assert "gateway.url" in places
    assert "port" in places


@pytest.mark.parametrize("zone", ["Mars/Base", "Asia", "../etc/passwd", "", "A" * 5000])
def test_a_time_zone_that_there_is_not_is_a_mistake(tmp_path: Path, zone: str) -> None:
    file = write_config(tmp_path, "http://127.0.0.1:8100", 8300)
    file.write_text(file.read_text().replace("[project]\n", f'[project]\ntime_zone = "{zone}"\n'))
    with pytest.raises(ConfigError, match=r"project\.time_zone.*is not a time zone"):
        load(file)


def test_a_missing_secret_is_a_mistake(tmp_path: Path) -> None:
    file = write_config(tmp_path, "http://127.0.0.1:8100", 8300)
    (tmp_path / "kiosk").unlink()
    with pytest.raises(ConfigError, match="kiosk_token_file"):
        load(file)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_config(tmp_path, "http://127.0.0.1:8100", 8300)
    monkeypatch.setenv("ANCHANG_KIOSK_UI__PORT", "8301")
    monkeypatch.setenv("ANCHANG_KIOSK_UI__GATEWAY__URL", "http://10.0.0.5:8100")
    config = load(file)
    assert config.port == 8301
    assert config.gateway is not None
    assert config.gateway.url == "http://10.0.0.5:8100"


def test_the_shipped_example_names_only_settings_that_exist(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "firmware_configs" / "screens" / "kiosk_ui.toml"
    with pytest.raises(ConfigError) as told:
        load(example)
    assert all("is not a readable file" in place for place in told.value.places)


def test_the_check_does_not_load_the_page_framework(tmp_path: Path) -> None:
    file = write_config(tmp_path, "http://127.0.0.1:8100", 8300)
    act = f"main(['--config', {str(file)!r}, '--check'])"
    code = f"import sys; from kiosk_ui.__main__ import main; {act}; print('nicegui' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
