"""Alembic's entry: runs the migrations on the connection that `bot.storage.upgrade` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from bot.storage import tables

assert tables  # the import fills SQLModel.metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
