"""What site sensors measure: each quantity has one unit, and a range that nothing real in a sales office leaves."""

from dataclasses import dataclass
from typing import Literal, get_args

Quantity = Literal[
    "temperature",
    "humidity",
    "co2",
    "pm2_5",
    "pm10",
    "tvoc",
    "formaldehyde",
    "illuminance",
    "noise",
    "weight",
    "pieces",
    "battery",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """`least` and `most` in `unit`: beyond them a sensor is broken or misread, and its number is put aside."""

    unit: str
    least: float
    most: float
    digits: int
    """Decimals worth showing."""


MEASURES: dict[Quantity, Measure] = {
    "temperature": Measure("°C", -40, 85, 1),
    "humidity": Measure("%", 0, 100, 0),
    "co2": Measure("ppm", 0, 40_000, 0),
    "pm2_5": Measure("µg/m³", 0, 5_000, 0),
    "pm10": Measure("µg/m³", 0, 5_000, 0),
    "tvoc": Measure("µg/m³", 0, 60_000, 0),
    "formaldehyde": Measure("µg/m³", 0, 10_000, 0),
    "illuminance": Measure("lx", 0, 200_000, 0),
    "noise": Measure("dB", 0, 140, 0),
    "weight": Measure("g", -1_000, 1_000_000, 0),
    "pieces": Measure("", -1_000, 100_000, 0),
    "battery": Measure("%", 0, 100, 0),
}
"""`pieces`: copies of a brochure on a shelf, its weight over that of one copy; an empty shelf may weigh a little less
than nothing until its scale is set to zero."""

if set(MEASURES) != set(get_args(Quantity)):
    raise AssertionError("every quantity has a measure")
