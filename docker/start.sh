#!/bin/sh
# Start the image's program. A database password comes as a file and is put into the address here, so that neither the
# compose file nor `docker inspect` shows it.
set -eu
if [ -n "${DATABASE_PASSWORD_FILE:-}" ]; then
  ANCHANG_CENTRAL__DATABASE="postgresql+asyncpg://anchang:$(cat "$DATABASE_PASSWORD_FILE")@${DATABASE_HOST:-postgres}/anchang"
  export ANCHANG_CENTRAL__DATABASE
fi
exec python -m "$PROGRAM" --config "${CONFIG:-/etc/anchang/program.toml}" "$@"
