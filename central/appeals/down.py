"""Appeals that agents filed here, on their way to the office that decides them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.appeals import repository, words
from central.vault import Vault
from contracts.down_api import AppealDown
from contracts.sealing import Sealer


async def down(
    session: AsyncSession, vault: Vault, sealer: Sealer, office: str, ids: Sequence[str]
) -> dict[str, AppealDown]:
    return {
        row.appeal_id: AppealDown(
            **row.model_dump(include=set(AppealDown.model_fields)),
            sealed=sealer.seal(words.read(vault, row.text_encrypted, row.appeal_id, "text"), record=row.appeal_id),
        )
        for row in await repository.of_office(session, office, ids)
    }
