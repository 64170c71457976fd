"""The configuration file of each program, as docs/api.md asks."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contracts.topics import Topic
from simulator.box import toml
from simulator.box.faces import REGULARS, YOUR_FACE, Faces
from simulator.box.offices import LIVE, PROJECTS, YOURS, Office
from simulator.box.state import Folder, State

NODE = "lobby"
PANEL_ID = 5
CAMERAS = ("cam-kiosk", "cam-desk", "cam-door")
"""At the kiosk of whoever tries the demo, at the simulated visitors' kiosk, and above the door."""
_CAMERA_FPS = 6.0
MILESIGHT_TOPIC = "milesight/369362028335"
AIR_TOPIC = "zigbee2mqtt/air-hall"
SHELF_TOPIC = "shelf-1/sensor/weight/state"
COPY_GRAMS = 85.0
HISTORY_DAYS = 28
_NUMBERS_PER_START = 500
LAST_TICKET = "last-ticket.txt"
"""What the simulated printer printed last, as text."""


def write_configs(
    folder: Folder, state: State, offices: list[Office], speed: float, faces: Faces | None
) -> dict[str, Path]:
    """Write all of them and return their paths by program. Without `faces` no camera is simulated."""
    tables = {
        "central": _central(folder, state, offices),
        "gateway": _gateway(folder, state, faces),
        "edge_agent": _edge_agent(folder, state, faces),
        "kiosk_ui": _kiosk_ui(folder, state),
        "devices": _devices(folder, state),
        "people": _people(folder, state, speed, faces),
        "history": _history(folder, state, offices),
    }
    if faces is not None:
        tables["cameras"] = _cameras(folder, state, faces)
    return {name: folder.secret(f"config/{name}.toml", toml.dumps(table)) for name, table in tables.items()}


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _broker(state: State) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": state.ports["broker"]}


def _url(state: State, program: str) -> str:
    return f"http://127.0.0.1:{state.ports[program]}"


def _central(folder: Folder, state: State, offices: list[Office]) -> dict[str, Any]:
    return {
        "database": f"sqlite+aiosqlite:///{folder / 'data/central.db'}",
        "keys_file": folder / "secrets/central.keys",
        "http": {"host": "127.0.0.1", "port": state.ports["central"]},
        "timeseries": {"backend": "sql"},
        "tokens": {
            "hq-admin": {"role": "admin", "token_sha256": _sha256(state.tokens["hq-admin"])},
            "hq-manager": {"role": "manager", "token_sha256": _sha256(state.tokens["hq-manager"])},
        },
        "people": {
            account.staff_no.lower(): account.model_dump(include={"person_id", "staff_no", "name", "role", "pin_hash"})
            for account in state.head_office
        },
        "office_tokens": {
            office.slug: {
                "token_sha256": _sha256(state.offices[office.slug].token),
                "seal_key_file": folder / f"secrets/{office.slug}.seal",
            }
            for office in offices
        },
    }


def _gateway(folder: Folder, state: State, faces: Faces | None) -> dict[str, Any]:
    def at(camera: str) -> dict[str, str]:
        return {} if faces is None else {"node": NODE, "camera": camera}

    return {
        "office": LIVE.slug,
        "office_name": LIVE.name_zh,
        "office_name_en": LIVE.name_en,
        "projects": [{"project": slug, "name": name, "name_en": name_en} for slug, name, name_en in PROJECTS],
        "time_zone": state.time_zone,
        "database": folder / "data/gateway.db",
        "keys_file": folder / "secrets/gateway.keys",
        "http": {"host": "127.0.0.1", "port": state.ports["gateway"]},
        "broker": _broker(state),
        "central": {
            "url": _url(state, "central"),
            "token_file": folder / f"secrets/{LIVE.slug}.token",
            "roster_seconds": 2.0,
        },
        "devices": {
            "kiosk-1": {"role": "kiosk", "token_sha256": _sha256(state.tokens["kiosk"]), **at("cam-kiosk")},
            "phone-1": {"role": "phone", "token_sha256": _sha256(state.tokens["phone"])},
            "board-1": {"role": "board", "token_sha256": _sha256(state.tokens["board"])},
            "simulated-kiosk": {
                "role": "kiosk",
                "token_sha256": _sha256(state.tokens["simulated-kiosk"]),
                **at("cam-desk"),
            },
            "simulated-board": {"role": "board", "token_sha256": _sha256(state.tokens["simulated-board"])},
        },
        "ticket_printers": [
            {
                "node": NODE,
                "device": "printer-1",
                "kiosks": ["kiosk-1", "simulated-kiosk"],
                "buttons": [f"{NODE}/button-1"],
                "qr": "{ticket_id}",
            }
        ],
        "policy": {
            "offer_seconds": 30,
            "default_service_minutes": 4,
            "leave_quiet_minutes": 1,
            "panel_node": NODE,
            "panel_device": "panel-1",
            "panel_number": PANEL_ID,
        },
    }


