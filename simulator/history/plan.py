"""From settings to the plans of invented offices."""

import base64
from zoneinfo import ZoneInfo

from contracts.sealing import Sealer
from simulator.history.settings import HistoryOffice, HistorySettings
from simulator.world.past import OfficePlan, Past


def past_of(settings: HistorySettings, office: HistoryOffice) -> Past:
    """Raises OSError or ValueError when the seal key cannot be read."""
    zone = ZoneInfo(office.time_zone)
    plan = OfficePlan(
        office=office.office,
        seed=settings.seed,
        zone=zone,
        first_day=settings.first_day,
        live_from=settings.started_at.astimezone(zone).date(),
        consultants=tuple(office.consultants),
        parties_per_day=office.parties_per_day,
        number_block=office.number_block,
        left=office.left,
    )
    return Past(plan, Sealer(base64.b64decode(office.seal_key_file.read_text(encoding="ascii").strip())))
