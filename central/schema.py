"""Every table of central."""

from central.appeals.tables import Appeal
from central.calls.tables import Call
from central.channels.tables import Agent, Channel, Project
from central.consultants.tables import Turn
from central.customers.tables import Customer, CustomerMerge, Reveal
from central.database import Base
from central.deadletters.tables import DeadLetter
from central.down.tables import DownChange, DownHead
from central.followups.tables import FollowUp
from central.footfall.tables import CopyLine, FootfallDayRow, FootfallHourRow, FootfallMinuteRow
from central.idempotency import KeyUse
from central.ingest.tables import LedgerEntry, Meta, Stream
from central.offices.tables import DeviceReport, Office, StaffMember
from central.overview.tables import DayRow
from central.policies.tables import OfficePolicy
from central.referrals.tables import Referral
from central.registrations.tables import Registration
from central.sales.tables import Sale
from central.sessions.tables import SignedIn, SignInFailure
from central.visits.tables import Verdict, VerdictClaim, Visit

MODELS: tuple[type[Base], ...] = (
    Meta, Stream, LedgerEntry, Office, StaffMember, DeviceReport, Customer, CustomerMerge, Reveal, Call, Visit,
    Verdict, Turn, Sale, FollowUp, FootfallMinuteRow, FootfallHourRow, FootfallDayRow, CopyLine, DayRow, DeadLetter,
    KeyUse, SignedIn, SignInFailure, Channel, Agent, Project, Registration, Referral, OfficePolicy, DownChange,
    DownHead, VerdictClaim, Appeal,
)  # fmt: skip
METADATA = MODELS[0].metadata
