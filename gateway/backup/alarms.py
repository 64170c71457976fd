"""What the floor board says of backups that cannot be written."""

from contracts.gateway_api import RuleNote
from gateway.backup.state import BackupState


def floor_alarms(state: BackupState) -> list[RuleNote]:
    if state.failing_since is None:
        return []
    facts = {
        "since": state.failing_since.isoformat(),
        "last_at": None if state.last_at is None else state.last_at.isoformat(),
    }
    return [RuleNote(rule="backup", outcome="won", reason=state.reason, facts=facts)]
