"""A second attribution, small, slow and obvious: domain.md (判客), docs/adr/040 and 056 read aloud over plain lists.

It shares no code with the first: only the types of evidence, policy and zone are the same.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.attribution.evidence import (
    Called,
    Came,
    Contact,
    Departed,
    Evidence,
    Marked,
    Received,
    Referral,
    Registration,
    Signal,
)
from gateway.policy import PolicyConfig


@dataclass
class Ruled:
    source: str = "walk_in"
    rule: str = "walk_in"
    channel: str | None = None
    agent: str | None = None
    referrer: str | None = None
    claim: str | None = None
    conflict: list[str] = field(default_factory=list)
    owner: str | None = None
    owner_rule: str = "nobody_yet"
    deal: dict[str, int] = field(default_factory=dict)
    deal_today: dict[str, int] = field(default_factory=dict)
    open_until: datetime | None = None


@dataclass
class Holding:
    """One consultant's hold on the party, from when, and the last time they were reached."""

    who: str
    since: datetime
    reached: datetime
    visit_recorded: bool


class Oracle:
    def __init__(self, evidence: Evidence, policy: PolicyConfig, zone: ZoneInfo) -> None:
        self.scouts = {m.visit_id for m in evidence.marked if not self.ruled_later(evidence, m)}
        kept = [s for s in evidence.signals if getattr(s, "visit_id", None) not in self.scouts]
        stood = [s for s in evidence.standing if s.visit_id not in self.scouts]
        self.e = evidence.model_copy(update={"signals": kept, "standing": stood})
        self.p, self.zone = policy, zone
        self.now = evidence.arrived_at
        self.people = {m.customer_id for m in evidence.party if m.relation != "sibling" or policy.siblings_are_family}

    def rule(self) -> Ruled:
        if self.e.visit_id in self.scouts:
            return Ruled(rule="non_customer", owner_rule="non_customer")
        said = Ruled()
        held = self.holding(self.people)
        self.who_brought(said, held)
        self.who_owns(said, held)
        self.what_a_manager_ruled(said)
        return said

    @staticmethod
    def ruled_later(evidence: Evidence, mark: Marked) -> bool:
        rulings = [s for s in evidence.signals if s.kind == "ruled" and s.visit_id == mark.visit_id]
        return any(r.ruled_at > mark.at for r in rulings)

    def what_a_manager_ruled(self, said: Ruled) -> None:
        """After an appeal, before all else; the newest ruling on either question counts."""
        rulings = [s for s in self.e.signals if s.kind == "ruled" and s.visit_id == self.e.visit_id]
        for r in sorted(rulings, key=lambda r: (r.ruled_at, r.ruling_id)):
            if r.source is not None:
                said.source, said.rule, said.conflict = r.source, "appeal_upheld", []
                said.channel, said.agent, said.referrer, said.claim = (
                    r.channel_id,
                    r.agent_id,
                    r.referrer_id,
                    r.claim_id,
                )
            if r.owner_id is not None:
                said.owner, said.owner_rule, said.open_until = r.owner_id, "appeal_upheld", None
                said.deal = said.deal_today = {r.owner_id: 100}

    # words

    def last_instant(self, start: datetime, days: int) -> datetime:
        """Rolling days include their last instant; calendar days stop just short of 24:00."""
        if self.p.day_count == "rolling":
            return start + timedelta(days=days)
        day_after = start.astimezone(self.zone).date() + timedelta(days=days + 1)
        midnight = datetime.combine(day_after, time(0), self.zone)
        return midnight - timedelta(microseconds=1)

    def ours(self, thing: object) -> bool:
        """Of this buying party, and of this project unless the office says otherwise."""
        return getattr(thing, "customer_id", None) in self.people and self.in_scope(thing)

    def in_scope(self, thing: object) -> bool:
        project = getattr(thing, "project", self.e.project)
        return self.p.claim_scope == "company" or "" in (project, self.e.project) or project == self.e.project

    def earlier_visits(self) -> list[Came]:
        return [
            s
            for s in self.e.signals
            if isinstance(s, Came) and s.visit_id != self.e.visit_id and s.at <= self.now and self.ours(s)
        ]

    # whose customer

    def holding(self, people: set[str]) -> Holding | None:
        """Who holds these people at the arrival. Any visit received keeps a hold alive, whoever received it."""
        held: Holding | None = None
        past = [s for s in self.e.signals if s.at <= self.now and getattr(s, "visit_id", "") != self.e.visit_id]
        for s in sorted(past, key=self.turn_to_speak):
            if held and s.at > self.last_instant(held.reached, self.p.ownership_days):
                held = None
            if isinstance(s, Departed) and held and held.who == s.consultant_id:
                held = None
            if s.kind == "ruled" and s.customer_id in people and self.ours(s) and s.owner_id is not None:
                same = held is not None and held.who == s.owner_id
                held = Holding(
                    s.owner_id, held.since if held and same else s.at, s.at, bool(held and same and held.visit_recorded)
                )
            if not isinstance(s, Called | Received | Contact) or s.customer_id not in people or not self.ours(s):
                continue
            if isinstance(s, Contact):
                if held and held.who == s.consultant_id and s.reached:
                    held.reached = s.at
            elif held is None or self.takes_over(s, held):
                held = Holding(s.consultant_id, s.at, s.at, isinstance(s, Received) and s.first)
            elif held.who == s.consultant_id or isinstance(s, Received):
                held.reached = s.at
        if held and self.now > self.last_instant(held.reached, self.p.ownership_days):
            held = None
        return held

    @staticmethod
    def turn_to_speak(s: Signal) -> tuple[datetime, str, str, str]:
        """At one instant: who stands there, then who rang, then who left, then what a manager ruled (ADR 056)."""
        if isinstance(s, Received):
            return s.at, "1st", f"{'first' if s.first else 'other'} {s.visit_id}", s.consultant_id
        if isinstance(s, Called):
            return s.at, "2nd", s.model_dump_json(), ""
        if isinstance(s, Departed):
            return s.at, "4th", "", ""
        if s.kind == "ruled":
            return s.at, "5th", s.ruled_at.isoformat(timespec="microseconds"), s.ruling_id
        return s.at, "3rd", "", ""

    def takes_over(self, s: Called | Received, held: Holding) -> bool:
        """Nobody knew whose customer it was, and the earlier consultant did not claim them."""
        if isinstance(s, Called) or s.consultant_id == held.who or not s.unidentified:
            return False
        return not self.claimed(s, held.who)

    def claim_window_ends(self, reception: Received) -> datetime:
        return reception.at + timedelta(hours=self.p.owner_claim_hours)

    def claimed(self, reception: Received, by: str) -> bool:
        return any(
            s.kind == "owner_claim"
            and s.visit_id == reception.visit_id
            and s.consultant_id == by
            and s.at <= self.claim_window_ends(reception)
            for s in self.e.signals
        )

    def who_owns(self, said: Ruled, held: Holding | None) -> None:
        receptions = sorted(
            (s for s in self.e.signals if isinstance(s, Received) and s.visit_id == self.e.visit_id),
            key=self.turn_to_speak,
        )
        if held is None:
            if receptions:
                said.owner, said.owner_rule = receptions[0].consultant_id, "received"
                said.deal = said.deal_today = {receptions[0].consultant_id: 100}
            return
        said.owner, said.owner_rule = held.who, "live_ownership"
        sharers = self.sharers(held)
        said.deal = said.deal_today = in_equal_parts(100, sharers)
        if not receptions or receptions[-1].consultant_id == held.who:
            return
        last = receptions[-1]
        if last.unidentified:
            if not self.claimed(last, held.who):
                said.owner, said.owner_rule = last.consultant_id, "last_receiver"
                said.open_until = self.claim_window_ends(last)
                said.deal = said.deal_today = {last.consultant_id: 100}
        elif not last.hidden and last.consultant_id not in sharers:
            part = self.p.assist_share_percent
            both = {**in_equal_parts(100 - part, sharers), last.consultant_id: part}
            said.deal_today = {who: percent for who, percent in both.items() if percent}

    def sharers(self, held: Holding) -> list[str]:
        """Who recorded a first visit of one of the party in good faith and holds that one; else the owner."""
        alone = [own for person in self.people if (own := self.holding({person})) and own.visit_recorded]
        names = [own.who for own in sorted(alone, key=lambda own: (own.since, own.who))]
        return list(dict.fromkeys(names)) if self.p.good_faith == "split" and held.who in names else [held.who]

    # who brought them

    def who_brought(self, said: Ruled, held: Holding | None) -> None:
        if self.source_stands(said):
            return
        valid = [r for r in self.claims() if self.valid(r, held)]
        referrals = sorted((f for f in self.e.referrals if self.good(f)), key=lambda f: (f.recorded_at, f.referral_id))
        if referrals and all(referrals[0].recorded_at < r.accepted_at for r in valid):
            said.source, said.rule = "referral", "referral"
            said.referrer, said.claim = referrals[0].referrer_id, referrals[0].referral_id
            return
        if valid:
            said.source = "channel"
            self.between(said, valid, held)
        elif held is not None:
            said.rule = "live_ownership"
        elif any(self.in_time(r) and self.blocked(r) for r in self.e.registrations if self.ours(r)):
            said.rule = "recent_visit"

    def source_stands(self, said: Ruled) -> bool:
        current = None
        for s in sorted(self.e.standing, key=lambda s: (s.at, s.visit_id)):
            if s.source == "walk_in" or not self.ours(s) or s.at > self.now or s.visit_id == self.e.visit_id:
                continue
            if current is None or s.at > self.last_instant(current.at, self.p.protection_to_contract_days):
                current = s
        if current is None or self.now > self.last_instant(current.at, self.p.protection_to_contract_days):
            return False
        said.source, said.rule = current.source, "source_in_force"
        said.channel, said.agent, said.referrer = current.channel_id, current.agent_id, current.referrer_id
        said.claim, said.conflict = current.claim_id, list(current.conflict)
        return True

    def claims(self) -> list[Registration]:
        """Registering again while one of the same channel and number is live extends nothing."""
        counted: list[Registration] = []
        for r in sorted(self.e.registrations, key=lambda r: (r.accepted_at, r.registration_id)):
            if not self.ours(r) or self.blocked(r):
                continue
            if not any(
                c.channel_id == r.channel_id and c.customer_id == r.customer_id and self.live(c, r.accepted_at)
                for c in counted
            ):
                counted.append(r)
        return counted

    def live(self, r: Registration, when: datetime) -> bool:
        if r.withdrawn_at is not None and r.withdrawn_at <= when:
            return False
        return r.accepted_at <= when <= self.last_instant(r.accepted_at, self.p.protection_to_visit_days)

    def in_time(self, r: Registration) -> bool:
        return self.now - r.accepted_at >= timedelta(minutes=self.p.registration_minutes) and self.live(r, self.now)

    def valid(self, r: Registration, held: Holding | None) -> bool:
        return self.in_time(r) and not self.blocked(r) and not (held is not None and held.since < r.accepted_at)

    def blocked(self, r: Registration) -> bool:
        for visit in self.earlier_visits():
            before = visit.at <= r.accepted_at <= self.last_instant(visit.at, self.p.blocking_days)
            after = timedelta(0) <= visit.at - r.accepted_at < timedelta(minutes=self.p.registration_minutes)
            if (before or after) and visit.brought_by != r.channel_id:
                return True
        return False

    def good(self, f: Referral) -> bool:
        if not self.ours(f) or self.e.visit_kind != "first":
            return False
        known = any(
            s.at < self.now and getattr(s, "visit_id", "") != self.e.visit_id
            for s in self.e.signals
            if getattr(s, "customer_id", None) in self.people
        )
        if known or f.signed_at is None or f.signed_at > f.recorded_at:
            return False
        same_day = f.recorded_at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()
        in_time = f.recorded_at < self.now or (same_day and f.owner_present)
        return in_time and self.now <= self.last_instant(f.recorded_at, self.p.referral_days)

    def between(self, said: Ruled, valid: list[Registration], held: Holding | None) -> None:
        said.rule = "registration"
        good = sorted(
            (s for s in self.e.scans if not s.refused and self.in_scope(s)),
            key=lambda s: (s.at, s.channel_id, s.agent_id),
        )
        scans = [s for s in good if s.channel_id in {r.channel_id for r in valid}]
        brought_by = scans[0].channel_id if scans else None
        if len({r.channel_id for r in valid}) == 1:
            eligible = valid
        else:
            eligible = [r for r in valid if r.channel_id == brought_by or self.in_full(r, held)]
            if not eligible:
                said.conflict = sorted(r.registration_id for r in valid)
                return
            if brought_by and self.p.channel_rule == "first_brought":
                eligible = [r for r in eligible if r.channel_id == brought_by]
                eligible = [r for r in eligible if r.agent_id == scans[0].agent_id] or eligible
        won = min(eligible, key=lambda r: (r.accepted_at, r.registration_id))
        said.claim, said.channel, said.agent = won.registration_id, won.channel_id, won.agent_id

    def in_full(self, r: Registration, held: Holding | None) -> bool:
        """With the full number, or again in full by the same channel when that would count by itself."""
        return not r.masked or any(
            (o.channel_id, o.customer_id) == (r.channel_id, r.customer_id)
            and not o.masked
            and self.ours(o)
            and self.valid(o, held)
            for o in self.e.registrations
        )


def in_equal_parts(whole: int, people: list[str]) -> dict[str, int]:
    """Whole percents; what does not divide goes to the first."""
    each, left = divmod(whole, len(people))
    return {who: each + (left if place == 0 else 0) for place, who in enumerate(people)}
