"""The numbers of one policy version, made ready to be asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.periods import end_of, within
from gateway.policy import PolicyConfig


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy and the office's time zone, which calendar days need."""

    policy: PolicyConfig
    zone: ZoneInfo

    def ownership_until(self, reached_at: datetime) -> datetime:
        return end_of(reached_at, self.policy.ownership_days, self.policy.day_count, self.zone)

    def ownership_lives(self, reached_at: datetime, when: datetime) -> bool:
        return within(reached_at, when, self.policy.ownership_days, self.policy.day_count, self.zone)

    def protected_until(self, accepted_at: datetime) -> datetime:
        """To the visit: the last instant at which a registration still brings somebody."""
        return end_of(accepted_at, self.policy.protection_to_visit_days, self.policy.day_count, self.zone)

    def protected(self, accepted_at: datetime, when: datetime) -> bool:
        return within(accepted_at, when, self.policy.protection_to_visit_days, self.policy.day_count, self.zone)

    def source_until(self, visited_at: datetime) -> datetime:
        """From the visit to the contract: how long a channel's or a referrer's source stands."""
        return end_of(visited_at, self.policy.protection_to_contract_days, self.policy.day_count, self.zone)

    def source_stands(self, visited_at: datetime, when: datetime) -> bool:
        return within(visited_at, when, self.policy.protection_to_contract_days, self.policy.day_count, self.zone)

    def blocks(self, visited_at: datetime, accepted_at: datetime) -> bool:
        """Whether a visit stands in a registration's way: it was inside the blocking period before it, or the
        registration was not accepted long enough before that visit to have brought it."""
        if visited_at >= accepted_at:
            return visited_at - accepted_at < self.before_arrival
        return within(visited_at, accepted_at, self.policy.blocking_days, self.policy.day_count, self.zone)

    def referral_lives(self, recorded_at: datetime, when: datetime) -> bool:
        return within(recorded_at, when, self.policy.referral_days, self.policy.day_count, self.zone)

    @property
    def before_arrival(self) -> timedelta:
        return timedelta(minutes=self.policy.registration_minutes)

    @property
    def claim_window(self) -> timedelta:
        return timedelta(hours=self.policy.owner_claim_hours)

    def same_local_day(self, one: datetime, other: datetime) -> bool:
        return one.astimezone(self.zone).date() == other.astimezone(self.zone).date()

    def same_scope(self, claimed: str, visited: str) -> bool:
        """Claims are per project unless the office says otherwise; a claim that names none holds for all."""
        return self.policy.claim_scope == "company" or not claimed or not visited or claimed == visited
