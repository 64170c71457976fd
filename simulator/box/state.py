"""What the office-in-a-box keeps between starts: secrets, accounts, ids, ports. Made on the first start, mode 0600."""

import base64
import json
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.ids import Uuid, uuid7
from contracts.pins import hash_pin
from contracts.values import UtcDateTime
from simulator.box.hours import zone_open_at
from simulator.box.offices import AGENCIES, HEAD_OFFICE, OFFICES, Office, Person
from simulator.box.ports import DEFAULTS

TOKENS = ("kiosk", "board", "phone", "simulated-kiosk", "simulated-board", "hq-admin", "hq-manager")
_FILE = "box.json"
_EASY_PINS = {"0000", "1111", "1234", "2222", "3333", "4444", "5555", "6666", "7777", "8888", "9999"}


class StateError(RuntimeError):
    """The folder holds something else, or state that cannot be read."""


class Account(BaseModel):
    person_id: Uuid
    staff_no: str
    name: str
    role: str
    pin: str


class HeadOfficeAccount(Account):
    """The hash is kept as well: a new one at every start would end the sessions at head office."""

    pin_hash: str


class AgencyState(BaseModel):
    channel_id: Uuid
    name: str
    agent: HeadOfficeAccount


class OfficeState(BaseModel):
    token: str
    seal_key: str
    stream: Uuid
    accounts: list[Account]
    left: Account | None = None


class State(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int
    started_at: UtcDateTime
    time_zone: str
    first_time_zone: str
    """The invented past was told in this zone; the live office may move to another when started at night."""
    starts: int = 0
    ports: dict[str, int] = Field(default_factory=lambda: dict(DEFAULTS))
    tokens: dict[str, str]
    crossings_stream: Uuid
    gateway_keys: dict[str, str]
    screens_secret: str
    offices: Annotated[dict[str, OfficeState], Field(min_length=1)]
    head_office: list[HeadOfficeAccount] = Field(default_factory=lambda: [_hashed(each) for each in HEAD_OFFICE])
    agencies: list[AgencyState] = Field(default_factory=lambda: _agencies())

    @classmethod
    def new(cls, now: datetime, seed: int) -> Self:
        offices = {office.slug: _office_state(office) for office in OFFICES}
        return cls(
            seed=seed,
            started_at=now,
            time_zone=zone_open_at(now),
            first_time_zone=zone_open_at(now),
            tokens={name: secrets.token_urlsafe(32) for name in TOKENS},
            crossings_stream=uuid7(),
            gateway_keys={
                "data_key": _key(),
                "index_key": _key(),
                "seal_key": offices[OFFICES[0].slug].seal_key,
            },
            screens_secret=secrets.token_urlsafe(32),
            offices=offices,
        )


class Folder:
    """The data folder (`.demo/`): where everything of the box lies, and nothing else does."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def make(self) -> None:
        """Raises StateError when the folder holds something that is not ours."""
        if self.root.is_dir() and any(self.root.iterdir()) and not (self.root / _FILE).is_file():
            strangers = [each.name for each in self.root.iterdir() if each.name != "lock"]
            if strangers:
                raise StateError(f"{self.root} holds files of someone else ({strangers[0]}…): name another --data-dir")
        shutil.rmtree(self.root / "run", ignore_errors=True)  # in place of /run: what is in it ends with the start
        for name in ("", "config", "secrets", "data", "dev", "logs", "run"):
            (self.root / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def load(self) -> State | None:
        """None before the first start. Raises StateError."""
        path = self.root / _FILE
        if not path.exists():
            return None
        try:
            state = State.model_validate_json(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StateError(f"{path} cannot be read; `--reset` forgets it: {type(error).__name__}") from None
        for name in TOKENS:  # a newer version may have more kinds of screens
            state.tokens.setdefault(name, secrets.token_urlsafe(32))
        state.ports = DEFAULTS | state.ports
        return state

    def save(self, state: State) -> None:
        self.secret(_FILE, state.model_dump_json(indent=1))

    def secret(self, name: str, text: str) -> Path:
        """Write a file that only we may read, whole or not at all."""
        path = self.root / name
        scratch = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        return path

    def must_be_ours(self) -> None:
        """Raises StateError when the folder is not one of ours."""
        if not (self.root / _FILE).is_file():
            raise StateError(f"{self.root} is no folder of ours ({_FILE} is missing): nothing was removed")

    def forget(self) -> None:
        """Remove everything. Raises StateError when the folder is not ours."""
        self.must_be_ours()
        shutil.rmtree(self.root)


def write_secrets(folder: Folder, state: State, offices: list[Office]) -> None:
    """One file per secret, for the programs that need it."""
    for name, token in state.tokens.items():
        folder.secret(f"secrets/{name}.token", token)
    folder.secret("secrets/screens.secret", state.screens_secret)
    folder.secret("secrets/gateway.keys", json.dumps(state.gateway_keys))
    for office in offices:
        kept = state.offices[office.slug]
        folder.secret(f"secrets/{office.slug}.token", kept.token)
        folder.secret(f"secrets/{office.slug}.seal", kept.seal_key)
        for account in kept.accounts:
            folder.secret(f"secrets/{account.staff_no}.pin", account.pin)
    for person in state.head_office:
        folder.secret(f"secrets/{person.staff_no}.pin", person.pin)


def _office_state(office: Office) -> OfficeState:
    return OfficeState(
        token=secrets.token_urlsafe(32),
        seal_key=_key(),
        stream=uuid7(),
        accounts=[_account(each) for each in office.staff],
        left=None if office.left is None else _account(office.left),
    )


def _account(each: Person) -> Account:
    return Account(person_id=uuid7(), staff_no=each.staff_no, name=each.name, role=each.role, pin=_pin())


def _agencies() -> list[AgencyState]:
    return [AgencyState(channel_id=uuid7(), name=name, agent=_hashed(agent)) for name, agent in AGENCIES.items()]


def _hashed(each: Person) -> HeadOfficeAccount:
    pin = _pin()
    return HeadOfficeAccount(
        person_id=uuid7(), staff_no=each.staff_no, name=each.name, role=each.role, pin=pin, pin_hash=hash_pin(pin)
    )


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _pin() -> str:
    while (pin := f"{secrets.randbelow(10_000):04d}") in _EASY_PINS:
        pass
    return pin
