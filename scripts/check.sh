#!/bin/bash
# Everything that can be said about the code without running it. Goes on after a failure, to report all of them.
set -uo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on
cd "$(dirname "$0")/.." || exit 1
failed=()

step() {
  local name=$1 started=$SECONDS
  shift
  if "$@"; then
    printf 'ok      %-18s %3d s\n' "$name" $((SECONDS - started))
  else
    printf 'FAILED  %-18s %3d s   (%s)\n' "$name" $((SECONDS - started)) "$*"
    failed+=("$name")
  fi
}
quietly() { # show the output only when the command fails
  local output status
  output=$("$@" 2>&1)
  status=$?
  [[ $status == 0 ]] || printf '%s\n' "$output"
  return "$status"
}
shell_scripts() {
  if command -v shellcheck >/dev/null; then
    local installed
    mapfile -t installed < <(git ls-files -co --exclude-standard 'firmware_configs/*.sh' 'firmware_configs/*/autostart')
    shellcheck scripts/*.sh .ci/run "${installed[@]}"
  elif [[ -n ${CI:-} ]]; then
    echo "shellcheck is not installed, and CI is set"
    return 1
  else
    echo "skipped: shellcheck is not installed (apt-get install shellcheck)"
  fi
}

py=.venv/bin/python
step format quietly "$py" -m ruff format --check .
step lint quietly "$py" -m ruff check .
step types quietly "$py" -m mypy
step imports quietly .venv/bin/lint-imports
step contracts quietly "$py" -m contracts.render --check
step openapi quietly "$py" scripts/render_openapi.py --check
step devices quietly "$py" scripts/render_devices.py --check
step migrations quietly "$py" scripts/migrations.py
step locks quietly "$py" scripts/locks.py --check
step shell shell_scripts
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "make check failed: ${failed[*]}" >&2
  exit 1
fi
