"""The job that removes what has ended and is of no more use."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_
from sqlalchemy.engine import CursorResult

from commands.output import counted
from database import begin_write, db, now
from models import ConsumedAssertion, OutboxMessage, PendingRequest, SignInSession, SignInTest, WaitingIdentity

KEPT = timedelta(days=30)


def run() -> str:
    removed = sum(_delete(table, condition) for table, condition in _ended(now()))
    return f"{counted(removed, 'row')} removed" if removed else "nothing to remove"


def _ended(at: datetime) -> list[tuple[type, ColumnElement[bool]]]:
    """What a replay could still use stays: requests and assertions go when nobody would accept them any more."""
    before = at - KEPT
    return [
        (PendingRequest, PendingRequest.expires_at < at),
        (SignInTest, SignInTest.expires_at < at),
        (WaitingIdentity, WaitingIdentity.expires_at < at),
        (ConsumedAssertion, ConsumedAssertion.expires_at < at),
        (SignInSession, or_(SignInSession.ended_at < before, SignInSession.expires_at < before)),
        (OutboxMessage, OutboxMessage.sent_at < before),
    ]


def _delete(table: type, condition: ColumnElement[bool]) -> int:
    """A transaction for each, so that sign-ins do not wait long."""
    begin_write()
    result = db.session.execute(delete(table).where(condition))
    db.session.commit()
    assert isinstance(result, CursorResult)
    return result.rowcount
