"""ESPHome component: people walking in and out under one VL53L1X above a door, as running totals."""

from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import i2c, text_sensor
from esphome.const import CONF_ID

DEPENDENCIES = ["i2c"]
AUTO_LOAD = ["text_sensor"]
MULTI_CONF = True

CONF_MOUNTING_HEIGHT = "mounting_height"
CONF_PEOPLE_IN = "people_in"
CONF_PEOPLE_OUT = "people_out"
CONF_PROBLEM = "problem"
CONF_SMALLEST_PERSON = "smallest_person"
CONF_TURNED = "turned"

DoorTof = cg.esphome_ns.namespace("door_tof").class_("DoorTof", cg.Component, i2c.I2CDevice)


def _person_fits(config: dict[str, Any]) -> dict[str, Any]:
    """The sensor must hang clear of heads: below 1.9 m a tall person is nearer than it can measure."""
    if config[CONF_MOUNTING_HEIGHT] - config[CONF_SMALLEST_PERSON] < 0.5:
        raise cv.Invalid(f"{CONF_SMALLEST_PERSON} must be at least 0.5 m below {CONF_MOUNTING_HEIGHT}")
    return config


CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(DoorTof),
            cv.Required(CONF_MOUNTING_HEIGHT): cv.All(cv.distance, cv.Range(min=1.9, max=3.2)),
            cv.Optional(CONF_SMALLEST_PERSON, default="0.8m"): cv.All(cv.distance, cv.Range(min=0.5, max=1.5)),
            cv.Optional(CONF_TURNED, default=False): cv.boolean,
            cv.Required(CONF_PEOPLE_IN): text_sensor.text_sensor_schema(icon="mdi:location-enter"),
            cv.Required(CONF_PEOPLE_OUT): text_sensor.text_sensor_schema(icon="mdi:location-exit"),
            cv.Optional(CONF_PROBLEM): text_sensor.text_sensor_schema(
                entity_category="diagnostic", icon="mdi:alert-circle-outline"
            ),
        }
    )
    .extend(cv.COMPONENT_SCHEMA)
    .extend(i2c.i2c_device_schema(0x29)),
    _person_fits,
)


async def to_code(config: dict[str, Any]) -> None:
    person_mm = round((config[CONF_MOUNTING_HEIGHT] - config[CONF_SMALLEST_PERSON]) * 1000)
    counter = cg.new_Pvariable(config[CONF_ID], person_mm)
    await cg.register_component(counter, config)
    await i2c.register_i2c_device(counter, config)
    cg.add(counter.set_turned(config[CONF_TURNED]))
    for name in (CONF_PEOPLE_IN, CONF_PEOPLE_OUT, CONF_PROBLEM):
        if name in config:
            sensor = await text_sensor.new_text_sensor(config[name])
            cg.add(getattr(counter, f"set_{name}")(sensor))
