"""Two people confirm the same identity at the same moment: it is linked to one account, and the other is told."""

from __future__ import annotations

import contextvars
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from database import begin_write, db
from models import AuditEvent, Identity, User, WaitingIdentity
from organizations import sso_links
from organizations.sso_links import LinkRefused
from tests.factories import Cast, make_user

pytestmark = pytest.mark.both_databases
BROWSER = "of a browser"


def confirm_at_once(app: Flask, ids: list[int]) -> list[str]:
    """Both have looked, and found nothing in the way, before either links."""
    both, said = Barrier(len(ids), timeout=20), []

    def confirm(user_id: int) -> None:
        with app.app_context():
            user = db.session.get_one(User, user_id)
            sso_links.judge(user, user.organization.connection, sso_links.waiting(user, BROWSER))
            db.session.rollback()
            both.wait()
            begin_write()
            user = db.session.get_one(User, user_id)
            try:
                sso_links.link(user, user.organization.connection, sso_links.waiting(user, BROWSER))
            except LinkRefused as refused:
                db.session.rollback()
                said.append(str(refused))
            else:
                db.session.commit()
                said.append("linked")

    threads = [Thread(target=contextvars.Context().run, args=(confirm, id_)) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(said)


def test_one_gets_it(app: Flask, cast: Cast) -> None:
    connection = cast.acme.connection
    live = connection.live_configuration
    people = [make_user(cast.acme, f"{name}@partner.example") for name in ("dora", "emil")]
    for person in people:
        sso_links.wait(
            person,
            live.id,
            BROWSER,
            connection_id=connection.id,
            idp_entity_id=live.idp_entity_id,
            subject="one and the same",
            email=None,
            reference=f"REF-{person.id}",
        )
    db.session.commit()
    ids = [person.id for person in people]
    db.session.rollback()
    said = confirm_at_once(app, ids)
    assert said[1] == "linked"
    assert "connected with another account already" in said[0] or "faster" in said[0]
    assert len(db.session.scalars(select(Identity).where(Identity.subject == "one and the same")).all()) == 1
    assert len(db.session.scalars(select(WaitingIdentity)).all()) == 1, "whoever was told may start again"
    made = select(AuditEvent).where(AuditEvent.action == "user:sso_link:made")
    assert len(db.session.scalars(made).all()) == 1
