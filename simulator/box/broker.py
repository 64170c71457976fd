"""The embedded MQTT broker (iotcore, rumqttd inside), bound to loopback. It keeps nothing: not a record, a wire."""

import logging

from iotcore import Broker


def run(port: int) -> int:
    """Blocks until the process is told to stop."""
    # rumqttd reports every packet as an error of its tracing; only what iotcore itself says is worth a line
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    Broker(port=port, listen="127.0.0.1").run_forever()
    return 0
