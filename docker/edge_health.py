"""Exit 0 when the agent's retained status at the broker says it is online: what the gateway knows of it, too.

`python -m docker.edge_health CONFIG` reads the agent's own configuration, with its environment overrides.
"""

import sys
from pathlib import Path
from queue import Empty, SimpleQueue

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contracts.messages import NodeStatus
from contracts.topics import Topic
from edge_agent.config import AgentConfig, load

SECONDS = 5


def retained_status(config: AgentConfig) -> NodeStatus | None:
    """None when the broker has none or does not answer in time."""
    heard: SimpleQueue[bytes] = SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if config.broker.username:
        client.username_pw_set(config.broker.username, config.broker.password())
    if config.broker.tls_ca_file:
        client.tls_set(ca_certs=config.broker.tls_ca_file)

    def subscribe(*_: object) -> None:
        client.subscribe(str(Topic(config.office, config.node, "status")), qos=1)

    client.on_connect = subscribe
    client.on_message = lambda _client, _userdata, message: heard.put(bytes(message.payload))
    client.connect(config.broker.host, config.broker.port)
    client.loop_start()
    try:
        return NodeStatus.model_validate_json(heard.get(timeout=SECONDS))
    except Empty:
        return None
    finally:
        client.disconnect()
        client.loop_stop()


def main(config_file: str) -> int:
    try:
        status = retained_status(load(Path(config_file)))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if status is None or not status.online:
        print("the broker has no status of this agent" if status is None else "offline", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