def _edge_agent(folder: Folder, state: State, faces: Faces | None) -> dict[str, Any]:
    register = {"function": 3, "type": "uint32", "word_order": "big"}
    return {
        "office": LIVE.slug,
        "node": NODE,
        "outbox": {"path": folder / "data/outbox.db", "max_events": 500_000},
        "broker": _broker(state),
        "status_file": folder / "run/status.json",
        "remote": {"accept": True, "folder": folder / "data/config", "trial_seconds": 20.0},
        "devices": [
            {
                "id": "door-main",
                "driver": "modbus_counter",
                "url": folder / "dev/door-main",
                "slave": 1,
                "poll_seconds": 0.5,
                "registers": {"total_in": {**register, "address": 0}, "total_out": {**register, "address": 2}},
            },
            {"id": "hall", "driver": "milesight_vs121", "topic": MILESIGHT_TOPIC},
            {"id": "button-1", "driver": "serial_button", "url": folder / "dev/button-1"},
            {"id": "panel-1", "driver": "panel_sum8", "url": folder / "dev/panel-1", "panel": PANEL_ID},
            {
                "id": "printer-1",
                "driver": "escpos_printer",
                "connection": {"kind": "serial", "url": folder / "dev/printer-1"},
            },
            *_site_sensors(),
            *([] if faces is None else [_camera_device(state, camera) for camera in CAMERAS]),
        ],
        **({} if faces is None else {"faces": _faces(folder, state, faces)}),
    }


def _site_sensors() -> list[dict[str, Any]]:
    air = [
        {"quantity": "temperature", "at": "temperature", "low": 18.0, "high": 28.0, "hysteresis": 0.5},
        {"quantity": "humidity", "at": "humidity"},
        {"quantity": "co2", "at": "co2", "high": 1200.0, "hysteresis": 50.0},
    ]
    copies = {"quantity": "pieces", "scale": 1 / COPY_GRAMS, "low": 10.0, "hysteresis": 2.0}
    return [
        {"id": "air-hall", "driver": "site_sensor", "topic": AIR_TOPIC, "silent_seconds": 60.0, "readings": air},
        {"id": "shelf-1", "driver": "site_sensor", "topic": SHELF_TOPIC, "silent_seconds": 60.0, "readings": [copies]},
    ]


def _faces(folder: Folder, state: State, faces: Faces) -> dict[str, Any]:
    return {
        "models": faces.models,
        "vault": folder / "data/faces.db",
        "copy": folder / "data/consents.db",
        "key_file": folder / "secrets/faces.key",
        "preview_port": state.ports["preview"],
    }


def _camera_device(state: State, camera: str) -> dict[str, Any]:
    return {
        "id": camera,
        "driver": "camera",
        "source": {"kind": "mjpeg", "url": f"http://127.0.0.1:{state.ports[camera]}/{camera}.mjpg"},
        "faces": {"cam-kiosk": "both", "cam-desk": "enrol", "cam-door": "recognise"}[camera],
    }


def _cameras(folder: Folder, state: State, faces: Faces) -> dict[str, Any]:
    """A program of its own: drawing pictures must not delay the answers of a serial line."""
    common = {"kind": "camera", "portraits": faces.portraits, "fps": _CAMERA_FPS}
    stand_in = {
        "command_topic": str(Topic(LIVE.slug, NODE, "command")),
        "enrol": YOUR_FACE.enrol,
        "live": YOUR_FACE.live,
    }
    return {
        "control": folder / "cameras.sock",
        "seed": state.seed,
        "broker": _broker(state),
        "devices": [
            {**common, "id": camera, "port": state.ports[camera]}
            | ({"stand_in": stand_in} if camera == "cam-kiosk" else {})
            for camera in CAMERAS
        ],
    }


def _kiosk_ui(folder: Folder, state: State) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": state.ports["kiosk_ui"],
        "storage_secret_file": folder / "secrets/screens.secret",
        "gateway": {
            "url": _url(state, "gateway"),
            "kiosk_token_file": folder / "secrets/kiosk.token",
            "board_token_file": folder / "secrets/board.token",
        },
        "central": {"url": _url(state, "central")},
        "project": {"name_zh": LIVE.name_zh, "name_en": LIVE.name_en, "time_zone": state.time_zone},
        "demo": {"accounts": _accounts_to_try(state), "phone_token_file": folder / "secrets/phone.token"},
    }


