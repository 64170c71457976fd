#!/bin/bash
# Make .venv hold exactly one lock of requirements/: `environment.sh demo` or `environment.sh dev` (dev contains demo).
# Where packages come from is the user's own pip configuration.
set -euo pipefail
export PATH # under a bare environment the shell knows one but does not pass it on
cd "$(dirname "$0")/.."
role=$1
lock=requirements/$role.txt
python=${PYTHON:-python3}
py=.venv/bin/python

fail() { printf '%s\n' "$*" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Python 3.11 or newer is needed, and '$python' was not found. Debian: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Python 3.11 or newer is needed; '$python' is $("$python" -V 2>&1). Name another one: make PYTHON=python3.12 …"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "This Python cannot make virtual environments. Debian: apt-get install python3-venv"

stamp_of() { # the lock's content and the interpreter it was installed for
  printf '%s %s\n' "$(sha256sum <"requirements/$1.txt" | cut -c1-64)" "$("$py" -V 2>&1)"
}
installed() { [[ -x $py && -f .venv/installed-$1 && "$(cat ".venv/installed-$1")" == "$(stamp_of "$1")" ]]; }

installed "$role" && exit 0
[[ $role == demo ]] && installed dev && exit 0

if ! "$py" -c 'import pip' 2>/dev/null; then
  echo "Making a virtual environment in .venv with $("$python" -V) …"
  "$python" -m venv --clear .venv
fi
total=$(grep -c '==' "$lock")
echo "Installing $total locked packages from $lock into .venv, about 1 to 3 minutes the first time …"
rm -f .venv/installed-*
started=$SECONDS
log=.venv/install.log
"$py" -m pip install --require-hashes --no-deps --disable-pip-version-check --no-input --no-warn-script-location \
  --root-user-action=ignore --progress-bar off -r "$lock" 2>&1 | tee "$log" |
  awk -v total="$total" '
    /^(Collecting|Processing|Requirement already satisfied)/ { if (++n % 20 == 0) { printf "  %d of %d fetched\n", n, total; fflush() } }
    /^Installing collected packages/ { print "  unpacking …"; fflush() }' ||
  { grep -E '^(ERROR|WARNING|error)' "$log" >&2 || tail -20 "$log" >&2; fail "Installing $lock failed; the whole log is $log"; }
stamp_of "$role" >".venv/installed-$role"
echo "Environment ready after $((SECONDS - started)) s."
