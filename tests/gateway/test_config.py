"""The configuration file, and the command line around it."""

from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.config import ConfigError, load

EXAMPLE = Path(__file__).parents[2] / "firmware_configs" / "gateway" / "gateway.toml"


def write(folder: Path, extra: str = "") -> Path:
    file = folder / "gateway.toml"
    start = f'office = "yunqi"\noffice_name = "云栖湖岸"\ndatabase = "{folder}/g.db"\nkeys_file = "{folder}/keys"\n'
    file.write_text(start + extra)
    return file


def test_the_example_is_valid() -> None:
    config = load(EXAMPLE)
    assert (config.office, config.http.port, config.policy.offer_seconds) == ("yunqi", 8100, 30)


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANCHANG_GATEWAY__HTTP__PORT", "8101")
    monkeypatch.setenv("ANCHANG_GATEWAY__POLICY__OFFER_SECONDS", "45")
    config = load(write(tmp_path, '[http]\nport = 9000\nhost = "127.0.0.2"\n'))
    assert (config.http.port, config.http.host, config.policy.offer_seconds) == (8101, "127.0.0.2", 45)


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ('[http]\nport = "many"\n', "http.port"),
        ("[http]\nprot = 1\n", "http.prot"),
        ('time_zone = "Mars/Base"\n', "time_zone"),
        ('[devices.kiosk-1]\nrole = "consultant"\ntoken_sha256 = "00"\n', "devices.kiosk-1.role"),
        ('[devices.kiosk-1]\nrole = "kiosk"\ntoken_sha256 = "%s"\nnode = "lobby"\n' % ("0" * 64), "devices.kiosk-1"),
        ("[faces]\nretention_days = 0\n", "faces.retention_days"),
        ('[sms]\nsender = "pigeon"\n', "sms.sender"),
        ('[central]\nurl = "http://central"\n', "central.token_file"),
        ('[broker]\npassword_file = "/nowhere"\n', "broker.password_file"),
        ("[policy]\noffer_seconds = 0\n", "policy.offer_seconds: 太小了；请填 1 或以上"),
        ('[policy]\noffice_language = "en"\noffer_seconds = 0\n', "policy.offer_seconds: too small; give 1 or more"),
        ("[policy]\nrota_opens = 19:00:00\n", "policy.rota_closes: 轮排在开始之前就结束了"),
        ('[backup]\nfolder = "/mnt/copies"\n', "backup.key_file"),
        ('[backup]\nfolder = "/mnt/copies"\nkey_file = "/nowhere"\n', "backup.key_file"),
        ("[backup]\nkeep_days = 0\n", "backup.keep_days"),
        ("[http\n", "not TOML"),
    ],
)
def test_each_mistake_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: str, place: str
) -> None:
    file = write(tmp_path, extra)
    with pytest.raises(ConfigError, match=place):
        load(file)
    assert main(["--config", str(file), "--check"]) == 2
    assert place in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "copies/"])
def test_the_backup_key_is_not_kept_beside_what_it_opens(tmp_path: Path, place: str) -> None:
    (tmp_path / "copies").mkdir()
    key = tmp_path / f"{place}backup.key"
    key.touch()
    extra = f'[backup]\nfolder = "{tmp_path}/copies"\nkey_file = "{key}"\n'
    with pytest.raises(ConfigError, match=r"backup\.key_file: keep it apart"):
        load(write(tmp_path, extra))


def test_check_says_good_and_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(write(tmp_path)), "--check"]) == 0
    assert "good" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["gateway.toml"]


def test_without_a_configuration_it_says_which_file_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "gateway.toml" in capsys.readouterr().err
