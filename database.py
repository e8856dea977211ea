"""The database handle, and what both databases need so that a transaction means the same on each.

SQLite is the default, PostgreSQL the alternative (`DATABASE_URL`). Rules that must hold at once for every
process are unique constraints in `models.py`; this file only makes transactions behave: foreign keys on,
write transactions that take the lock when they begin, and times that keep their zone.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, Executable, Insert, MetaData, Table, TypeDecorator, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import OperationalError
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
# How long a process that wants to write sleeps before it asks again, at first and at most, in seconds. SQLite's own
# steps soon are longer than a whole sign-in, and leave the cores idle.
FIRST_PAUSE, LONGEST_PAUSE = 0.000_3, 0.005


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


def lock_row(row: Base, *, key_share: bool = False) -> None:
    """Read a row again and let nobody else change it before this transaction ends. Waits for whoever holds it.

    `key_share`: others may still refer to the row (PostgreSQL, FOR NO KEY UPDATE): sign-ins are not held up.
    What was changed and not stored yet is stored first: reading again would drop it.
    """
    db.session.flush()
    db.session.refresh(row, with_for_update={"key_share": key_share})


def insert_row(model: type[Base], **values: object) -> None:
    """Store one row at once, in the current transaction, with the defaults of its table.

    For rows that are written and not looked at again: receipts, audit events. Taking them through the session's unit
    of work was a third of what a sign-in cost.
    """
    insert_rows(model, [values])


def insert_rows(model: type[Base], rows: Sequence[dict[str, object]]) -> None:
    if rows:
        db.session.connection().execute(_insert(model.__table__), rows)


def insert_unless_there(model: type[Base], **values: object) -> bool:
    """The same, unless a unique constraint says that the row is there already; whether it was stored.

    Of two transactions that insert the same row at once, one waits for the other and is then told False.
    """
    connection = db.session.connection()
    return (
        connection.execute(_insert_unless_there(model.__table__, connection.dialect.name), values).first() is not None
    )


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_unless_there(table: Table, dialect: str) -> Executable:
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return statement.on_conflict_do_nothing().returning(table.c.id)


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
    if connection.dialect.name != "sqlite":
        return
    driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
    if not connection.get_execution_options().get("begin_immediate", False):
        driver.execute("BEGIN")
        return
    try:
        _begin_in_turn(driver)
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error


def _begin_in_turn(driver: sqlite3.Connection) -> None:
    """Take the write lock, asking for it until BUSY_TIMEOUT_MS have passed. Raises sqlite3.OperationalError."""
    deadline, pause = time.monotonic() + BUSY_TIMEOUT_MS / 1_000, FIRST_PAUSE
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            else:
                return
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
