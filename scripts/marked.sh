#!/bin/bash
# Run the tests of one marker; a marker that selects nothing is a failure that says so.
set -uo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on
cd "$(dirname "$0")/.." || exit 1
marker=$1
shift
.venv/bin/python -m pytest -m "$marker" "$@"
status=$?
if [[ $status == 5 ]]; then
  echo "No test is marked '$marker': nothing was run, and that is a failure." >&2
fi
exit "$status"
