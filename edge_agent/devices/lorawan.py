"""An uplink of a LoRaWAN device, as network servers publish it over MQTT or HTTP. Pure.

- ChirpStack v4 (chirpstack.io/docs, "Integrations", event `up`; chirpstack-api, integration.proto):
  `deviceInfo.devEui`, `devAddr`, `fCnt`, `fPort`, `data` in base64, `time`; members that are 0 are left out.
- The Things Stack v3 (thethingsindustries.com/docs, "Data Formats"): `end_device_ids.dev_eui`, `uplink_message` with
  `session_key_id`, `f_cnt`, `f_port`, `frm_payload` in base64, `received_at`; members that are 0 are left out.
- Milesight's own gateways (support.milesight-iot.com 73000600064; milesight.com/building-iot-gateway … uplink-data):
  `devEUI`, `fCnt` and `fPort` where the gateway is told to send them, `data` in base64, `time`.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from edge_agent.devices import lenient
from edge_agent.devices.lenient import PayloadError, child, text

_EUI = re.compile(r"[0-9a-f]{16}")
_FRAMES = 2**32


@dataclass(frozen=True, slots=True)
class Uplink:
    """One frame.

    `frame` and `port` are None when the server did not tell; `session` names the life of the frame numbers where it is
    told. `received_at`: seconds of the server's clock; `received`: the same as it was written.
    """

    dev_eui: str
    data: bytes
    frame: int | None
    port: int | None
    session: str
    received: str
    received_at: float | None


def uplink(payload: bytes) -> Uplink:
    """Raises PayloadError for what is no uplink with a payload of any of these servers."""
    members = lenient.members(payload)
    if "uplink_message" in members:
        return _things_stack(members)
    if "deviceinfo" in members:
        return _chirpstack(members)
    if "deveui" in members:
        return _milesight(members)
    raise PayloadError("report_no_uplink")


def _chirpstack(members: dict[str, Any]) -> Uplink:
    return _uplink(
        child(members, "deviceinfo").get("deveui"),
        members.get("data", ""),
        frame=members.get("fcnt", 0),
        port=members.get("fport", 0),
        session=text(members.get("devaddr")),
        received=text(members.get("time")),
    )


def _things_stack(members: dict[str, Any]) -> Uplink:
    message = child(members, "uplink_message")
    return _uplink(
        child(members, "end_device_ids").get("dev_eui"),
        message.get("frm_payload", ""),
        frame=message.get("f_cnt", 0),
        port=message.get("f_port", 0),
        session=text(message.get("session_key_id")) or text(child(members, "end_device_ids").get("dev_addr")),
        received=text(message.get("received_at")) or text(members.get("received_at")),
    )


def _milesight(members: dict[str, Any]) -> Uplink:
    return _uplink(
        members.get("deveui"),
        members.get("data", ""),
        frame=members.get("fcnt"),
        port=members.get("fport"),
        session="",
        received=text(members.get("time")),
    )


def _uplink(dev_eui: Any, data: Any, *, frame: Any, port: Any, session: str, received: str) -> Uplink:
    eui = text(dev_eui).replace("-", "").replace(":", "").lower()
    if not _EUI.fullmatch(eui):
        raise PayloadError("report_no_dev_eui")
    if not isinstance(data, str):
        raise PayloadError("report_not_base64")
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PayloadError("report_not_base64") from error
    return Uplink(
        eui, decoded, _number(frame, _FRAMES - 1), _number(port, 255), session, received, lenient.seconds(received)
    )


def _number(found: Any, most: int) -> int | None:
    """Raises PayloadError for a number that cannot be one."""
    if found is None:
        return None
    number = lenient.count(found)
    if number is None or number > most:
        raise PayloadError("report_frame_impossible")
    return number
