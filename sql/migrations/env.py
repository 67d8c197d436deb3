"""Alembic's entry: runs the migrations on the connection of `silkwire.warehouse.schema.migrate`.

There is no other way in: that module holds the lock that makes two upgrades at once safe.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="ops",
    transaction_per_migration=False,
)
context.run_migrations()
