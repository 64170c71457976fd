"""One process per Raspberry Pi: devices in, durable events out."""

VERSION = "0.1.0"
