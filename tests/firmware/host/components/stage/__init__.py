"""ESPHome component for tests: an I2C bus with one simulated VL53L1X, whose scene is a file."""

from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import i2c
from esphome.const import CONF_FILE, CONF_ID

DEPENDENCIES = ["i2c"]

Stage = cg.esphome_ns.namespace("stage").class_("Stage", i2c.I2CBus)

CONFIG_SCHEMA = cv.Schema({cv.GenerateID(): cv.declare_id(Stage), cv.Required(CONF_FILE): cv.string})


async def to_code(config: dict[str, Any]) -> None:
    cg.new_Pvariable(config[CONF_ID], config[CONF_FILE])
