"""The database handle, and what both databases need so that a transaction means the same on each.

SQLite is the default, PostgreSQL the alternative (`DATABASE_URL`). Rules that must hold at once for every
process are unique constraints in `models.py`; this file only makes transactions behave: foreign keys on,
write transactions that take the lock when they begin, and times that keep their zone.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase

# Named constraints, so that a migration can drop what an earlier one made (SQLite rebuilds tables by name).
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BUSY_TIMEOUT_MS = 5_000


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model  # made at run time, where a type checker does not see it


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores no zone, so it is added again on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored; use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


def begin_write() -> None:
    """Start the transaction that is going to write, before anything is read in it.

    On SQLite a transaction that reads first and writes later fails at once, whatever the busy timeout, when
    another process wrote in between. `BEGIN IMMEDIATE` waits for its turn instead. On PostgreSQL this only
    ends the transaction that may have been reading. Uncommitted changes are dropped: call it first.
    """
    db.session.rollback()
    db.session.connection(execution_options={"begin_immediate": True})


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver's own BEGIN is off; _begin_sqlite sends ours
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a consumed assertion that a power cut forgot could be replayed.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("begin_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
