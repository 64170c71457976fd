#!/bin/bash
# The office's own certificate authority and the broker's certificate:
#   certificates.sh /etc/anchang/mosquitto gateway.office 10.0.0.5
# Makes what is missing, renews the broker's certificate when fewer than 30 days are left or a name is new, and changes nothing
# otherwise: let it run every week. Clients need ca.crt alone; it stays the same for ten years.
set -euo pipefail
umask 077

[[ $# -ge 2 ]] || {
  echo "usage: certificates.sh FOLDER NAME-OR-ADDRESS…" >&2
  exit 2
}
folder=$1
shift
names=("$@")
days_left=30

alternatives() { # what a client may call the broker
  local name entries=()
  for name in "${names[@]}"; do
    if [[ $name =~ ^[0-9.]+$ || $name == *:* ]]; then entries+=("IP:$name"); else entries+=("DNS:$name"); fi
  done
  (IFS=,; echo "${entries[*]}")
}
still_good() { # the server's certificate: signed by this authority, long enough, for these names
  [[ -f $folder/server.crt && -f $folder/server.key ]] || return 1
  openssl verify -CAfile "$folder/ca.crt" "$folder/server.crt" >/dev/null 2>&1 || return 1
  openssl x509 -in "$folder/server.crt" -noout -checkend $((days_left * 86400)) >/dev/null || return 1
  [[ -f $folder/server.names && $(<"$folder/server.names") == "$(alternatives)" ]]
}

if [[ ! -f $folder/ca.crt ]]; then
  openssl ecparam -name prime256v1 -genkey -noout -out "$folder/ca.key"
  openssl req -x509 -new -key "$folder/ca.key" -sha256 -days 3650 -subj "/CN=Anchang office authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -out "$folder/ca.crt"
  chmod 0644 "$folder/ca.crt"
fi
if still_good; then
  echo "Unchanged: $(openssl x509 -in "$folder/server.crt" -noout -enddate)"
  exit 0
fi

fresh=$(mktemp -d "$folder/renewing.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$fresh/server.key"
openssl req -new -key "$fresh/server.key" -subj "/CN=${names[0]}" -out "$fresh/server.csr"
printf '%s\n' "subjectAltName=$(alternatives)" "basicConstraints=critical,CA:FALSE" \
  "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" >"$fresh/extensions"
openssl x509 -req -in "$fresh/server.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -sha256 -days 397 \
  -set_serial "0x$(openssl rand -hex 16)" -extfile "$fresh/extensions" -out "$fresh/server.crt" 2>/dev/null
chmod 0644 "$fresh/server.crt"
if getent group mosquitto >/dev/null && [[ $(id -u) == 0 ]]; then
  chgrp mosquitto "$fresh/server.key" && chmod 0640 "$fresh/server.key"
fi
alternatives >"$fresh/server.names"
mv -f "$fresh"/server.{key,crt,names} "$folder/"
echo "Renewed: $(openssl x509 -in "$folder/server.crt" -noout -enddate)"
if [[ -d /run/systemd/system ]] && systemctl is-active -q mosquitto; then
  systemctl reload mosquitto
fi
