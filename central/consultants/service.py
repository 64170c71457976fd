"""Turns of the rota and what each consultant made of them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from central.consultants import repository
from central.intake import Intake, Item, Rejection
from central.offices import repository as offices
from central.timeframe import Span
from contracts.central_api import ConsultantFigures
from contracts.facts import TurnRecorded


async def take(session: AsyncSession, intake: Intake, items: Sequence[Item[TurnRecorded]]) -> list[Rejection]:
    rows = [
        {"office": intake.office, "day": intake.day_of(item.data.offered_at), **item.data.model_dump()}
        for item in items
    ]
    await repository.save(session, rows)
    return []


async def figures(session: AsyncSession, office: str | None, span: Span) -> list[ConsultantFigures]:
    """Everyone who did something in the span, by office and name; a name is empty when no roster ever had it."""
    received = await repository.received(session, office, span)
    turns = await repository.turns(session, office, span)
    contracts = await repository.contracts(session, office, span)
    names = await offices.staff_names(session, office)
    found = []
    for key in received.keys() | turns.keys() | contracts.keys():
        offered, lost = turns.get(key, (0, 0))
        count, fen = contracts.get(key, (0, 0))
        found.append(
            ConsultantFigures(
                consultant_id=key[1],
                office=key[0],
                name=names.get(key, ""),
                received=received.get(key, (0,))[0],
                turns_offered=offered,
                turns_lost=lost,
                contracts=count,
                contract_fen=fen,
            )
        )
    return sorted(found, key=lambda f: (f.office, f.name, f.consultant_id))
