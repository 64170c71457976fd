"""Reports of a Milesight VS121-P people counter: the JSON its own documentation shows.

Source: milesight.com/products/docs/en/vs121-p, "vs121-p-communication-protocol", report "Region People Counting".
"""

from datetime import datetime, timedelta, timezone
from typing import Any

_STAMP = "%Y/%m/%d %H:%M:%S"


def region_report(
    serial_number: str, occupancy: list[int], most: int, start: datetime, end: datetime, offset: timedelta
) -> dict[str, Any]:
    """One interval report. `start` and `end` are aware; the device writes them in its own zone, `offset` from UTC."""
    zone = timezone(offset)
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    return {
        "event": "Region People Counting",
        "report_type": "interval",
        "device_info": {
            "device_sn": serial_number,
            "device_mac": "24:E1:24:00:00:01",
            "ip_address": "127.0.0.1",
        },
        "time_info": {
            "timezone": f"UTC{hours:+d}:{minutes:02d}",
            "dst_status": False,
            "start_time": start.astimezone(zone).strftime(_STAMP),
            "end_time": end.astimezone(zone).strftime(_STAMP),
        },
        "current_total": sum(occupancy),
        "max_counted": most,
        "numbering_regions": list(range(1, len(occupancy) + 1)),
        "occupancy": occupancy,
    }
