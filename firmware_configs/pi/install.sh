#!/bin/bash
# Installs what one Raspberry Pi of an office runs, from this checkout at /opt/anchang; may be run again after `git pull`:
#   install.sh edge [vision] [gateway] [screens] [kiosk]
# Configurations that exist are left alone; programs whose configuration is missing or wrong are installed and not started.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
[[ $(id -u) == 0 && $here == /opt/anchang && $# -gt 0 ]] || {
  echo "usage: as root, /opt/anchang/firmware_configs/pi/install.sh edge [vision] [gateway] [screens] [kiosk]" >&2
  exit 2
}

# role → lock, unit, program and configuration
declare -A lock=([edge]=edge [vision]=vision [gateway]=gateway [screens]=screens)
declare -A unit=([edge]=anchang-edge-agent [gateway]=anchang-gateway [screens]=anchang-screens)
declare -A program=([edge]=edge_agent [gateway]=gateway [screens]=kiosk_ui)

id -u anchang >/dev/null 2>&1 || adduser --quiet --system --group --home /var/lib/anchang --no-create-home anchang
# Others may pass, not look: the broker's own user reads /etc/anchang/mosquitto.
install -d -m 0751 -o anchang -g anchang /etc/anchang
[[ -x .venv/bin/python ]] || python3 -m venv .venv

packages() {
  local role
  for role in "$@"; do
    [[ -z ${lock[$role]:-} ]] ||
      .venv/bin/python -m pip install --quiet --require-hashes --no-deps --no-input --root-user-action=ignore \
        -r "requirements/${lock[$role]}.txt"
  done
}
configuration() {
  local target=/etc/anchang/${program[$1]}.toml
  [[ -f $target ]] || install -m 0640 -o anchang -g anchang "firmware_configs/$1/${program[$1]}.toml" "$target"
}
service() {
  install -m 0644 "firmware_configs/systemd/${unit[$1]}.service" /etc/systemd/system/
  systemctl daemon-reload
  systemctl enable --quiet "${unit[$1]}"
  if runuser -u anchang -- .venv/bin/python -m "${program[$1]}" --config "/etc/anchang/${program[$1]}.toml" --check; then
    systemctl restart "${unit[$1]}"
  else
    echo "${unit[$1]} is installed and not started: mend /etc/anchang/${program[$1]}.toml, then systemctl restart ${unit[$1]}" >&2
  fi
}
kiosk() {
  id -u kiosk >/dev/null 2>&1 || adduser --quiet --disabled-password --comment "Kiosk" kiosk
  usermod --append --groups video,input,render kiosk
  install -d -m 0755 /etc/anchang-kiosk
  install -m 0644 firmware_configs/pi/kiosk/{autostart,rc.xml,environment} /etc/anchang-kiosk/
  [[ -f /etc/anchang-kiosk/kiosk.env ]] || install -m 0644 firmware_configs/pi/kiosk/kiosk.env /etc/anchang-kiosk/
  install -m 0755 firmware_configs/pi/kiosk/anchang-kiosk.sh /usr/local/bin/anchang-kiosk
  install -m 0644 firmware_configs/pi/kiosk/anchang-kiosk.service /etc/systemd/system/
  systemctl daemon-reload
  systemctl set-default --quiet graphical.target
  systemctl enable --quiet --now anchang-kiosk
}

install -m 0755 firmware_configs/systemd/anchang-edge.sh /usr/local/bin/anchang-edge
install -m 0644 firmware_configs/udev/*.rules /etc/udev/rules.d/
udevadm control --reload || true
packages "$@"
for role in "$@"; do
  case $role in
    vision) ;; # its packages are the agent's
    kiosk) kiosk ;;
    edge | gateway | screens)
      configuration "$role"
      service "$role"
      ;;
    *)
      echo "install.sh: no such role: $role" >&2
      exit 2
      ;;
  esac
done
