"""When looks at a face become a recognised person. Pure: times are passed in, nothing is kept beyond a track's end."""

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from edge_agent.vision.config import MatchingConfig
from edge_agent.vision.ports import Scale
from edge_agent.vision.vault.gallery import Match, Near

Track = tuple[str, str, int]
"""(node, camera, track)."""
MAX_TRACKS = 1_000
"""More faces than any office has before its cameras: a bound, should ends of tracks never arrive."""


def threshold(scale: Scale, people: int) -> float:
    """The cosine that a look must reach with so many people in the gallery: each tenfold adds a step, up to a bound.

    With n people n impostor comparisons are made at every look, so the chance of a false match grows with n.
    """
    return min(scale.threshold_one + scale.threshold_per_decade * _decades(people), scale.threshold_most)


def margin(scale: Scale, people: int) -> float:
    """How much nearer than the next person the best one must be."""
    return scale.margin_one + scale.margin_per_decade * _decades(people)


def _decades(people: int) -> float:
    return math.log10(max(people, 1))


def votes_for(match: Match, scale: Scale, people: int) -> bool:
    """Whether one look speaks for its best person."""
    near = match.score >= threshold(scale, people)
    return near and match.score - match.second >= margin(scale, people)


def known_as(nearest: Iterable[Near], person_ref: str) -> str | None:
    """The other person whom looks at `person_ref` show; `nearest` are who each look is, where it is anybody.

    One look is enough: a face under two references would be recognised as neither. When the looks differ, the nearest.
    """
    others = [near for near in nearest if near.person_ref != person_ref]
    return min(others, key=lambda near: (-near.score, near.person_ref)).person_ref if others else None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The looks of a track agreed. `score`, `second` and `consent_id` are those of the best agreeing look."""

    person_ref: str
    consent_id: str
    score: float
    second: float
    threshold: float
    votes: int
    frames: int


@dataclass(slots=True)
class _TrackState:
    """References and cosines, no vector. A look without a vote is kept as None: it counts as a frame."""

    looks: deque[Match | None]
    heard: float
    decided: bool = False


@dataclass(slots=True)
class Votes:
    """The vote of every track in view. Not thread-safe: one matcher owns it. Times are monotonic seconds."""

    rules: MatchingConfig
    _tracks: "OrderedDict[Track, _TrackState]" = field(default_factory=OrderedDict)
    _reported: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """(person_ref, node, camera) → when it was reported: the only thing that outlives a track."""

    def look(self, track: Track, match: Match | None, scale: Scale, people: int, now: float) -> Recognised | None:
        """Count one look at a track; the person when it decides, once a track.

        Two people with votes among the last looks are a conflict: no decision until one of them has dropped out.
        """
        self._tidy(now)
        state = self._tracks.setdefault(track, _TrackState(deque(maxlen=self.rules.looks), now))
        self._tracks.move_to_end(track)
        state.heard = now
        if state.decided:
            return None
        state.looks.append(match if match is not None and votes_for(match, scale, people) else None)
        agreed = self._agreed(state, threshold(scale, people))
        if agreed is None:
            return None
        state.decided = True
        state.looks.clear()
        return agreed if self._is_news(agreed.person_ref, track, now) else None

    def ended(self, track: Track) -> None:
        self._tracks.pop(track, None)

    def forget(self, person_ref: str) -> None:
        """Drop what is remembered of a person whose consent ended: votes, and when they were reported."""
        for state in self._tracks.values():
            kept = [None if look is not None and look.person_ref == person_ref else look for look in state.looks]
            state.looks = deque(kept, maxlen=self.rules.looks)
        self._reported = {key: at for key, at in self._reported.items() if key[0] != person_ref}

    def clear(self) -> None:
        """Drop every track: matching stopped."""
        self._tracks.clear()

    @property
    def tracks(self) -> int:
        return len(self._tracks)

    def _agreed(self, state: _TrackState, limit: float) -> Recognised | None:
        votes = [look for look in state.looks if look is not None]
        tally = Counter(look.person_ref for look in votes)
        if len(tally) != 1 or len(votes) < self.rules.votes_needed:
            return None
        best = max(votes, key=lambda look: look.score)
        return Recognised(
            best.person_ref, best.consent_id, best.score, best.second, limit, len(votes), len(state.looks)
        )

    def _is_news(self, person_ref: str, track: Track, now: float) -> bool:
        key = (person_ref, track[0], track[1])
        last = self._reported.get(key)
        if last is not None and now - last < self.rules.quiet_seconds:
            return False
        self._reported[key] = now
        return True

    def _tidy(self, now: float) -> None:
        while self._tracks:
            oldest = next(iter(self._tracks))
            idle = now - self._tracks[oldest].heard
            if idle <= self.rules.track_idle_seconds and len(self._tracks) < MAX_TRACKS:
                break
            del self._tracks[oldest]
        over = [key for key, at in self._reported.items() if now - at >= self.rules.quiet_seconds]
        for key in over:
            del self._reported[key]
