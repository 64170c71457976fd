"""Which signals a period shows, newest first, a page at a time."""

from datetime import datetime

from contracts.fraud_api import FraudPage, FraudSignal
from gateway.attribution import agents
from gateway.context import Context
from gateway.fraud import store
from gateway.fraud.domain import Facts, Signal, after_arrival, many_channels, near_arrival, rivals_masked
from gateway.fraud.pace import fast_agents
from gateway.policy import store as policies
from gateway.tables import to_micros

KINDS = (near_arrival, after_arrival, many_channels, rivals_masked, fast_agents)


def page(context: Context, since: datetime, until: datetime, *, cursor: str | None, limit: int) -> FraudPage:
    """By the policy now in force; `cursor` is the `next_cursor` of the page before."""
    with context.database.read() as session:
        version, policy = policies.current(session)
        facts = store.read(session, since, until, policy, context.timezone)
        found = [signal for signal in signals(facts) if cursor is None or _place(signal) > _read(cursor)]
        channels = {channel for signal in found[:limit] for channel in signal.channel_ids}
        people = {signal.agent_id for signal in found[:limit] if signal.agent_id is not None}
        names = agents.names(session, context.keys, channels=channels, agents=people)
    return FraudPage(
        items=[_view(signal) for signal in found[:limit]],
        next_cursor=_cursor(found[limit - 1]) if len(found) > limit else None,
        visits=sum(facts.within(visit.at) for visit in facts.arrivals),
        registrations=sum(facts.within(claim.at) for claim in facts.claims),
        policy_version=version,
        names=names,
    )


def signals(facts: Facts) -> list[Signal]:
    """All of the period, newest first."""
    return sorted((signal for kind in KINDS for signal in kind(facts)), key=_place)


def _place(signal: Signal) -> tuple[int, str]:
    return -to_micros(signal.at), signal.signal_id


def _cursor(signal: Signal) -> str:
    return f"{to_micros(signal.at)}.{signal.signal_id}"


def _read(cursor: str) -> tuple[int, str]:
    micros, _, signal_id = cursor.partition(".")
    return -int(micros), signal_id


def _view(signal: Signal) -> FraudSignal:
    return FraudSignal(
        signal_id=signal.signal_id,
        code=signal.code,
        at=signal.at,
        figures={name: round(value, 4) for name, value in signal.figures.items()},
        registration_ids=list(signal.registration_ids),
        channel_ids=list(signal.channel_ids),
        visit_id=signal.visit_id,
        customer_id=signal.person,
        agent_id=signal.agent_id,
    )
