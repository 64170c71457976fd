"""This node's consents and lease with, as configured, the office's vault or what seals to it."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from edge_agent.vision.config import FacesConfig
from edge_agent.vision.host import AgentPorts
from edge_agent.vision.ports import FaceEngine, ProbeSink
from edge_agent.vision.vault.consents import ConsentCopy, CopyError
from edge_agent.vision.vault.keys import KeyFileError, Keys
from edge_agent.vision.vault.lease import Lease
from edge_agent.vision.vault.probes import ProbeReceiver, SealingSink
from edge_agent.vision.vault.sync import ConsentSync, Holder, NoVault, Publish
from edge_agent.vision.vault.templates import VaultError
from edge_agent.vision.vault.vault import Vault

if TYPE_CHECKING:
    from edge_agent.vision.ports import Vector

TROUBLE = (CopyError, KeyFileError, VaultError, sqlite3.Error, OSError)
"""What may be wrong with the files; the texts are for people."""


@dataclass(frozen=True, slots=True)
class Held:
    """The parts of `FaceStatus` that tell what lies here."""

    vault: bool = False
    vault_key: str = ""
    people: int = 0
    templates: int = 0
    looks: int = 0
    reason: str = ""


class _Templates(Protocol):
    """Where the templates of this node's looks and enrolments go."""

    @property
    def holder(self) -> Holder: ...

    @property
    def sink(self) -> ProbeSink: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def use_engine(self, engine: FaceEngine) -> None: ...

    def receive(self, node: str, payload: bytes) -> None: ...

    def enrol(
        self, consent_id: str, person_ref: str, camera: str, shots: "Sequence[tuple[Vector, float]]", seconds: float
    ) -> bool: ...

    def held(self) -> Held: ...


class Keeping:
    """Safe from any thread. Deleting works without an engine; recognising and enrolling need `use_engine`."""

    def __init__(self, config: FacesConfig, node: str, ports: AgentPorts) -> None:
        """Opens, or makes, the files. Raises one of `TROUBLE`."""
        self.lease = Lease()
        self.consents = ConsentCopy(config.copy_)
        try:
            make = _Sealed if config.vault is None else _Here
            self._templates: _Templates = make(self, config, node, ports)
        except TROUBLE:
            self.consents.close()
            raise
        self.sync = ConsentSync(
            self.consents,
            self.lease,
            self._templates.holder,
            is_vault=config.vault is not None,
            publish=_publish(ports),
            report=ports.report,
            rules=config.matching,
            clock_believed=lambda: ports.clock.synced,
            on_change=ports.status_changed,
        )

    @property
    def sink(self) -> ProbeSink:
        return self._templates.sink

    def start(self) -> None:
        self._templates.start()
        self.sync.start()

    def stop(self) -> None:
        self.lease.drop()
        self.sync.stop()
        self._templates.stop()
        self.consents.close()

    def use_engine(self, engine: FaceEngine) -> None:
        """Raises VaultError when the stored templates cannot be read."""
        self._templates.use_engine(engine)

    def receive(self, node: str, payload: bytes) -> None:
        """A sealed probe, published by `node`."""
        self._templates.receive(node, payload)

    def enrol(
        self, consent_id: str, person_ref: str, camera: str, shots: "Sequence[tuple[Vector, float]]", seconds: float
    ) -> bool:
        """True: committed here; False: sent to the vault's node, which reports the outcome. Raises VaultError."""
        return self._templates.enrol(consent_id, person_ref, camera, shots, seconds)

    def held(self) -> Held:
        return self._templates.held()


class _Here:
    """The vault is this node's."""

    def __init__(self, keeping: Keeping, config: FacesConfig, node: str, ports: AgentPorts) -> None:
        path = cast(Path, config.vault)
        keys = Keys.load_or_make(config.key_file, vault=path)
        self.holder = Vault(
            path,
            keys,
            node=node,
            consents=keeping.consents,
            lease=keeping.lease,
            report=ports.report,
            rules=config.matching,
        )
        self.sink: ProbeSink = self.holder.sink
        self._receiver = ProbeReceiver(self.holder, keys, ports.report, lambda seconds: keeping.sync.renew(seconds))

    def start(self) -> None:
        self.holder.start()

    def stop(self) -> None:
        self._receiver.stop()
        self.holder.stop()

    def use_engine(self, engine: FaceEngine) -> None:
        self.holder.use_engine(engine)

    def receive(self, node: str, payload: bytes) -> None:
        self._receiver.receive(payload, node)

    def enrol(
        self, consent_id: str, person_ref: str, camera: str, shots: "Sequence[tuple[Vector, float]]", seconds: float
    ) -> bool:
        self.holder.enrol(consent_id, person_ref, shots)
        return True

    def held(self) -> Held:
        now = self.holder.status()
        return Held(now.vault, now.vault_key, now.people, now.templates, now.looks, now.reason)


class _Sealed:
    """The vault is another node's: everything is sealed to its key, nothing is kept."""

    def __init__(self, keeping: Keeping, config: FacesConfig, node: str, ports: AgentPorts) -> None:
        self.holder = NoVault()
        self._vault_key: Callable[[], str] = lambda: keeping.sync.vault_key
        self._sealing = SealingSink(
            node=node,
            lease=keeping.lease,
            consents=keeping.consents,
            vault_key=self._vault_key,
            publish=_publish(ports),
            rules=config.matching,
        )
        self.sink: ProbeSink = self._sealing

    def start(self) -> None:
        """It has no thread."""

    def stop(self) -> None:
        """It has no file."""

    def use_engine(self, engine: FaceEngine) -> None:
        self._sealing.use_engine(engine)

    def receive(self, node: str, payload: bytes) -> None:
        """Probes are for the vault's node."""

    def enrol(
        self, consent_id: str, person_ref: str, camera: str, shots: "Sequence[tuple[Vector, float]]", seconds: float
    ) -> bool:
        self._sealing.enrol(consent_id, person_ref, camera, shots, seconds)
        return False

    def held(self) -> Held:
        return Held(reason="" if self._vault_key() else "no_vault_key")


def _publish(ports: AgentPorts) -> Publish:
    return cast("Publish", ports.publish)
