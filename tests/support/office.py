"""One office and a head office on free loopback ports, made of the real programs, with every file in one folder."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from contracts.ids import uuid7
from contracts.pins import hash_pin
from tests.support.processes import Program, free_port


def noon_zone() -> str:
    """The zone in which it is about noon now: rota hours, closing time and midnight stay far from any test."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"  # the sign of these names is inverted (POSIX)


NOON_ZONE = noon_zone()
BROKER = """
import signal, sys, threading
from iotcore import Broker
broker = Broker(port=int(sys.argv[1]), listen="127.0.0.1")
broker.start()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
threading.Event().wait()
"""


@dataclass
class Person:
    """A member of staff of the test's roster."""

    name: str
    staff_no: str
    role: str = "consultant"
    pin: str = "2468"
    person_id: str = field(default_factory=uuid7)


CONSULTANTS = ["李明", "王芳", "赵磊", "陈静", "孙悦"]


class Office:
    """Writes configurations, starts programs, answers with HTTP clients. `device_tables` is TOML of `[[devices]]`."""

    def __init__(
        self,
        folder: Path,
        *,
        slug: str = "yunqi",
        with_central: bool = True,
        policy: str = "",
        kiosk_camera: tuple[str, str] | None = None,
    ) -> None:
        """`kiosk_camera`: node and device of the camera that stands at the kiosk."""
        self.folder = folder
        self.slug = slug
        self.with_central = with_central
        self.policy = policy
        self.kiosk_camera = kiosk_camera
        self.ports = {name: free_port() for name in ("broker", "gateway", "central", "screens")}
        self.tokens = {
            name: secrets.token_hex(32) for name in ("kiosk", "kiosk2", "board", "phone", "hq", "hq-manager", "office")
        }
        self.people = [Person(name, f"A0{i + 1}") for i, name in enumerate(CONSULTANTS)]
        self.people.append(Person("周经理", "M01", "manager"))
        self.people.append(Person("管理员", "ADM", "admin"))
        self.people.append(Person("何静", "R01", "reception"))
        self.head_office = Person("周敏", "H01", "manager")
        self.programs: dict[str, Program] = {}

    # ---- addresses ----------------------------------------------------------------------------------------------
    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def central_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['central']}"

    @property
    def screens_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['screens']}"

    @property
    def gateway_db(self) -> Path:
        return self.folder / "gateway.db"

    def client(self, token: str, *, base: str | None = None) -> httpx.Client:
        return httpx.Client(base_url=base or self.gateway_url, headers={"Authorization": f"Bearer {token}"}, timeout=15)

    def kiosk(self, which: str = "kiosk") -> httpx.Client:
        return self.client(self.tokens[which])

    def headquarters(self) -> httpx.Client:
        return self.client(self.tokens["hq"], base=self.central_url)

    def sign_in_at_head_office(self) -> httpx.Client:
        """A client of central with the session of the person who uses the console."""
        body = {"staff_no": self.head_office.staff_no, "pin": self.head_office.pin}
        answer = httpx.post(f"{self.central_url}/v1/sessions", json=body, timeout=15)
        assert answer.status_code == 200, answer.text
        return self.client(answer.json()["token"], base=self.central_url)

    def person(self, staff_no: str) -> Person:
        return next(p for p in self.people if p.staff_no == staff_no)

    def sign_in(self, staff_no: str) -> httpx.Client:
        """A client with that person's session; consultants are not yet in the rota."""
        person = self.person(staff_no)
        answer = httpx.post(
            f"{self.gateway_url}/v1/sessions", json={"staff_no": staff_no, "pin": person.pin}, timeout=15
        )
        assert answer.status_code in (200, 201), answer.text
        return self.client(answer.json()["token"])

    # ---- files --------------------------------------------------------------------------------------------------
    def _secret(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def _hash(self, name: str) -> str:
        return hashlib.sha256(self.tokens[name].encode()).hexdigest()

    def write_configs(self, device_tables: str = "", *, agent: str = "lobby") -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        seal = base64.b64encode(os.urandom(32)).decode()
        seal_file = self._secret("yunqi.seal", seal)
        if not (self.folder / "gateway.keys").exists():
            keys = {n: base64.b64encode(os.urandom(32)).decode() for n in ("data_key", "index_key")}
            self._secret("gateway.keys", json.dumps({**keys, "seal_key": seal}))
        for token in ("kiosk", "board", "office"):
            self._secret(f"{token}.token", self.tokens[token])
        self._secret("screens.secret", secrets.token_hex(32))
        central = (
            f'url = "{self.central_url}"\ntoken_file = "{self.folder}/office.token"\ndown_seconds = 1'
            if self.with_central
            else ""
        )
        (self.folder / "gateway.toml").write_text(
            f"""office = "{self.slug}"
office_name = "云栖湖岸"
office_name_en = "Yunqi Lakeside"
time_zone = "{NOON_ZONE}"
database = "{self.gateway_db}"
keys_file = "{self.folder}/gateway.keys"
[http]
port = {self.ports["gateway"]}
[broker]
port = {self.ports["broker"]}
[central]
{central}
[devices.kiosk-1]
role = "kiosk"
token_sha256 = "{self._hash("kiosk")}"
{self._camera_lines()}
[devices.kiosk-2]
role = "kiosk"
token_sha256 = "{self._hash("kiosk2")}"
[devices.phone-1]
role = "phone"
token_sha256 = "{self._hash("phone")}"
[devices.board-1]
role = "board"
token_sha256 = "{self._hash("board")}"
[policy]
panel_node = "lobby"
panel_device = "panel-1"
{self.policy}
"""
        )
        (self.folder / "central.toml").write_text(
            f"""database = "sqlite+aiosqlite:///{self.folder}/central.db"
keys_file = "{self.folder}/central.keys"
[http]
port = {self.ports["central"]}
[tokens.hq-admin]
role = "admin"
token_sha256 = "{self._hash("hq")}"
[tokens.hq-manager]
role = "manager"
token_sha256 = "{self._hash("hq-manager")}"
[people.zhou]
staff_no = "{self.head_office.staff_no}"
name = "{self.head_office.name}"
role = "{self.head_office.role}"
person_id = "{self.head_office.person_id}"
pin_hash = "{hash_pin(self.head_office.pin)}"
[office_tokens.{self.slug}]
token_sha256 = "{self._hash("office")}"
seal_key_file = "{seal_file}"
"""
        )
        (self.folder / "screens.toml").write_text(
            f"""host = "127.0.0.1"
port = {self.ports["screens"]}
storage_secret_file = "{self.folder}/screens.secret"
[gateway]
url = "{self.gateway_url}"
kiosk_token_file = "{self.folder}/kiosk.token"
board_token_file = "{self.folder}/board.token"
[central]
url = "{self.central_url}"
[project]
name_zh = "云栖湖岸"
name_en = "Yunqi Lakeside"
"""
        )
        self.write_agent_config(device_tables, node=agent)

    def _camera_lines(self) -> str:
        if self.kiosk_camera is None:
            return ""
        node, camera = self.kiosk_camera
        return f'node = "{node}"\ncamera = "{camera}"'

    def write_agent_config(self, device_tables: str, *, node: str = "lobby") -> None:
        (self.folder / f"{node}.toml").write_text(
            f"""office = "{self.slug}"
node = "{node}"
[outbox]
path = "{self.folder}/{node}-outbox.db"
[broker]
host = "127.0.0.1"
port = {self.ports["broker"]}
{device_tables}
"""
        )

    # ---- programs -----------------------------------------------------------------------------------------------
    def _program(self, name: str, arguments: list[str], health: str | None = None) -> Program:
        program = Program(name, arguments, log=self.folder / f"{name}.log", health=health)
        self.programs[name] = program
        return program

    def start_broker(self) -> Program:
        program = self._program("broker", ["-c", BROKER, str(self.ports["broker"])])
        program.start()
        return program

    def start_central(self) -> Program:
        program = self._program(
            "central", ["-m", "central", "--config", f"{self.folder}/central.toml"], f"{self.central_url}/healthz"
        )
        program.start()
        return program

    def start_gateway(self, *, wait: bool = True) -> Program:
        program = self._program(
            "gateway", ["-m", "gateway", "--config", f"{self.folder}/gateway.toml"], f"{self.gateway_url}/healthz"
        )
        program.start(wait=wait)
        return program

    def start_agent(self, node: str = "lobby") -> Program:
        program = self._program(node, ["-m", "edge_agent", "--config", f"{self.folder}/{node}.toml"])
        program.start()
        return program

    def start_screens(self, *, wait: bool = True) -> Program:
        program = self._program(
            "screens", ["-m", "kiosk_ui", "--config", f"{self.folder}/screens.toml"], f"{self.screens_url}/healthz"
        )
        program.start(wait=wait)
        return program

    def roster(self) -> list[dict[str, Any]]:
        return [
            {
                "person_id": p.person_id,
                "staff_no": p.staff_no,
                "name": p.name,
                "role": p.role,
                "pin_hash": hash_pin(p.pin),
            }
            for p in self.people
        ]

    def provision_central(self) -> None:
        """Create the office and its roster at central, as a company does before an office opens."""
        with self.headquarters() as hq:
            answer = hq.put(
                f"/v1/offices/{self.slug}", json={"name": "云栖湖岸", "city": "杭州", "time_zone": NOON_ZONE}
            )
            assert answer.status_code < 300, answer.text
            seen = {"If-Match": hq.get(f"/v1/offices/{self.slug}/roster").headers["ETag"]}
            answer = hq.put(f"/v1/offices/{self.slug}/roster", json={"people": self.roster()}, headers=seen)
            assert answer.status_code < 300, answer.text

    def stop(self) -> None:
        last = ("gateway", "central", "broker")
        for name in (*(each for each in reversed(self.programs) if each not in last), *last):
            if name in self.programs:
                self.programs[name].stop()
