"""Two people of the same new groups come at once, and their identity provider names the groups in another order."""

from __future__ import annotations

import contextvars
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import Connection, insert, text

from database import begin_write, db
from models import SeenGroup
from organizations import seen_groups
from tests.factories import Cast

pytestmark = pytest.mark.both_databases


def test_they_do_not_wait_for_each_other(
    app: Flask, cast: Cast, raw_connection: Connection, database_kind: str
) -> None:
    acme = cast.acme.id
    db.session.rollback()
    seen_groups._KNOWN.clear()
    done = []

    def other() -> None:
        with app.app_context():
            begin_write()
            seen_groups.remember(acme, ["b", "a"])
            db.session.commit()
            done.append(True)

    first = raw_connection.execution_options(begin_immediate=True)
    first.execute(insert(SeenGroup).values(organization_id=acme, name="a"))
    thread = Thread(target=contextvars.Context().run, args=(other,))
    thread.start()
    while database_kind == "postgresql" and thread.is_alive():
        if first.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            break
    first.execute(insert(SeenGroup).values(organization_id=acme, name="b"))
    first.commit()
    thread.join(timeout=30)
    assert done == [True]
    db.session.rollback()
    assert seen_groups.names(cast.acme) == ["a", "b"]
