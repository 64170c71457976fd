"""What the desk shows, as the gateway told it last."""

from dataclasses import dataclass, field

from contracts.alerts_api import PushDeadLetter, ReceiptView
from contracts.appeals_api import AppealView
from contracts.floor_api import DeadLetterView, Floor
from contracts.fraud_api import FraudPage
from contracts.identity_api import MergeView, PoolEntry
from contracts.nodes_api import DriftPage
from contracts.rota_api import PolicyInForce
from contracts.sync_api import SyncView


@dataclass
class Shown:
    """None until it was read once."""

    floor: Floor | None = None
    merges: list[MergeView] = field(default_factory=list)
    receipts: list[ReceiptView] = field(default_factory=list)
    dead_letters: list[DeadLetterView] = field(default_factory=list)
    appeals: list[AppealView] = field(default_factory=list)
    pool: list[PoolEntry] = field(default_factory=list)
    pushes: list[PushDeadLetter] = field(default_factory=list)
    sync: SyncView | None = None
    policy: PolicyInForce | None = None
    fraud: FraudPage | None = None
    fraud_days: int = 7
    fraud_due: float = 0.0
    """When the signals are read again, by the process's own clock."""
    drift: DriftPage | None = None
    drift_due: float = 0.0
