"""Why a visit went where it went, in plain words, for every page that shows it."""

from kiosk_ui.verdicts.draw import draw
from kiosk_ui.verdicts.words import Told, tell

__all__ = ["Told", "draw", "tell"]
