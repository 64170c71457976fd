"""Alembic's environment. The connection comes from `central.migrate`; there is no second way to configure it."""

from alembic import context

from central.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
