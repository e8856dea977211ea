"""What the tests of domains share: the paths, the row as it is stored, and what is told of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from database import db
from models import AuditEvent, Domain, Organization, OutboxMessage

SECURITY = "/o/acme/settings/security"
DOMAINS = "/o/acme/settings/domains"
NEW = "research.example"
CHECK = f"{DOMAINS}/{NEW}/check"
REMOVE = f"{DOMAINS}/{NEW}/remove"


def stored(name: str = NEW, slug: str = "acme") -> Domain | None:
    db.session.rollback()
    query = select(Domain).join(Organization, Organization.id == Domain.organization_id)
    return db.session.scalar(query.where(Domain.name == name, Organization.slug == slug))


def row(name: str = NEW, slug: str = "acme") -> Domain:
    found = stored(name, slug)
    assert found is not None
    return found


def let_time_pass(by: timedelta = timedelta(minutes=5), name: str = NEW) -> None:
    """All times of the domain move into the past."""
    db.session.rollback()
    domain = db.session.scalars(select(Domain).where(Domain.name == name)).one()
    values = {}
    for column in ("created_at", "checked_at", "next_check_at", "missing_since", "verified_at"):
        moment = getattr(domain, column)
        values[column] = moment - by if moment else None
    db.session.execute(update(Domain).where(Domain.name == name).values(**values))
    db.session.commit()


def events(*actions: str) -> list[tuple[str, str, str]]:
    """(action, actor, subject) of the domain events, oldest first; all of them or those named."""
    db.session.rollback()
    query = select(AuditEvent).where(AuditEvent.action.contains(":domain:")).order_by(AuditEvent.id)
    rows = [(event.action, event.actor, event.subject) for event in db.session.scalars(query)]
    return [row for row in rows if not actions or row[0] in actions]


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def count_of_domains() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Domain)) or 0
