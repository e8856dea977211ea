"""An admin's browser at Acme, and looking at what is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from models import AuditEvent, OneTimeLink, OutboxMessage, User
from tests.factories import Cast
from tests.signing_in import Browser

PEOPLE = "/o/acme/settings/people"


@pytest.fixture
def ana(app: Flask, cast: Cast) -> Browser:
    return Browser(app).sign_in_as(cast.ana)


@pytest.fixture
def mail(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[OutboxMessage]]:
    """There is a mail server; the messages that wait for it."""
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")

    def messages() -> list[OutboxMessage]:
        db.session.rollback()
        return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    return messages


def person(email: str) -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email == email))


def page_of(user: User) -> str:
    return f"{PEOPLE}/{user.id}"


def events(action: str) -> list[tuple[str, str, dict[str, object]]]:
    """(actor, subject, details) of each, the oldest first."""
    db.session.rollback()
    query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
    return [(event.actor, event.subject, event.details) for event in db.session.scalars(query)]


def number_of_events() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(AuditEvent.id)).all())


def number_of_links(user: User) -> int:
    return len(db.session.scalars(select(OneTimeLink.id).where(OneTimeLink.user_id == user.id)).all())
