"""Two transactions at once, in an order that the test says: ours is open, another one waits for it."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from threading import Thread

from flask import Flask
from sqlalchemy import select, text

from database import begin_write, db, lock_row
from models import Organization


def acme() -> Organization:
    return db.session.scalars(select(Organization).where(Organization.slug == "acme")).one()


def hold() -> Organization:
    """Begin to write, and hold the organization, as everybody does who creates an account in it."""
    begin_write()
    organization = acme()
    lock_row(organization, key_share=True)
    return organization


class Beside:
    """Does something in a thread of its own; `result` is what it returned, or the error it ended with."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.result: object = None
        self._do = do
        self._thread = Thread(target=contextvars.Context().run, args=(self._run,))
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._do()
        except Exception as error:
            self.result = error

    def until_it_waits(self) -> bool:
        """Until it waits for our transaction, or is done without having waited; whether it waits.

        On SQLite it waits with its first statement, and nobody can ask.
        """
        if db.engine.dialect.name == "sqlite":
            self._thread.join(0.2)
            return self._thread.is_alive()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while self._thread.is_alive():
            if db.session.scalar(waiting):
                return True
        return False

    def end(self) -> object:
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.result


def in_a_transaction(app: Flask, do: Callable[[], object]) -> Callable[[], object]:
    """In a database session of its own, committed."""

    def run() -> object:
        with app.app_context():
            begin_write()
            try:
                result = do()
                db.session.commit()
            finally:
                db.session.remove()
            return result

    return run
