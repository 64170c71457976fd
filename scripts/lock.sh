#!/bin/bash
# Resolve every role's dependencies into requirements/, hashed, for all platforms, naming no package index.
set -euo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on
cd "$(dirname "$0")/.."
tools=build/lock
if [[ ! -x $tools/bin/uv ]]; then
  "${PYTHON:-python3}" -m venv --clear "$tools"
  "$tools/bin/python" -m pip install -q --disable-pip-version-check --root-user-action=ignore uv packaging
fi
for role in edge vision insightface gateway screens central demo dev; do
  echo "Resolving $role …"
  "$tools/bin/uv" pip compile -q pyproject.toml --extra "$role" --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-header \
    -o "requirements/$role.txt" "$@"
done
echo "Resolving firmware …" # tools only, in an environment of their own; ESPHome 2026.6.5 is the last one for Python 3.11
"$tools/bin/uv" pip compile -q requirements/firmware.in --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-header -o requirements/firmware.txt "$@"
"$tools/bin/python" scripts/locks.py --stamp
