#!/bin/bash
# Exchange the edge agent for another release, older or newer, together with what it holds. A release that does not run
# within a minute is taken back by itself. Usage: upgrade.sh VERSION, with the release in /opt/anchang/releases/VERSION.
set -euo pipefail

home=${ANCHANG_HOME:-/opt/anchang}
config=${ANCHANG_CONFIG:-/etc/anchang/edge_agent.toml}
unit=${ANCHANG_UNIT:-anchang-edge-agent}
user=${ANCHANG_USER-anchang}
patience=${ANCHANG_PATIENCE:-60}
pause=${ANCHANG_PAUSE:-1}
systemctl=${ANCHANG_SYSTEMCTL:-systemctl}

say() { printf 'upgrade: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

# The agent's program of one release, as the agent's own user: what it writes must be the agent's.
agent() {
    local release=$1
    shift
    if [ -n "$user" ]; then
        (cd "$release" && runuser -u "$user" -- .venv/bin/python -m edge_agent "$@")
    else
        (cd "$release" && .venv/bin/python -m edge_agent "$@")
    fi
}

# A release from before this script tells no format: it is the first one.
reads() { agent "$1" outbox --config "$config" --reads 2>/dev/null || echo 1; }

point_to() {
    ln -sfn "$1" "$home/.current.new"
    mv -T "$home/.current.new" "$home/current"
}

# `status` answers 0 or 1 while the agent runs, 3 when it does not: three times in a row, or it counts as fallen over.
runs() {
    local release=$1 good=0 code deadline=$((SECONDS + patience))
    while [ "$SECONDS" -lt "$deadline" ]; do
        code=0
        agent "$release" status --config "$config" >/dev/null 2>&1 || code=$?
        # 2: a release from before there was `status`.
        if [ "$code" -eq 2 ] && "$systemctl" is-active --quiet "$unit"; then code=0; fi
        if [ "$code" -le 1 ]; then good=$((good + 1)); else good=0; fi
        [ "$good" -ge 3 ] && return 0
        sleep "$pause"
    done
    return 1
}

[ $# -eq 1 ] || die "usage: upgrade.sh VERSION"
new="$home/releases/$1"
[ -x "$new/.venv/bin/python" ] || die "$new has no .venv: install the release there first"
[ -L "$home/current" ] || die "$home/current names no release: see README.md"
old=$(readlink -f "$home/current")
[ "$(readlink -f "$new")" != "$old" ] || die "$1 runs already"

agent "$new" --version >/dev/null || die "the new release does not start at all, see above: nothing was changed"
code=0
agent "$new" --config "$config" --check >&2 || code=$?
case $code in
0 | 1) ;; # 1: something is missing on this machine, which the release that runs may lack as well
2) die "the new release does not take $config, see above: nothing was changed" ;;
*) die "the check of the new release ended with $code: nothing was changed" ;;
esac

# shellcheck disable=SC2317 # the trap calls it
halfway() {
    say "could not be finished: $old is started again"
    point_to "$old"
    "$systemctl" start "$unit"
}
trap halfway EXIT
"$systemctl" stop "$unit"
before=$(agent "$new" outbox --config "$config" 2>/dev/null) || before=$(agent "$old" outbox --config "$config")
wanted=$(reads "$new")
if [ "$before" -gt "$wanted" ]; then
    agent "$old" outbox --config "$config" --format "$wanted" >/dev/null
fi
point_to "$new"
if "$systemctl" start "$unit" && runs "$new"; then
    trap - EXIT
    say "$1 runs"
    exit 0
fi

say "$1 does not run: going back to $old"
"$systemctl" stop "$unit" || true
# The newer of the two programs knows both formats.
if [ "$before" -ne 0 ]; then
    agent "$new" outbox --config "$config" --format "$before" >/dev/null 2>&1 \
        || agent "$old" outbox --config "$config" --format "$before" >/dev/null
fi
trap - EXIT
point_to "$old"
"$systemctl" start "$unit"
runs "$old" || die "$old does not run either: journalctl -u $unit"
exit 1
