"""Which domain takes which type of event."""

from typing import Any

from central.appeals import intake as appeals
from central.calls import service as calls
from central.consultants import service as consultants
from central.customers import erasure
from central.customers import service as customers
from central.followups import service as followups
from central.footfall import service as footfall
from central.intake import Handler
from central.offices import service as offices
from central.sales import service as sales
from central.visits import service as visits
from contracts.events import DeviceState, Tombstone
from contracts.facts import (
    AppealRecorded,
    AppealRefused,
    CallRecorded,
    CustomerErased,
    CustomerMerged,
    CustomerRecorded,
    FollowUpRecorded,
    FootfallMinute,
    SaleRecorded,
    TurnRecorded,
    VerdictRecorded,
    VisitRecorded,
)

HANDLERS: dict[str, Handler[Any]] = {
    FootfallMinute.TYPE: footfall.take,
    VisitRecorded.TYPE: visits.take_visits,
    VerdictRecorded.TYPE: visits.take_verdicts,
    CustomerRecorded.TYPE: customers.take,
    CustomerMerged.TYPE: customers.take_merges,
    TurnRecorded.TYPE: consultants.take,
    SaleRecorded.TYPE: sales.take,
    FollowUpRecorded.TYPE: followups.take,
    CustomerErased.TYPE: erasure.take,
    CallRecorded.TYPE: calls.take,
    DeviceState.TYPE: offices.take_device_states,
    AppealRecorded.TYPE: appeals.take,
    AppealRefused.TYPE: appeals.take_refusals,
}
LEDGER_ONLY = frozenset({Tombstone.TYPE})
"""They have no handler: their place in the ledger is all that is kept of them here."""
