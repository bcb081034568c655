"""Alembic's environment: the connection is handed over by `digest.store.schema.upgrade`."""

from alembic import context

from digest.store.tables import instance

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=instance.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
    compare_server_default=connection.dialect.name == "postgresql",  # SQLite reports every default as changed
)
with context.begin_transaction():
    context.run_migrations()
