"""What was said in an appeal, at rest: encrypted, and bound to the appeal and the column."""

from typing import Literal

from central.vault import Vault

Part = Literal["text", "reason"]


def kept(vault: Vault, words: str, appeal_id: str, part: Part) -> bytes:
    return vault.encrypt(words.encode(), record=_record(appeal_id, part))


def read(vault: Vault, stored: bytes | None, appeal_id: str, part: Part) -> str:
    """Empty for what was never said."""
    return "" if stored is None else vault.decrypt(stored, record=_record(appeal_id, part)).decode()


def _record(appeal_id: str, part: Part) -> str:
    return f"appeal/{appeal_id}/{part}"
