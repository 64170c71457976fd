"""Random days of judging: each a handful of visits with their evidence, dense with times at which a rule turns.

A time is chosen a period of some rule before or after a time already chosen, exactly or a second beside it.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.attribution.evidence import Evidence
from gateway.policy import PolicyConfig
from tests.gateway.attribution.world import SHANGHAI

DAY_START = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""00:00 in Shanghai."""
VISITS = 6
PERIODS = (
    *(timedelta(minutes=m) for m in (0, 1, 10, 29, 30, 31, 45, 60)),
    *(timedelta(hours=h) for h in (2, 5, 24, 48)),
    *(timedelta(days=d) for d in (3, 5, 7, 8, 10, 14, 15, 16, 21, 30, 31)),
)
BESIDE = (timedelta(0),) * 3 + (timedelta(seconds=1), timedelta(seconds=-1))
PEOPLE, CONSULTANTS, CHANNELS, REFERRERS = "xxxxyyz", "abc", "CDE", "op"
SIGNALS = ("visit",) * 4 + ("came", "called", "contact", "contact", "departed", "now", "now", "claim")
FACTS = ("signal",) * 8 + ("registration",) * 6 + ("ruling", "mark") + ("referral",) * 2 + ("scan",) * 2 + ("standing",)


def random_day(seed: int) -> list[tuple[Evidence, PolicyConfig]]:
    dice = random.Random(seed)
    return [_Visit(dice).built() for _ in range(VISITS)]


