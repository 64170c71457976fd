#!/bin/bash
# Install what the tests use beside Python, where this user may; otherwise say what will be skipped.
# With CI set, anything missing is a failure.
set -euo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on

# program, library or file:package:what cannot be tested without it
needed=(
  "mosquitto:mosquitto:the production broker and its access rules"
  "chromium:chromium:the screens in a real browser"
  "libatomic.so.1:libatomic1:the driver of the browser"
  "victoria-metrics:victoria-metrics:the time series on a real line-protocol server"
  "socat:socat:serial lines as pairs of pseudo-terminals"
  "curl:curl:the kiosk's start (make firmware)"
  "openssl:openssl:the certificates of the broker"
  "g++:g++:the counting logic of the door counter's firmware (make firmware)"
  "systemd-analyze:systemd:the systemd units (make firmware)"
  "udevadm:udev:the names of serial lines (make firmware)"
  "shellcheck:shellcheck:the shell scripts (make check)"
  "libgstrtspserver-1.0.so.0:gir1.2-gst-rtsp-server-1.0:network cameras on a real RTSP server"
  "/usr/lib/python3/dist-packages/gi/__init__.py:python3-gi:network cameras on a real RTSP server"
)
font=/usr/share/fonts/truetype/wqy/wqy-microhei.ttc
font_entry="$font:fonts-wqy-microhei:Chinese text in the browser's pictures"
# Debian's mosquitto lives in sbin, which an ordinary user's path lacks.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

present() {
  case $1 in
    /*) [[ -e $1 ]] ;;
    *.so.*) [[ $(ldconfig -p) == *"$1"* ]] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}
missing() {
  local entry
  for entry in "${needed[@]}" "$font_entry"; do
    present "${entry%%:*}" || printf '%s\n' "$entry"
  done
}

mapfile -t lacking < <(missing)
[[ ${#lacking[@]} == 0 ]] && exit 0

as_root=()
why=""
if ! command -v apt-get >/dev/null; then
  why="this system has no apt-get"
elif [[ $(id -u) != 0 ]]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    why="this user is not root and has no passwordless sudo"
  fi
fi

if [[ -z $why ]]; then
  packages=()
  for entry in "${lacking[@]}"; do
    package=${entry#*:}
    packages+=("${package%%:*}")
  done
  echo "Installing with apt-get, about 1 to 3 minutes: ${packages[*]} …"
  log=$(mktemp)
  if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c '
      apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' apt "${packages[@]}" >"$log" 2>&1; then
    echo "Installed."
  else
    why="apt-get failed: $(grep -E '^(E|W): ' "$log" | tail -3 | tr '\n' ' ')"
  fi
  rm -f "$log"
fi

mapfile -t lacking < <(missing)
[[ ${#lacking[@]} == 0 ]] && exit 0
echo "Not installed, because ${why:-apt-get did not provide it}; what needs it is skipped:" >&2
for entry in "${lacking[@]}"; do
  package=${entry#*:}
  echo "  ${package%%:*}: ${entry##*:}" >&2
done
if [[ -n ${CI:-} ]]; then
  echo "CI is set: what is missing is a failure." >&2
  exit 1
fi
