"""Alembic's environment: the application's own engine, batch mode, and foreign keys off while tables are rebuilt."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from database import UTCDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """A migration must not import our code, which goes on changing: our types are written as what they store."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def drop_empty(_context: object, _revision: object, directives: list) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def switch_foreign_keys(connection: Connection, state: str) -> None:
    """SQLite rebuilds a table by dropping it, which would delete the rows that point at it. Outside a transaction."""
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys = {state}")


def check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("the migration would leave rows that point at nothing; it was rolled back")


with database.engine.connect() as connection:
    switch_foreign_keys(connection, "OFF")
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=render_item,
        process_revision_directives=drop_empty,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_foreign_keys(connection)
    switch_foreign_keys(connection, "ON")
