"""Moving the vault through the command line, with real configuration files, and everything that can go half-way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.ids import uuid7
from edge_agent.vision.vault import move
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.keys import Keys
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.templates import TemplateStore, VaultError
from edge_agent.vision.vault.vault import NotGrantedError, Vault
from tests.edge_agent.vision.vault.support import Engine, Reports, Wall, entry, face, files_with


@dataclass
class Machine:
    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "keys").mkdir(parents=True)
        self.config.write_text(
            f'office = "hq"\nnode = "node"\n[outbox]\npath = "{self.folder}/outbox.db"\n[faces]\n'
            f'models = "{self.folder}"\nvault = "{self.vault_path}"\ncopy = "{self.folder}/consents.db"\n'
            f'key_file = "{self.folder}/keys/faces.key"\n'
        )

    @property
    def config(self) -> Path:
        return self.folder / "agent.toml"

    @property
    def vault_path(self) -> Path:
        return self.folder / "faces.db"

    def run(self, step: str, *arguments: str | Path) -> int:
        return move.main([step, "--config", str(self.config), *map(str, arguments)])

    def open(self) -> tuple[Vault, ConsentCopy, Lease]:
        copy, lease = ConsentCopy(self.folder / "consents.db", Wall().wall), Lease(Wall().boot)
        keys = Keys.load_or_make(self.folder / "keys" / "faces.key", vault=self.vault_path)
        vault = Vault(self.vault_path, keys, node="node", consents=copy, lease=lease, report=Reports())
        vault.use_engine(Engine())
        lease.renew(lease.now(), 900)
        return vault, copy, lease

    def matching(self) -> bool:
        vault, copy, _ = self.open()
        active = vault.active
        vault.stop()
        copy.close()
        return active

    def held(self) -> dict[str, str]:
        vault, copy, _ = self.open()
        held = vault.held()
        vault.stop()
        copy.close()
        return held

    def enrol(self, people: int) -> dict[str, str]:
        vault, copy, _ = self.open()
        for n in range(people):
            consent, person = uuid7(), uuid7()
            copy.apply([entry(consent, person)], lambda _: 0, None)
            vault.enrol(consent, person, [(face(n), 0.9)])
        held = vault.held()
        vault.stop()
        copy.close()
        return held


@pytest.fixture
def old(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "new")


@pytest.fixture
def pack(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick" / "vault.move"


@pytest.fixture
def receipt(pack: Path) -> Path:
    return pack.with_name("receipt.json")


@pytest.fixture
def key(new: Machine, capsys: pytest.CaptureFixture[str]) -> str:
    assert new.run("key") == 0
    return capsys.readouterr().out.strip()


def test_the_whole_way_each_step_twice(old: Machine, new: Machine, key: str, pack: Path, receipt: Path) -> None:
    held = old.enrol(3)
    assert old.matching()
    for _ in range(2):
        assert old.run("export", "--to", key, "--file", pack) == 0
        assert not old.matching()
    for _ in range(2):
        assert new.run("import", "--file", pack, "--receipt", receipt) == 0
    assert (new.matching(), old.matching()) == (True, False)
    assert new.held() == held
    assert not pack.exists()
    for _ in range(2):
        assert old.run("wipe", "--receipt", receipt) == 0
    assert old.held() == {}
    assert (new.matching(), old.matching()) == (True, False)


def test_the_vectors_arrive_unchanged_under_the_new_key(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path
) -> None:
    old.enrol(3)
    with TemplateStore(old.vault_path, Keys.load(old.folder / "keys" / "faces.key").aes) as store:
        before = {t.template_id: t for t in store.load()}
    old.run("export", "--to", key, "--file", pack)
    new.run("import", "--file", pack, "--receipt", receipt)
    with TemplateStore(new.vault_path, Keys.load(new.folder / "keys" / "faces.key").aes) as store:
        assert {t.template_id: t for t in store.load()} == before


def test_nothing_readable_travels(old: Machine, key: str, pack: Path) -> None:
    held = old.enrol(1)
    old.run("export", "--to", key, "--file", pack)

    (consent,) = held
    for secret in (consent.encode(), face(0).tobytes()[:16]):
        assert files_with(pack.parent, secret) == []
    assert pack.stat().st_mode & 0o777 == 0o600


def test_an_exported_vault_enrols_nobody_and_confirms_no_deletion_of_what_travels(
    old: Machine, key: str, pack: Path
) -> None:
    held = old.enrol(1)
    old.run("export", "--to", key, "--file", pack)
    vault, copy, _ = old.open()
    consent, person = uuid7(), uuid7()
    copy.apply([entry(consent, person)], lambda _: 0, None)

    with pytest.raises(VaultError, match="moved"):
        vault.enrol(consent, person, [(face(9), 0.9)])
    with pytest.raises(VaultError, match="being moved"):
        vault.forget(next(iter(held)))
    assert vault.forget(consent) == 0
    assert (vault.status().vault, vault.status().reason, vault.status().vault_key) == (False, "vault_moved", "")
    vault.stop()
    copy.close()


def test_what_ended_on_the_way_does_not_come_back(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path
) -> None:
    held = old.enrol(2)
    old.run("export", "--to", key, "--file", pack)
    ended, stays = held
    copy = ConsentCopy(new.folder / "consents.db")
    copy.apply([entry(ended, held[ended], granted=False)], lambda _: 0, None)
    copy.close()
    new.run("import", "--file", pack, "--receipt", receipt)

    assert set(new.held()) == {stays}


def test_the_old_templates_stay_until_the_right_receipt(old: Machine, key: str, pack: Path, receipt: Path) -> None:
    held = old.enrol(2)
    assert old.run("wipe", "--receipt", receipt) == 2
    old.run("export", "--to", key, "--file", pack)
    receipt.write_text(f'{{"move_id": "{uuid7()}", "templates": 2, "proof": "00"}}')
    assert old.run("wipe", "--receipt", receipt) == 2

    assert old.held() == held


def test_a_vault_is_exported_to_one_machine_only(
    old: Machine, key: str, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old.enrol(1)
    old.run("export", "--to", key, "--file", pack)

    assert old.run("export", "--to", Keys.make().public_text, "--file", tmp_path / "second") == 2
    assert "another machine" in capsys.readouterr().err
    assert not (tmp_path / "second").exists()


def test_only_the_machine_it_was_sealed_to_opens_it(
    old: Machine, key: str, pack: Path, receipt: Path, tmp_path: Path
) -> None:
    old.enrol(1)
    old.run("export", "--to", key, "--file", pack)
    thief = Machine(tmp_path / "thief")

    assert thief.run("import", "--file", pack, "--receipt", receipt) == 2
    assert old.run("import", "--file", pack, "--receipt", receipt) == 2
    assert not receipt.exists()


def test_a_vault_that_holds_people_takes_in_no_other(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path
) -> None:
    old.enrol(1)
    held = new.enrol(1)
    old.run("export", "--to", key, "--file", pack)

    assert new.run("import", "--file", pack, "--receipt", receipt) == 2
    assert new.held() == held


def test_a_copy_of_an_old_pack_brings_nothing_back_to_life(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path, tmp_path: Path
) -> None:
    """There and on to a third machine: then the first pack, copied aside, is worth nothing on the second."""
    old.enrol(1)
    old.run("export", "--to", key, "--file", pack)
    aside = pack.read_bytes()
    new.run("import", "--file", pack, "--receipt", receipt)
    third = Machine(tmp_path / "third")
    third_key = Keys.load_or_make(third.folder / "keys" / "faces.key").public_text
    new.run("export", "--to", third_key, "--file", pack)
    third.run("import", "--file", pack, "--receipt", receipt)
    new.run("wipe", "--receipt", receipt)
    pack.write_bytes(aside)

    assert new.run("import", "--file", pack, "--receipt", receipt) == 2
    assert [machine.matching() for machine in (old, new, third)] == [False, False, True]


def test_back_to_the_machine_it_came_from(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = old.enrol(1)
    old.run("export", "--to", key, "--file", pack)
    new.run("import", "--file", pack, "--receipt", receipt)
    old.run("wipe", "--receipt", receipt)
    capsys.readouterr()
    old.run("key")
    new.run("export", "--to", capsys.readouterr().out.strip(), "--file", pack)
    old.run("import", "--file", pack, "--receipt", receipt)
    new.run("wipe", "--receipt", receipt)

    assert old.held() == held
    assert (old.matching(), new.matching()) == (True, False)


def test_a_running_agent_is_in_the_way(old: Machine, key: str, pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vault, copy, _ = old.open()
    assert old.run("export", "--to", key, "--file", pack) == 2
    vault.stop()
    copy.close()

    assert "another process" in capsys.readouterr().err
    assert not pack.exists()


def test_the_consents_are_the_new_machines_own(old: Machine, new: Machine, key: str, pack: Path, receipt: Path) -> None:
    """Moved templates alone recognise nobody: the new node first hears from the gateway."""
    old.enrol(1)
    old.run("export", "--to", key, "--file", pack)
    new.run("import", "--file", pack, "--receipt", receipt)
    vault, copy, _ = new.open()
    consent, person = next(iter(vault.held().items()))

    assert not copy.granted(consent, person)
    with pytest.raises(NotGrantedError):
        vault.enrol(consent, person, [(face(1), 0.9)])
    vault.stop()
    copy.close()


def test_an_import_cut_off_before_its_receipt_is_taken_up_again(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path, tmp_path: Path
) -> None:
    held = old.enrol(2)
    old.run("export", "--to", key, "--file", pack)
    assert new.run("import", "--file", pack, "--receipt", tmp_path / "no such folder" / "receipt.json") == 2
    assert old.run("wipe", "--receipt", receipt) == 2
    assert new.run("import", "--file", pack, "--receipt", receipt) == 0
    assert old.run("wipe", "--receipt", receipt) == 0

    assert new.held() == held


def test_an_export_cut_off_before_its_file_has_stopped_the_vault_already(
    old: Machine, new: Machine, key: str, pack: Path, receipt: Path, tmp_path: Path
) -> None:
    held = old.enrol(2)
    assert old.run("export", "--to", key, "--file", tmp_path / "no such folder" / "pack") == 2
    assert not old.matching()
    assert old.run("export", "--to", key, "--file", pack) == 0
    assert new.run("import", "--file", pack, "--receipt", receipt) == 0

    assert new.held() == held
