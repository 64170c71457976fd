"""docker-compose.yml against the Compose specification's structure and our own rules for every service."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.support.processes import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BUILT = {name: service for name, service in SERVICES.items() if "build" in service}
# Members of a service that we use, from compose-spec (github.com/compose-spec/compose-spec/blob/main/05-services.md).
SERVICE_MEMBERS = {
    "build", "cap_drop", "command", "configs", "depends_on", "devices", "entrypoint", "environment", "group_add",
    "healthcheck", "image", "init", "logging", "network_mode", "networks", "ports", "profiles", "read_only", "restart",
    "secrets", "security_opt", "shm_size", "stop_grace_period", "tmpfs", "user", "volumes",
}  # fmt: skip


def sources(service: dict[str, Any], kind: str) -> list[str]:
    return [entry if isinstance(entry, str) else entry["source"] for entry in service.get(kind, [])]


def file_behind(path: str) -> str:
    """A `configs` file with its variable replaced by the default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path)


def test_only_known_members_are_used() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == {
        "name", "services", "networks", "volumes", "configs", "secrets",
    }  # fmt: skip
    unknown = {name: set(service) - SERVICE_MEMBERS for name, service in SERVICES.items()}
    assert {name: members for name, members in unknown.items() if members} == {}


def test_an_office_and_the_head_office_have_their_services() -> None:
    profiles: dict[str, set[str]] = {}
    for name, service in SERVICES.items():
        for profile in service["profiles"]:
            profiles.setdefault(profile, set()).add(name)
    assert profiles == {
        "office": {"mosquitto", "gateway", "screens"},
        "edge": {"edge_agent"},
        "central": {"postgres", "central", "console"},
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_cannot_write_its_own_system_or_become_root(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_whether_it_is_healthy(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()
    for argument in check["test"]:
        if argument.startswith("docker/"):
            assert (ROOT / argument).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_bound_to_loopback_unless_said_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith(("127.0.0.1:", "${ANCHANG_BROKER_ADDRESS:-127.0.0.1}:"))


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_refers_to_exists(name: str) -> None:
    service = SERVICES[name]
    for kind in ("configs", "secrets"):
        assert set(sources(service, kind)) <= set(COMPOSE[kind])
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
    for other, how in service.get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}
        assert set(service["profiles"]) & set(SERVICES[other]["profiles"])


@pytest.mark.parametrize("kind", ["configs", "secrets"])
def test_every_declared_file_is_used(kind: str) -> None:
    used = {name for service in SERVICES.values() for name in sources(service, kind)}
    assert used == set(COMPOSE[kind])


def test_every_configuration_file_is_shipped() -> None:
    files = {file_behind(entry["file"]) for entry in COMPOSE["configs"].values()}
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_secrets_are_files_outside_the_repository_and_never_values() -> None:
    for entry in COMPOSE["secrets"].values():
        assert entry["file"].startswith("${ANCHANG_SECRETS:-./secrets}/")
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|SECRET", name):
                assert value.startswith("/run/secrets/"), name
                assert value.removeprefix("/run/secrets/") in sources(service, "secrets"), name


@pytest.mark.parametrize("name", BUILT)
def test_an_image_is_built_from_a_program_and_its_lock(name: str) -> None:
    build = BUILT[name]["build"]
    assert (ROOT / build["dockerfile"]).is_file()
    assert (ROOT / build["args"]["PROGRAM"] / "__init__.py").is_file()
    assert (ROOT / "requirements" / f"{build['args']['LOCK']}.txt").is_file()
    prefix = f"ANCHANG_{build['args']['PROGRAM'].upper()}__"
    overrides = [variable for variable in BUILT[name]["environment"] if variable.startswith("ANCHANG_")]
    assert [variable for variable in overrides if not variable.startswith(prefix)] == []


def test_the_image_copies_only_what_the_build_context_holds() -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    allowed = {line[1:].split("/")[0] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    names = {source.split("/")[0] for sources in copied for source in sources.split()} - {"${PROGRAM}"}
    assert names <= allowed
    assert {service["build"]["args"]["PROGRAM"] for service in BUILT.values()} <= allowed
    for source in re.findall(r"docker/\w+\.\w+", " ".join(copied)):
        assert (ROOT / source).is_file()


def test_the_console_has_no_gateway_and_names_its_secrets() -> None:
    console = tomllib.loads((ROOT / "docker" / "console.toml").read_text())
    assert "gateway" not in console
    named = {console["storage_secret_file"]}
    assert named == {f"/run/secrets/{name}" for name in SERVICES["console"]["secrets"]}


def test_it_says_that_it_was_not_run() -> None:
    assert "NOT YET RUN" in (ROOT / "docker-compose.yml").read_text().splitlines()[0]
