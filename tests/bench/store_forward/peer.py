"""`thingsboard-gateway` in an environment of its own: how it is installed, configured and run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.conftest import ROOT
from tests.bench.store_forward.load import PREFIX

PEER = ROOT / "build" / "bench-peer"
PEER_LOCK = ROOT / "requirements" / "bench-peer.txt"

MAIN = "from thingsboard_gateway.tb_gateway import daemon; daemon()"


def configure(folder: Path, uplink: int, devices: int) -> None:
    """The package's own configuration with its sqlite storage, and a session that the broker keeps."""
    [shipped] = (PEER / "lib").glob("python3*/site-packages/thingsboard_gateway/config")
    config = folder / "config"
    config.mkdir()
    for name in ("logs.json", "tb_gateway.json"):
        shutil.copy(shipped / name, config / name)
    (folder / "logs").mkdir()
    (folder / "data").mkdir()
    main = json.loads((config / "tb_gateway.json").read_text())
    main["thingsboard"] |= {
        "host": "127.0.0.1",
        "port": uplink,
        "remoteConfiguration": False,
        "statistics": {"enable": False},
        "security": {"type": "accessToken", "accessToken": "bench"},
    }
    main["storage"] = {
        "type": "sqlite",
        "data_file_path": f"{folder}/data/",
        "messages_ttl_check_in_hours": 1,
        "messages_ttl_in_days": 7,
    }
    main["connectors"] = [{"type": "mqtt", "name": "counters", "configuration": "mqtt.json"}]
    (config / "tb_gateway.json").write_text(json.dumps(main))
    (config / "mqtt.json").write_text(json.dumps(_connector(devices)))


def _connector(port: int) -> dict[str, Any]:
    info = {
        "deviceNameExpressionSource": "topic",
        "deviceNameExpression": f"(?<={PREFIX.rpartition('/')[0]}/)(.*)",
        "deviceProfileExpressionSource": "constant",
        "deviceProfileExpression": "counter",
    }
    return {
        "broker": {
            "host": "127.0.0.1",
            "port": port,
            "clientId": "peer-connector",
            "version": 5,
            "cleanSession": False,
            "cleanStart": False,
            "sessionExpiryInterval": 86_400,
            "maxMessageNumberPerWorker": 10,
            "maxNumberOfWorkers": 100,
            "security": {"type": "anonymous"},
        },
        "mapping": [
            {
                "topicFilter": f"{PREFIX.rpartition('/')[0]}/+",
                "subscriptionQos": 1,
                "converter": {
                    "type": "json",
                    "deviceInfo": info,
                    "sendDataOnlyOnChange": False,
                    "timeout": 60_000,
                    "attributes": [],
                    "timeseries": [{"type": "integer", "key": "total", "value": "${total_in}"}],
                },
            }
        ],
    }


def install() -> str:
    """Make the peer's environment from its own lock, once. Returns why it cannot be had, or nothing."""
    stamp = PEER / "installed"
    if stamp.is_file() and stamp.read_text() == PEER_LOCK.read_text():
        return ""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER)], check=True)
    pip = [str(PEER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "-r", str(PEER_LOCK)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    stamp.write_text(PEER_LOCK.read_text())
    return ""
