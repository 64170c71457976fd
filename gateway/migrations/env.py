"""Alembic's environment: always online, on the connection that `Database.migrate` hands over."""

from alembic import context

from gateway.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter columns in place
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
