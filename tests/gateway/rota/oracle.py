"""A second rota, small, slow and obvious: domain.md (轮排) read aloud over lists of names.

It shares no code with the first.

Each order is a list, head first. Whoever is offered a turn, or passed over, goes to its tail.
"""

from typing import Any

from tests.gateway.rota.days import CLOSES, OPENS, Day, Event, Line

SECONDS_TO_ACCEPT = 30
SECONDS_FOR_MANAGER = 30
SECONDS_UNDECLARED = 120
SECONDS_SHORT_BREAK = 600


class Oracle:
    def __init__(self, day: Day) -> None:
        self.day = day
        self.clock = day.events[0].at - 1 if day.events else 0
        self.watched: set[int] = set()
        """Seconds at which somebody's time may be over."""
        self.lines: list[Line] = []
        self.lists: dict[str, list[str]] = {"one": [], "other": []}
        self.owed: dict[str, list[tuple[int, str]]] = {"one": [], "other": []}
        self.in_today: dict[str, int] = {}
        self.gone_home: set[str] = set()
        self.ready_since: dict[str, int] = {}
        self.out: dict[str, tuple[str, int, int | None]] = {}
        self.last_heard: dict[str, int] = {}
        self.tablet_off: set[str] = set()
        self.queue: list[dict[str, Any]] = []

    def play(self) -> list[Line]:
        for event in self.day.events:
            while self.clock < event.at:
                self.clock += 1
                if self.clock in self.watched:
                    self.tick()
            self.happen(event)
        return self.lines

    def tick(self) -> None:
        """One second passes: offers run out, and the manager's time does."""
        something = False
        for visit in self.queue:
            for name, since in list(visit["on_tablet_of"].items()):
                if self.clock - since >= SECONDS_TO_ACCEPT:
                    del visit["on_tablet_of"][name]
                    something = True
            told = visit["manager_since"]
            if visit["with"] is None and not visit["on_tablet_of"] and told is not None and not visit["at_reception"]:
                something = something or self.clock - told >= SECONDS_FOR_MANAGER
        if something:
            self.call()

    def happen(self, event: Event) -> None:
        present = event.who in self.in_today and event.who not in self.gone_home
        if event.kind == "arrive":
            self.arrive(event)
        elif event.kind == "sign_in" and not present:
            self.sign_in(event.who)
        elif event.kind in ("sign_out", "away", "back") and present:
            self.leave_or_return(event)
        elif event.kind in ("sleep", "wake"):
            self.tablet(event.who, event.kind == "wake", present)
        elif event.kind in ("accept", "decline", "finish"):
            self.answer(event)

    def arrive(self, event: Event) -> None:
        visit = {"name": event.who, "at": self.clock, "wants": event.more, "with": None, "over": False, "told": False}
        asked: dict[str, Any] = {"on_tablet_of": {}, "asked": {}, "asked_with_all": {}, "said_no": {}}
        self.queue.append({**visit, **asked, "manager_since": None, "at_reception": False})
        self.call()

    def sign_in(self, name: str) -> None:
        self.in_today[name] = self.ready_since[name] = self.clock
        self.gone_home.discard(name)
        for ring in self.lists.values():
            if name in ring:
                ring.remove(name)
            ring.append(name)
        self.call()

    def leave_or_return(self, event: Event) -> None:
        name = event.who
        if event.kind == "sign_out":
            if self.receiving(name):
                return
            self.refuse(name)
            self.gone_home.add(name)
            self.out.pop(name, None)
        elif event.kind == "away":
            self.refuse(name)
            self.out[name] = (event.more["reason"], self.clock, self.until(event.more["reason"], event.more["minutes"]))
        else:
            self.out.pop(name, None)
            self.ready_since[name] = self.clock
        self.call()

    def answer(self, event: Event) -> None:
        name = event.who
        if event.kind == "accept":
            for visit in self.queue:
                if name in visit["on_tablet_of"]:
                    visit["on_tablet_of"], visit["with"] = {}, name
        elif event.kind == "decline" and self.being_asked(name):
            self.refuse(name)
            self.call()
        elif event.kind == "finish" and self.receiving(name):
            for visit in self.queue:
                if visit["with"] == name:
                    visit["over"] = True
            self.ready_since[name] = self.clock
            self.call()

    def until(self, reason: str, minutes: int | None) -> int | None:
        if minutes is not None:
            return self.clock + 60 * minutes
        return self.clock + SECONDS_SHORT_BREAK if reason == "short_break" else None

    def tablet(self, name: str, on: bool, present: bool) -> None:
        if not on:
            if name not in self.tablet_off:
                self.tablet_off.add(name)
                self.last_heard[name] = self.clock
            return
        off_for = self.clock - self.last_heard.get(name, self.clock) if name in self.tablet_off else 0
        self.last_heard[name] = self.clock
        self.tablet_off.discard(name)
        if off_for > SECONDS_UNDECLARED and present and name not in self.out:
            self.ready_since[name] = self.clock
            self.call()

    def refuse(self, name: str) -> None:
        for visit in self.queue:
            if visit["on_tablet_of"].pop(name, None) is not None:
                visit["said_no"][name] = visit["asked"][name]

    def receiving(self, name: str) -> bool:
        return any(v["with"] == name and not v["over"] for v in self.queue)

    def being_asked(self, name: str) -> bool:
        return any(name in v["on_tablet_of"] for v in self.queue)

    def idle(self, name: str) -> bool:
        """Signed in, not away as far as they said, with nobody, and asked for nobody."""
        at_work = name in self.in_today and name not in self.gone_home and name not in self.out
        return at_work and not self.receiving(name) and not self.being_asked(name)

    def vanished(self, name: str) -> bool:
        """Absent without a word for more than two minutes."""
        heard = self.last_heard.get(name)
        if heard is not None and name not in self.tablet_off:
            heard = self.clock
        if heard is None or heard < self.in_today[name]:
            return False
        return self.idle(name) and self.clock - max(heard, self.ready_since[name]) > SECONDS_UNDECLARED

    def call(self) -> None:
        for visit in self.queue:
            if visit["with"] is None and not visit["on_tablet_of"]:
                self.call_for(visit)

    def call_for(self, visit: dict[str, Any]) -> None:
        wants = visit["wants"]
        for who, rule in ((wants["owner"], "rota.owner"), (wants["asked_for"], "rota.asked_for")):
            if rule == "rota.asked_for" and wants["owner"]:
                continue
            if who and self.idle(who) and not self.vanished(who) and not self.asked_since_ready(visit["asked"], who):
                self.offer(visit, rule, [who], turn=False)
                return
        order = "one" if wants["source"] == "walk_in" else "other"
        able = self.able(visit, order)
        if able:
            self.next_of(visit, order, able)
            return
        everybody = [n for n in self.row(order) if self.may_be_asked_with_all(visit, n)]
        if everybody:
            self.offer(visit, "rota.all_free", everybody, turn=False)
        else:
            self.escalate(visit)

    def row(self, order: str) -> list[str]:
        """Those owed a turn and here, by the time they missed it, then the list."""
        ring = self.lists[order]
        here = [(t, ring.index(n), n) for t, n in self.owed[order] if self.idle(n) and not self.vanished(n)]
        first = [n for _, _, n in sorted(here)]
        return first + [n for n in ring if n not in first]

    def able(self, visit: dict[str, Any], order: str) -> list[str]:
        """Who can be called, in order; of them, only those with the skills asked for, if there is any."""
        found = [
            n
            for n in self.row(order)
            if self.idle(n)
            and n not in self.day.starters
            and not self.vanished(n)
            and not self.asked_since_ready(visit["asked"], n)
        ]
        skilled = [n for n in found if self.fits(visit, n)]
        return skilled or found

    def fits(self, visit: dict[str, Any], name: str) -> bool:
        return set(visit["wants"]["needs"]) <= self.day.skills[name]

    def next_of(self, visit: dict[str, Any], order: str, able: list[str]) -> None:
        chosen = able[0]
        narrowed = self.fits(visit, chosen)
        in_hours = OPENS <= visit["at"] < CLOSES
        make_up = next((pair for pair in self.owed[order] if pair[1] == chosen), None)
        if visit["wants"]["owner"]:
            self.offer(visit, "rota.assist", [chosen], turn=False)
        elif not in_hours:
            self.offer(visit, "rota.outside_hours", [chosen], turn=False)
        elif make_up is not None:
            self.owed[order].remove(make_up)
            self.offer(visit, "rota.make_up", [chosen], turn=True)
        else:
            ring = self.lists[order]
            for name in ring[: ring.index(chosen)]:
                if name not in able and (self.fits(visit, name) or not narrowed):
                    self.pass_over(order, name)
            ring.remove(chosen)
            ring.append(chosen)
            self.offer(visit, "rota.next", [chosen], turn=True)

    def pass_over(self, order: str, name: str) -> None:
        if name in self.gone_home or name in self.day.starters:
            return
        if name in self.out and not self.receiving(name):
            reason, since, until = self.out[name]
            over = until is not None and self.clock > until
            long = reason == "short_break" and until is not None and until - since > SECONDS_SHORT_BREAK
            keeps = reason in ("lunch", "company", "short_break") and not over and not long
        elif self.receiving(name) or self.being_asked(name):
            keeps = True
        elif self.vanished(name):
            keeps = False
        else:
            return
        if keeps and all(n != name for _, n in self.owed[order]):
            self.owed[order].append((self.clock, name))
        self.lists[order].remove(name)
        self.lists[order].append(name)

    def may_be_asked_with_all(self, visit: dict[str, Any], name: str) -> bool:
        if not self.idle(name) or self.vanished(name) or name in self.day.starters:
            return False
        return not self.asked_since_ready(visit["asked_with_all"], name) and not self.asked_since_ready(
            visit["said_no"], name
        )

    def asked_since_ready(self, asked: dict[str, int], name: str) -> bool:
        return name in asked and asked[name] >= self.ready_since[name]

    def offer(self, visit: dict[str, Any], rule: str, names: list[str], *, turn: bool) -> None:
        for name in names:
            visit["on_tablet_of"][name] = visit["asked"][name] = self.clock
            if rule == "rota.all_free":
                visit["asked_with_all"][name] = self.clock
        visit["told"] = True
        self.watched.add(self.clock + SECONDS_TO_ACCEPT)
        self.lines.append(Line(self.clock, visit["name"], rule, tuple(names), turn))

    def escalate(self, visit: dict[str, Any]) -> None:
        """Nobody took it: the manager, then the reception's screen. When all are rightly busy it only waits."""
        order = "one" if visit["wants"]["source"] == "walk_in" else "other"
        missing = any(self.vanished(n) for n in self.lists[order] if n not in self.day.starters)
        if not visit["asked"] and not missing and visit["manager_since"] is None:
            rule = "rota.wait"
        elif visit["manager_since"] is None:
            visit["manager_since"], rule = self.clock, "rota.manager"
            self.watched.add(self.clock + SECONDS_FOR_MANAGER)
        elif self.clock - visit["manager_since"] >= SECONDS_FOR_MANAGER and not visit["at_reception"]:
            visit["at_reception"], rule = True, "rota.reception"
        else:
            return
        if rule != "rota.wait" or not visit["told"]:
            self.lines.append(Line(self.clock, visit["name"], rule, (), False))
        visit["told"] = True
