"""E-mails that are to be sent: put here in the transaction of what they tell of, sent later by the jobs.

A mail server that is away therefore never holds up a sign-in, and a change that was rolled back mails nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from database import db
from models import Organization, OutboxMessage, User


def put(
    recipient: str, subject: str, body: str, *, organization: Organization | None = None, key: str | None = None
) -> OutboxMessage | None:
    """Add one plain-text message to the current transaction; `key`: unless one with this key was ever put."""
    if key is not None and db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)):
        return None
    message = OutboxMessage(
        organization_id=organization.id if organization else None,
        recipient=recipient,
        subject=subject,
        body=body,
        key=key,
    )
    db.session.add(message)
    return message


def tell_admins(
    organization: Organization, subject: str, body: str, *, key: str | None = None, but: Iterable[int] = ()
) -> None:
    """The same message to every active admin, except those whose ids are in `but`."""
    query = select(User).where(
        User.organization_id == organization.id, User.role == "admin", User.status == "active", User.id.not_in(but)
    )
    for admin in db.session.scalars(query):
        put(admin.email, subject, body, organization=organization, key=f"{key}:{admin.id}" if key else None)
