"""Writes the OpenAPI documents of gateway and central into docs/contracts; `--check` exits 1 when one is stale."""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "contracts"
sys.path.insert(0, str(ROOT))


def gateway(scratch: Path) -> dict[str, Any]:
    from gateway.app import create_app
    from gateway.config import GatewayConfig

    files = {"database": scratch / "gateway.db", "keys_file": scratch / "gateway.keys"}
    return create_app(GatewayConfig(office="office", office_name="office", **files)).openapi()


def central(scratch: Path) -> dict[str, Any]:
    from central.app import create_app
    from central.settings import Settings

    database = f"sqlite+aiosqlite:///{scratch}/central.db"
    return create_app(Settings(database=database, keys_file=scratch / "central.keys")).openapi()


def documents() -> dict[Path, str]:
    with tempfile.TemporaryDirectory() as scratch:
        found = {"gateway": gateway(Path(scratch)), "central": central(Path(scratch))}
    return {
        FOLDER / f"openapi-{name}.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        for name, document in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a document is stale")
    rendered = documents()
    if not parser.parse_args().check:
        for path, text in rendered.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in rendered.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make render`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
