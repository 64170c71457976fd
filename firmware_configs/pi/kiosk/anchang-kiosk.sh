#!/bin/bash
# The browser of a kiosk: waits for the page, shows it, starts anew when it ends. What a visitor typed lives in memory only.
set -uo pipefail
page=${ANCHANG_KIOSK_PAGE:?the page to show, see kiosk.env}
profile=${XDG_RUNTIME_DIR:?}/anchang-kiosk
browser=$(command -v chromium || command -v chromium-browser) || {
  echo "chromium is not installed" >&2
  exit 1
}
flags=(
  --kiosk --ozone-platform=wayland --user-data-dir="$profile" --incognito
  --noerrdialogs --no-first-run --disable-infobars --disable-session-crashed-bubble
  --disable-pinch --overscroll-history-navigation=0 --touch-events=enabled
  --autoplay-policy=no-user-gesture-required
  "--disable-features=Translate,AutofillServerCommunication"
  --disable-background-networking --disable-component-update --disable-sync --disable-quic
  --password-store=basic --check-for-update-interval=31536000
)

while true; do
  until curl --fail --silent --output /dev/null --max-time 5 "$page"; do sleep 2; done
  rm -rf "$profile"
  "$browser" "${flags[@]}" "$page"
  sleep 1
done
