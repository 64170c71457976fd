#!/bin/bash
# The agent's tools as the agent's own user with its groups, in the release that runs. Install as /usr/local/bin/anchang-edge.
#   sudo anchang-edge probe | record | status | outbox | --check …
set -euo pipefail
config=${ANCHANG_CONFIG:-/etc/anchang/edge_agent.toml}
[[ $(id -u) == 0 ]] || { echo "anchang-edge: sudo anchang-edge $*" >&2; exit 2; }
cd /opt/anchang
[[ ! -e current ]] || cd current
tool=()
if [[ ${1:-} == [a-z]* ]]; then
  tool=("$1")
  shift
fi
exec runuser -u anchang -g anchang -G dialout -G video -- \
  .venv/bin/python -m edge_agent "${tool[@]}" --config "$config" "$@"
