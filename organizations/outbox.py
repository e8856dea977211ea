"""E-mails that are to be sent: put here in the transaction of what they tell of, sent later by the jobs.

A mail server that is away therefore never holds up a sign-in, and a change that was rolled back mails nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.engine import CursorResult

from database import db
from models import Organization, OutboxMessage, User

# After each failed try; after the last one the message is given up. RFC 5321, 4.5.4.1: later and later.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
# Longer than the slowest conversation about one message takes.
CLAIM = timedelta(minutes=10)


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


def claim(at: datetime) -> OutboxMessage | None:
    """The message that is due longest, which nobody else is sending; None when there is none.

    The caller commits before it talks to the mail server: until CLAIM has passed the message is due for nobody else,
    and then for everybody, should this process have ended. On SQLite the transaction has to be a write transaction.
    """
    message = db.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.next_try_at <= at)
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is not None:
        message.next_try_at = at + CLAIM
        message.tries += 1
    return message


def settle(message_id: int, at: datetime, error: str | None = None, for_good: bool = False) -> None:
    """Write down how the try went: sent, to be tried again later, or given up with the error kept."""
    message = db.session.get(OutboxMessage, message_id)
    if message is None:
        return
    message.error = error
    if error is None:
        # A link in it is for its reader alone; what stays says that it was sent.
        message.sent_at, message.next_try_at, message.body = at, None, ""
    elif for_good or message.tries > len(DELAYS):
        message.next_try_at = None
    else:
        message.next_try_at = at + DELAYS[message.tries - 1]


def waiting(at: datetime | None = None) -> int:
    """How many are neither sent nor given up; with `at`, how many of them are due then."""
    query = select(func.count()).where(OutboxMessage.sent_at.is_(None), OutboxMessage.next_try_at.is_not(None))
    return db.session.scalar(query if at is None else query.where(OutboxMessage.next_try_at <= at)) or 0


def drop_waiting(before: datetime) -> int:
    """Remove what was put here before and never sent: nobody wants to read it any more. Returns how many."""
    old = delete(OutboxMessage).where(
        OutboxMessage.sent_at.is_(None), OutboxMessage.next_try_at.is_not(None), OutboxMessage.created_at < before
    )
    result = db.session.execute(old)
    assert isinstance(result, CursorResult)
    return result.rowcount


def unsent(limit: int = 100) -> list[OutboxMessage]:
    """What waits or was given up, the oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None)).order_by(OutboxMessage.id)
    return list(db.session.scalars(query.limit(limit)))
