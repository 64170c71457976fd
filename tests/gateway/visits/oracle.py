"""Visits once more, written from the text of the rules and nothing else: slow, obvious, person by person.

Every person counted at a door stands in a list until somebody says whose they are. Minutes and seconds are the rules'
defaults, written out.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from gateway.visits.merged import Merged
from gateway.visits.signals import Signal
from tests.gateway.visits.days import ZONE, shown

TEN, FIFTEEN, BADGE = timedelta(minutes=10), timedelta(minutes=15), timedelta(minutes=1)
HERE = ("kiosk", "reception", "qr", "id_card", "face", "button")
Stay = dict[str, Any]


class Oracle:
    def __init__(self, signals: list[Signal], merges: Sequence[Merged] = ()) -> None:
        self.merges = merges
        self.signals = sorted(signals, key=lambda s: (s.at, s.signal_id))
        self.at_door = [[s.at, False] for s in self.signals if s.kind == "crossing" for _ in range(s.people)]
        self.stays: list[Stay] = []
        self.taken_out = 0
        self.came_again = 0

    def play(self) -> tuple[list[str], int, int]:
        """The visits, the people net of who does not count, and the people registered."""
        for signal in self.signals:
            self._closing(signal.at)
            if signal.kind in HERE:
                self._here(signal)
            elif signal.kind == "finish":
                stay = self._of(signal.about)
                if stay and stay["left"] is None:
                    stay["left"], stay["why"] = signal.at, signal.reason
            elif signal.kind == "joiner":
                stay = self._of(signal.about)
                if stay and stay["left"] is None:
                    stay["people"] += signal.people
                    stay["doors"] += self._find(signal.at, signal.people, TEN, None)
            elif signal.kind == "mark" and signal.about is None:
                reach = BADGE if signal.how == "badge" else TEN
                self.taken_out += len(self._find(signal.at, signal.people, reach, None))
            elif signal.kind == "mark":
                stay = self._of(signal.about)
                if stay and not stay["scout"]:
                    stay["scout"] = True
                    stay["left"], stay["why"] = stay["left"] or signal.at, "not_customer"
        registered = sum(stay["people"] for stay in self.stays if not stay["scout"])
        scouts = sum(len(stay["doors"]) for stay in self.stays if stay["scout"])
        again = sum(stay["again"] for stay in self.stays if not stay["scout"])
        return sorted(map(_line, self.stays)), len(self.at_door) - self.taken_out - scouts - again, registered

    def _closing(self, now: datetime) -> None:
        for stay in self.stays:
            back = stay["back"].astimezone(ZONE)
            closing = datetime.combine(back.date(), time(21), ZONE)
            if stay["left"] is None and now >= closing > back:
                stay["left"], stay["why"] = closing, "office_closed"

    def _one_person(self, file: str | None, other: str | None, now: datetime) -> bool:
        if file is None or other is None:
            return False
        pairs = [{m.kept_id, m.merged_id} for m in self.merges if m.since <= now and (not m.until or now < m.until)]
        return file == other or {file, other} in pairs

    def _here(self, signal: Signal) -> None:
        own = [stay for stay in self.stays if self._one_person(stay["party"], signal.party, signal.at)]
        last = own[-1] if own else None
        if last and last["left"] is None:
            more = max(0, signal.people - last["people"])
            last["people"] += more
            last["doors"] += self._find(signal.at, more, TEN, None)
            last["ids"].append(signal.signal_id)
            return
        doors = self._find(signal.at, signal.people, TEN, last["left"] if last else None)
        seen = min([signal.at, *doors])
        if last and last["why"] in ("toured", "left", "deal") and seen - last["left"] <= FIFTEEN:
            before = min(signal.people, last["people"])
            last["again"] += min(len(doors), before)
            last["doors"] += doors
            last["people"] = max(last["people"], signal.people)
            last["left"], last["why"], last["back"] = None, None, signal.at
            last["ids"].append(signal.signal_id)
            return
        self.stays.append(
            {
                "party": signal.party,
                "people": signal.people,
                "doors": doors,
                "first": signal.at,
                "back": signal.at,
                "left": None,
                "why": None,
                "scout": False,
                "again": 0,
                "ids": [signal.signal_id],
            }
        )

    def _find(self, at: datetime, people: int, reach: timedelta, left: datetime | None) -> list[datetime]:
        """The latest who came before, then the first who came after, never who came in before they had left."""
        free = [p for p in self.at_door if not p[1] and abs(p[0] - at) <= reach and (left is None or p[0] >= left)]
        before = sorted((p for p in free if p[0] <= at), key=lambda p: p[0], reverse=True)
        after = sorted((p for p in free if p[0] > at), key=lambda p: p[0])
        chosen = (before + after)[:people]
        for person in chosen:
            person[1] = True
        return [person[0] for person in chosen]

    def _of(self, about: str | None) -> Stay | None:
        return next((stay for stay in self.stays if about in stay["ids"]), None)


def _line(stay: Stay) -> str:
    came = min([stay["first"], *stay["doors"]])
    return f"{stay['party'] or '?'} {stay['people']} {shown(came)}-{shown(stay['left'])} {stay['why'] or 'here'}"
