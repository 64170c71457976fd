#!/bin/bash
# The tools that check firmware_configs/, in an environment of their own: ESPHome and yamllint from requirements/firmware.txt,
# and cloud-init unpacked from Debian's package, never installed: on a developer's machine it would run at the next start.
set -euo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on
cd "$(dirname "$0")/.."
lock=requirements/firmware.txt
tools=build/esphome-venv
py=$tools/bin/python

stamp() { printf '%s %s\n' "$(sha256sum <"$lock" | cut -c1-64)" "$("$py" -V 2>&1)"; }
if [[ ! -x $py || ! -f $tools/installed || "$(cat "$tools/installed")" != "$(stamp)" ]]; then
  echo "Installing ESPHome into $tools, about 1 minute …"
  "${PYTHON:-python3}" -m venv --clear "$tools"
  "$py" -m pip install -q --require-hashes --no-deps --disable-pip-version-check --no-input --root-user-action=ignore \
    -r "$lock" 2> >(grep -v ' is ignored: ' >&2)
  stamp >"$tools/installed"
fi

cloud_init=build/cloud-init
if [[ ! -d $cloud_init/usr ]]; then
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    fetched=$(mktemp -d)
    chmod 0755 "$fetched"
    fetch() { (cd "$fetched" && apt-get download -qq cloud-init); }
    { fetch || { apt-get update -qq && fetch; }; } 2>/dev/null &&
      dpkg-deb -x "$fetched"/cloud-init_*.deb "$cloud_init"
    rm -rf "$fetched"
  fi
fi
if [[ ! -d $cloud_init/usr ]]; then
  echo "cloud-init could not be fetched with apt-get: its schema is not checked." >&2
  [[ -z ${CI:-} ]] || exit 1
fi