class _Visit:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.arrived = DAY_START + timedelta(seconds=dice.choice((0, 1, 3600, 36000, 43200, 86399)))
        self.anchors = [self.arrived]
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("signals", "registrations", "referrals", "scans", "standing", "marked")
        }
        self.projects = dice.choice((("",), ("",), ("P",), ("P", "Q"), ("P", "Q", "")))
        self.receptions: list[str] = ["now"]

    def built(self) -> tuple[Evidence, PolicyConfig]:
        facts = self.dice.choice((FACTS, FACTS, ("signal",)))
        for number in range(self.dice.randint(0, 8)):
            getattr(self, "_" + self.dice.choice(facts))(f"{number:02}")
        evidence = Evidence.model_validate(
            {
                "visit_id": "now",
                "project": self.projects[0],
                "visit_kind": self.dice.choice(("first", "first", "return")),
                "party": self._party(),
                "arrived_at": self.arrived,
                **self.lists,
            }
        )
        return evidence, self._policy()

    def _party(self) -> list[dict[str, str]]:
        if self.dice.random() < 0.03:
            return []
        relation = self.dice.choice(("spouse", "parent", "child", "sibling", "sibling"))
        family = [{"customer_id": "y", "relation": relation}] if self.dice.random() < 0.7 else []
        return [{"customer_id": "x", "relation": "self"}, *family]

    def _policy(self) -> PolicyConfig:
        pick = self.dice.choice
        return PolicyConfig(
            day_count=pick(("rolling", "calendar_day")),
            channel_rule=pick(("first_registered", "first_brought")),
            good_faith=pick(("split", "earliest")),
            claim_scope=pick(("project", "company")),
            siblings_are_family=pick((True, True, False)),
            registration_minutes=pick((30, 30, 15, 60)),
            blocking_days=pick((7, 7, 30, 3, 0)),
            ownership_days=pick((15, 15, 10, 30)),
            assist_share_percent=pick((50, 50, 0, 30, 100)),
        )

    def _before(self) -> datetime:
        """A time up to the arrival, at the edge of some period from a time that matters already."""
        while True:
            step = self.dice.choice(PERIODS) + self.dice.choice(BESIDE)
            at = self.dice.choice(self.anchors) + self.dice.choice((-1, -1, -1, 1)) * step
            if self.dice.random() < 0.1:
                midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
                at = midnight.astimezone(UTC) + self.dice.choice(BESIDE)
            if at <= self.arrived + timedelta(minutes=1):
                self.anchors.append(at)
                return at

    def _agent(self, channel: str) -> str:
        return channel.lower() + self.dice.choice("12")

    def _project(self) -> str:
        return self.dice.choice(self.projects)

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _signal(self, name: str) -> None:
        kind = self.dice.choice(SIGNALS)
        at, who = self._before(), self.dice.choice(CONSULTANTS)
        common = {"at": at, "customer_id": self.dice.choice(PEOPLE), "project": self._project()}
        if kind in ("visit", "came"):
            by = self.dice.choice(CHANNELS) if self._chance(0.3) else None
            self.lists["signals"].append({"kind": "came", "visit_id": name, "brought_by": by, **common})
        if kind == "visit":
            self.receptions.append(name)
            self.lists["signals"].append(self._received(name, who, common))
        if kind == "called":
            self.lists["signals"].append({"kind": kind, "consultant_id": who, **common})
        if kind == "contact":
            del common["project"]
            self.lists["signals"].append({"kind": kind, "consultant_id": who, "reached": self._chance(0.8), **common})
        if kind == "departed":
            self.lists["signals"].append({"kind": kind, "consultant_id": who, "at": at})
        if kind == "now":
            after = self.arrived + timedelta(seconds=self.dice.choice((0, 60, 600)) + int(name))
            self.lists["signals"].append(self._received("now", who, {**common, "at": after, "customer_id": "x"}))
        if kind == "claim":
            self._owner_claim(who)

    def _received(self, visit: str, who: str, common: dict[str, Any]) -> dict[str, Any]:
        return {
            "kind": "received",
            "visit_id": visit,
            "consultant_id": who,
            "first": self._chance(0.6),
            "unidentified": self._chance(0.2),
            "hidden": self._chance(0.2),
            **common,
        }

    def _mark(self, name: str) -> None:
        """Of a visit that nobody received too; before or after a ruling on it."""
        seen = [s["visit_id"] for s in self.lists["signals"] if s["kind"] in ("came", "ruled")]
        at = self.arrived + timedelta(days=self.dice.choice((0, 1, 2)), seconds=int(name))
        visit = self.dice.choice([*seen, *self.lists["standing"], "now"])
        visit_id = visit if isinstance(visit, str) else visit["visit_id"]
        self.lists["marked"].append({"visit_id": visit_id, "at": at, "reason": "scout"})

    def _ruling(self, name: str) -> None:
        visit = self.dice.choice(self.receptions)
        seen = [s for s in self.lists["signals"] if s["kind"] == "received" and s["visit_id"] == visit]
        source = self.dice.choice((None, "walk_in", "channel", "referral"))
        channel = self.dice.choice(CHANNELS) if source == "channel" else None
        self.lists["signals"].append(
            {
                "kind": "ruled",
                "ruling_id": name,
                "visit_id": visit,
                "at": seen[0]["at"] if seen else self.arrived,
                "ruled_at": self.arrived + timedelta(days=self.dice.choice((0, 1, 2)), seconds=int(name)),
                "customer_id": seen[0]["customer_id"] if seen else "x",
                "project": seen[0]["project"] if seen else self.projects[0],
                "source": source,
                "channel_id": channel,
                "agent_id": self._agent(channel) if channel else None,
                "referrer_id": self.dice.choice(REFERRERS) if source == "referral" else None,
                "owner_id": self.dice.choice(CONSULTANTS) if source is None or self._chance(0.4) else None,
            }
        )

    def _owner_claim(self, who: str) -> None:
        visit = self.dice.choice(self.receptions)
        seen = [s["at"] for s in self.lists["signals"] if s["kind"] == "received" and s["visit_id"] == visit]
        at = (seen or [self.arrived])[0] + self.dice.choice(
            (timedelta(minutes=5), timedelta(hours=48), timedelta(hours=48, seconds=1), timedelta(hours=47))
        )
        claim = {"kind": "owner_claim", "visit_id": visit, "consultant_id": who, "at": at}
        self.lists["signals"].append(claim)

    def _registration(self, name: str) -> None:
        at, channel = self._before(), self.dice.choice(CHANNELS)
        withdrawn = at + self.dice.choice(PERIODS) if self._chance(0.08) else None
        self.lists["registrations"].append(
            {
                "registration_id": name,
                "channel_id": channel,
                "agent_id": self._agent(channel),
                "customer_id": self.dice.choice(PEOPLE),
                "masked": self._chance(0.4),
                "accepted_at": at,
                "withdrawn_at": withdrawn,
                "project": self._project(),
            }
        )

    def _referral(self, name: str) -> None:
        at = self._before() if self._chance(0.8) else self.arrived + timedelta(hours=self.dice.choice((1, 12, 24)))
        signed = at + self.dice.choice((timedelta(days=-30), timedelta(0), timedelta(seconds=1)))
        self.lists["referrals"].append(
            {
                "referral_id": name,
                "referrer_id": self.dice.choice(REFERRERS),
                "customer_id": self.dice.choice(PEOPLE),
                "recorded_at": at,
                "signed_at": None if self._chance(0.15) else signed,
                "owner_present": self._chance(0.4),
                "project": self._project(),
            }
        )

    def _scan(self, name: str) -> None:
        channel = self.dice.choice(CHANNELS)
        at = self.arrived + timedelta(seconds=self.dice.choice((0, 30, 60, 90)))
        refused = self.dice.choice(("", "", "", "used_before", "expired"))
        self.lists["scans"].append(
            {
                "at": at,
                "channel_id": channel,
                "agent_id": self._agent(channel),
                "refused": refused,
                "project": self.projects[int(name) % len(self.projects)],
            }
        )

    def _standing(self, name: str) -> None:
        at, source = self._before(), self.dice.choice(("channel", "channel", "referral", "walk_in"))
        channel = self.dice.choice(CHANNELS) if source == "channel" else None
        conflict = ("1", "2") if channel and self._chance(0.2) else ()
        self.lists["standing"].append(
            {
                "visit_id": name,
                "customer_id": self.dice.choice(PEOPLE),
                "at": at,
                "source": source,
                "channel_id": None if conflict else channel,
                "agent_id": channel.lower() if channel and not conflict else None,
                "referrer_id": self.dice.choice(REFERRERS) if source == "referral" else None,
                "claim_id": None if conflict or source == "walk_in" else f"claim-{name}",
                "conflict": conflict,
                "project": self._project(),
            }
        )
