#!/bin/bash
# Remove what the demo recorded. Refuses while it runs: its programs would go on writing into removed files.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.demo
if [[ ! -d $folder ]]; then
  echo "There is no demo data."
  exit 0
fi
pid_file=$folder/box.pid
if [[ -f $pid_file ]] && kill -0 "$(cat "$pid_file")" 2>/dev/null; then
  echo "The demo is running (process $(cat "$pid_file")): stop it with Ctrl-C first." >&2
  exit 1
fi
rm -rf "$folder"
echo "The demo's data is gone; the next 'make demo' starts fresh."
