"""Alembic's entry: runs inside the transaction that `records.migrations` opened."""

from __future__ import annotations

from alembic import context

from records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by recreating it
    compare_type=True,
)
context.run_migrations()
