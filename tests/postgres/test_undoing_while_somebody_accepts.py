"""Undo a time window, while somebody who waits as invited sets a password: the account that is used is not removed."""

from __future__ import annotations

import contextvars
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import Connection, text, update

from database import begin_write, db, now
from models import User
from organizations import undo
from tests.factories import Cast, make_user

pytestmark = pytest.mark.both_databases


def test_who_accepts_meanwhile_is_deactivated(
    app: Flask, cast: Cast, raw_connection: Connection, database_kind: str
) -> None:
    configuration = cast.acme.connection.live_configuration_id
    values = {"origin": "jit", "status": "invited", "created_by_configuration_id": configuration}
    waits, ana = make_user(cast.acme, "mallory@acme.example.net", **values).id, cast.ana.id
    db.session.rollback()
    became = []

    def run() -> None:
        with app.app_context():
            begin_write()
            actor = db.session.get_one(User, ana)
            begins, ends = now() - timedelta(hours=1), now() + timedelta(hours=1)
            undone = undo.end(actor.organization, begins, ends, [waits], actor)
            db.session.commit()
            became.append((len(undone.deactivated), len(undone.withdrawn)))

    accepting = raw_connection.execution_options(begin_immediate=True)
    accepting.execute(update(User).where(User.id == waits).values(status="active"))
    thread = Thread(target=contextvars.Context().run, args=(run,))
    thread.start()
    while database_kind == "postgresql" and thread.is_alive():
        if accepting.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            break
    accepting.commit()
    thread.join(timeout=30)
    assert became == [(1, 0)]
    assert db.session.get_one(User, waits).status == "deactivated"
