"""The parts of the office-in-a-box that need no running program: ports, files, state."""

import json
import socket
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.pins import verify_pin
from edge_agent.config import load as load_agent
from edge_agent.health import count_start
from simulator.box import toml
from simulator.box.configs import write_configs
from simulator.box.faces import Faces, find
from simulator.box.offices import LIVE, OFFICES, YOURS
from simulator.box.ports import choose
from simulator.box.run import reset
from simulator.box.state import Folder, State, StateError, write_secrets
from simulator.command import main
from simulator.people.settings import PeopleSettings
from simulator.settings import load

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FACES = Faces(Path("models"), Path("portraits"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "demo")
    folder.make()
    return folder


def test_a_taken_port_is_stepped_over_and_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen, stepped = choose({"gateway": port, "central": port})
    assert port not in chosen.values()
    assert chosen["gateway"] != chosen["central"]
    assert [(each.program, each.wanted) for each in stepped] == [("gateway", port), ("central", port)]


def test_toml_reads_back_as_it_was_written() -> None:
    table = {
        "name": '云栖"湖岸',
        "on": True,
        "list": [1, 2],
        "sub": {"deep": {"x": 1.5}},
        "rows": [{"id": "a", "more": {"k": "v"}}, {"id": "b"}],
    }
    assert tomllib.loads(toml.dumps(table)) == table


def test_secrets_are_random_and_readable_by_their_owner_only(folder: Folder) -> None:
    state, other = State.new(NOW, 1), State.new(NOW, 1)
    folder.save(state)
    write_secrets(folder, state, OFFICES)
    write_configs(folder, state, OFFICES, 1.0, FACES)
    assert state.tokens["kiosk"] != other.tokens["kiosk"]
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_what_was_saved_is_loaded_again(folder: Folder) -> None:
    state = State.new(NOW, 1)
    folder.save(state)
    assert folder.load() == state


def test_the_gateways_and_centrals_seal_keys_are_the_same(folder: Folder) -> None:
    state = State.new(NOW, 1)
    write_secrets(folder, state, OFFICES)
    keys = json.loads((folder / "secrets/gateway.keys").read_text())
    assert keys["seal_key"] == (folder / f"secrets/{LIVE.slug}.seal").read_text()


def test_the_first_consultant_is_left_to_the_human(folder: Folder) -> None:
    configs = write_configs(folder, State.new(NOW, 1), OFFICES, 1.0, FACES)
    played = [each.staff_no for each in load(PeopleSettings, configs["people"]).consultants]
    assert YOURS.staff_no not in played
    assert len(played) == len(LIVE.consultants) - 1


def test_only_a_first_start_tells_stories(folder: Folder) -> None:
    state = State.new(NOW, 1)
    told = []
    for state.starts in (1, 2):
        configs = write_configs(folder, state, OFFICES, 1.0, FACES)
        told.append(load(PeopleSettings, configs["people"]).stories is not None)
    assert told == [True, False]


@pytest.mark.parametrize("program", ["devices", "people", "history"])
def test_the_written_configuration_passes_its_check(folder: Folder, program: str) -> None:
    state = State.new(NOW, 1)
    write_secrets(folder, state, OFFICES)
    path = write_configs(folder, state, OFFICES, 1.0, FACES)[program]
    assert main([program, "--config", str(path), "--check"]) == 0


def test_the_agents_own_folder_in_memory_ends_with_each_start(folder: Folder) -> None:
    state = State.new(NOW, 1)
    folder.save(state)
    path = write_configs(folder, state, OFFICES, 1.0, FACES)["edge_agent"]
    counted = []
    for _ in range(3):
        folder.make()
        counted.append(count_start(load_agent(path).status_file.parent))
    assert counted == [1, 1, 1]


def test_cameras_are_devices_in_a_program_of_their_own(folder: Folder) -> None:
    state = State.new(NOW, 1)
    write_secrets(folder, state, OFFICES)
    with_faces = write_configs(folder, state, OFFICES, 1.0, FACES)
    assert main(["devices", "--config", str(with_faces["cameras"]), "--check"]) == 0
    assert "faces" in tomllib.loads(with_faces["edge_agent"].read_text())
    without = write_configs(folder, state, OFFICES, 1.0, None)
    assert "cameras" not in without
    assert "faces" not in tomllib.loads(without["edge_agent"].read_text())


def test_no_cameras_without_weights_and_every_portrait(tmp_path: Path) -> None:
    assert find(tmp_path) is None


def test_a_mistake_in_a_configuration_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "devices.toml"
    path.write_text('control = "c.sock"\n[[devices]]\nkind = "serial_button"\nid = "UPPER"\nlink = "x"\n')
    assert main(["devices", "--config", str(path), "--check"]) == 2
    assert "devices.0.serial_button.id" in capsys.readouterr().err


def test_a_folder_with_someone_elses_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StateError):
        Folder(tmp_path).make()
    with pytest.raises(StateError):
        reset(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_reset_forgets_everything_of_ours(folder: Folder) -> None:
    folder.save(State.new(NOW, 1))
    assert reset(folder.root)
    assert not folder.root.exists()
    assert not reset(folder.root)


def test_head_office_can_sign_in_and_a_new_start_changes_neither_pin_nor_hash(folder: Folder) -> None:
    """Also in a folder kept from before head office had accounts. Another hash would end the sessions there."""
    older = json.loads(State.new(NOW, 1).model_dump_json())
    del older["head_office"]
    folder.secret("box.json", json.dumps(older))
    first = folder.load()
    assert first is not None
    folder.save(first)
    assert folder.load() == first
    configs = write_configs(folder, first, OFFICES, 1.0, FACES)
    (listed,) = tomllib.loads(configs["central"].read_text())["people"].values()
    (shown,) = (
        a for a in tomllib.loads(configs["kiosk_ui"].read_text())["demo"]["accounts"] if a["screen"] == "console"
    )
    assert shown["staff_no"] == listed["staff_no"]
    assert verify_pin(shown["pin"], listed["pin_hash"])


def test_each_agency_s_agent_is_listed_with_a_pin_that_central_takes_and_a_new_start_keeps_both(folder: Folder) -> None:
    folder.save(State.new(NOW, 1))
    state = folder.load()
    assert state is not None
    again = folder.load()
    assert again is not None
    assert again.agencies == state.agencies
    shown = tomllib.loads(write_configs(folder, state, OFFICES, 1.0, FACES)["kiosk_ui"].read_text())["demo"]["accounts"]
    agents = [account for account in shown if account["screen"] == "agent"]
    assert [account["staff_no"] for account in agents] == ["K01", "K02"]
    for account, agency in zip(agents, state.agencies, strict=True):
        assert verify_pin(account["pin"], agency.agent.pin_hash)


def test_the_screens_show_times_in_the_office_s_own_zone(folder: Folder) -> None:
    state = State.new(NOW, 1)
    configs = write_configs(folder, state, OFFICES, 1.0, FACES)
    screens, gateway = (tomllib.loads(configs[name].read_text()) for name in ("kiosk_ui", "gateway"))
    assert screens["project"]["time_zone"] == gateway["time_zone"] == state.time_zone
