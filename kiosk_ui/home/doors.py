"""Which doors a process has. Pure."""

from dataclasses import dataclass

from kiosk_ui.config import Config


@dataclass(frozen=True, slots=True)
class Door:
    """`name` is the key of its texts (`home.door.<name>`); `href` where it leads."""

    name: str
    symbol: str
    href: str


_OFFICE = (
    ("kiosk", "touch_app"),
    ("tablet", "tablet_mac"),
    ("reception", "support_agent"),
    ("board", "insights"),
    ("desk", "gavel"),
)
_PHONE = ("phone", "smartphone")
_HEAD_OFFICE = (("console", "domain"), ("agent", "qr_code_2"))


def doors_of(config: Config) -> list[Door]:
    """What this process serves; in a demo also the other process's pages, at its own address."""
    elsewhere = str(config.demo.other_url) if config.demo and config.demo.other_url else None
    doors = []
    for served, group in ((config.gateway is not None, _OFFICE), (config.central is not None, _HEAD_OFFICE)):
        if served or elsewhere:
            origin = "" if served else elsewhere
            shown = [*group, _PHONE] if served and group is _OFFICE and _has_phone(config) else group
            doors += [Door(name, symbol, f"{origin}/{name}") for name, symbol in shown]
    return doors


def _has_phone(config: Config) -> bool:
    return config.demo is not None and config.demo.phone_token_file is not None
