"""Whose page it is: the language, how places are called, and the clocks of the offices. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from markupsafe import Markup

from kiosk_ui.texts import Texts
from kiosk_ui.wall.markup import span

_TONES = {
    "live": "ok",
    "repeat": "warn",
    "won": "ok",
    "lost": "bad",
    "conflict": "warn",
    "filed": "warn",
    "open": "warn",
    "upheld": "ok",
    "rejected": "bad",
    "evidence_accepted": "ok",
    "refused": "bad",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """`places`: `office/project` → its name; `zones`: each office's own zone, `names` its name."""

    t: Texts
    places: dict[str, str]
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def at(self, moment: datetime, office: str, form: str = "%m-%d %H:%M:%S") -> str:
        """By the office's clock; where that is not known in UTC, and says so."""
        zone = self.zones.get(office)
        return moment.astimezone(zone or UTC).strftime(form) + ("" if zone else " UTC")

    def place(self, office: str, project: str) -> str:
        return self.places.get(f"{office}/{project}") or f"{office} {project}".strip()

    def clocks(self, now: datetime) -> str:
        """By which clock the times of this page are told, in words."""
        offsets = {office: _offset(now.astimezone(zone)) for office, zone in self.zones.items()}
        if len(set(offsets.values())) <= 1:
            return self.t("agent.zone.one", zone=next(iter(offsets.values()), "UTC"))
        each = (f"{self.names.get(office, office)} {offset}" for office, offset in offsets.items())
        return self.t("agent.zone.each", zones=_joined(each))


def _offset(local: datetime) -> str:
    """`UTC+08:00`."""
    return f"UTC{local.isoformat()[-6:]}"


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(parts)


def chip(code: str, words: str) -> Markup:
    tone = _TONES.get(code, "")
    return span(words, cls=f"ac-chip {f'ac-chip-{tone}' if tone else ''}".strip())