def _accounts_to_try(state: State) -> list[dict[str, str]]:
    """The consultant that nobody plays, the reception, the manager, head office, and the agencies' agents."""
    live = state.offices[LIVE.slug].accounts
    yours = [each for each in live if each.staff_no == YOURS.staff_no]
    reception = [each for each in live if each.role == "reception"]
    managers = [each for each in live if each.role == "manager"]
    seats = (
        ("tablet", yours),
        ("reception", reception),
        ("desk", managers),
        ("console", state.head_office),
        ("agent", [agency.agent for agency in state.agencies]),
    )
    return [
        {"name": each.name, "staff_no": each.staff_no, "pin": each.pin, "screen": screen}
        for screen, accounts in seats
        for each in accounts
    ]


def _devices(folder: Folder, state: State) -> dict[str, Any]:
    offset = state.started_at.astimezone(ZoneInfo(state.time_zone)).utcoffset() or timedelta()
    return {
        "control": folder / "devices.sock",
        "seed": state.seed,
        "broker": _broker(state),
        "devices": [
            {"kind": "modbus_counter", "id": "door-main", "link": folder / "dev/door-main", "slave": 1},
            {
                "kind": "milesight_vs121",
                "id": "hall",
                "topic": MILESIGHT_TOPIC,
                "utc_offset_hours": offset.total_seconds() / 3600,
            },
            {"kind": "serial_button", "id": "button-1", "link": folder / "dev/button-1"},
            {"kind": "panel_sum8", "id": "panel-1", "link": folder / "dev/panel-1", "panel": PANEL_ID},
            {
                "kind": "escpos_printer",
                "id": "printer-1",
                "link": folder / "dev/printer-1",
                "last": folder / LAST_TICKET,
            },
            {"kind": "site_sensor", "id": "air-hall", "topic": AIR_TOPIC},
            {"kind": "site_sensor", "id": "shelf-1", "topic": SHELF_TOPIC, "copy_grams": COPY_GRAMS},
        ],
    }


def _people(folder: Folder, state: State, speed: float, faces: Faces | None) -> dict[str, Any]:
    return {
        "gateway_url": _url(state, "gateway"),
        "kiosk_token_file": folder / "secrets/simulated-kiosk.token",
        "board_token_file": folder / "secrets/simulated-board.token",
        "control": folder / "devices.sock",
        "time_zone": state.time_zone,
        "seed": state.seed + state.starts,
        "speed": speed,
        "projects": [slug for slug, _, _ in PROJECTS],
        "numbers_from": state.starts * _NUMBERS_PER_START % 9_000,
        "consultants": [
            {"staff_no": account.staff_no, "pin_file": folder / f"secrets/{account.staff_no}.pin"}
            for account in state.offices[LIVE.slug].accounts
            if account.role == "consultant" and account.staff_no != YOURS.staff_no
        ],
        **({} if faces is None else {"regulars": _regulars(folder)}),
        **({} if state.starts > 1 else {"stories": {"reception": _reception(folder, state)}}),
    }


def _reception(folder: Folder, state: State) -> dict[str, Any]:
    account = next(each for each in state.offices[LIVE.slug].accounts if each.role == "reception")
    return {"staff_no": account.staff_no, "pin_file": folder / f"secrets/{account.staff_no}.pin"}


def _regulars(folder: Folder) -> dict[str, Any]:
    return {
        "control": folder / "cameras.sock",
        "door_camera": "cam-door",
        "desk_camera": "cam-desk",
        "faces": [
            {"enrol": each.enrol, "live": each.live, "height": each.height, "consents": each.consents}
            for each in REGULARS
        ],
    }


def _history(folder: Folder, state: State, offices: list[Office]) -> dict[str, Any]:
    first_day = state.started_at.astimezone(ZoneInfo(state.first_time_zone)).date() - timedelta(days=HISTORY_DAYS)
    return {
        "seed": state.seed,
        "first_day": first_day.isoformat(),
        "started_at": state.started_at.isoformat(),
        "progress_file": folder / "history.json",
        "central_url": _url(state, "central"),
        "broker": _broker(state),
        "offices": [_history_office(folder, state, place, office) for place, office in enumerate(offices)],
    }


def _history_office(folder: Folder, state: State, place: int, office: Office) -> dict[str, Any]:
    kept = state.offices[office.slug]
    live = {"live": True, "crossings_stream": state.crossings_stream} if office is LIVE else {}
    return {
        "office": office.slug,
        "time_zone": state.first_time_zone,
        "token_file": folder / f"secrets/{office.slug}.token",
        "seal_key_file": folder / f"secrets/{office.slug}.seal",
        "stream": kept.stream,
        "consultants": [account.person_id for account in kept.accounts if account.role == "consultant"],
        "parties_per_day": office.parties_per_day,
        "number_block": place * 20_000,
        **({} if kept.left is None else {"left": kept.left.person_id}),
        **live,
    }
