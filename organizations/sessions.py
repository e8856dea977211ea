"""Sign-in sessions as rows: the cookie holds a random token, the row its SHA-256, and the row decides.

Deactivating a person, a change of role and signing out everywhere therefore take effect at the next request.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from database import db, insert_row, now
from models import SignInSession, User

LIFETIME = timedelta(hours=12)
HANDOVER_LIFETIME = timedelta(minutes=2)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User, method: str) -> tuple[SignInSession, str]:
    """A session that is signed in at once (a password was right), and the token for the cookie."""
    token = new_token()
    session = SignInSession(
        organization_id=user.organization_id,
        user_id=user.id,
        method=method,
        token_hash=hash_token(token),
        expires_at=now() + LIFETIME,
    )
    db.session.add(session)
    return session, token


def start_handover(user: User, return_path: str, not_on_or_after: datetime | None, **values: object) -> str:
    """Store a session that waits for its browser; returns the code that finishes it.

    `not_on_or_after`: the identity provider's own limit. `values`: what single logout finds the session by.
    """
    code = new_token()
    expires_at = now() + LIFETIME
    insert_row(
        SignInSession,
        organization_id=user.organization_id,
        user_id=user.id,
        method="sso",
        handover_hash=hash_token(code),
        return_path=return_path,
        expires_at=min(expires_at, not_on_or_after) if not_on_or_after else expires_at,
        **values,
    )
    return code


def finish_handover(code: str, connection_id: int) -> tuple[SignInSession, str] | None:
    """Exchange the code, once and within two minutes, for the session and a new token; None when it is not good."""
    session = db.session.scalar(
        select(SignInSession)
        .where(
            SignInSession.handover_hash == hash_token(code),
            SignInSession.connection_id == connection_id,
            SignInSession.created_at > now() - HANDOVER_LIFETIME,
            SignInSession.expires_at > now(),
            SignInSession.ended_at.is_(None),
        )
        .with_for_update()
    )
    if session is None:
        return None
    token = new_token()
    session.handover_hash, session.token_hash = None, hash_token(token)
    return session, token


def find(token: str) -> SignInSession | None:
    """The session of this cookie with its user and organization, in one query; None when it is over."""
    return db.session.scalar(
        select(SignInSession)
        .join(User, User.id == SignInSession.user_id)
        .options(joinedload(SignInSession.user).joinedload(User.organization))
        .where(
            SignInSession.token_hash == hash_token(token),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now(),
            User.status == "active",
        )
    )


def end(token: str) -> None:
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == hash_token(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now())
    )


def end_by_name_id(connection_id: int, name_id: str, session_indexes: Sequence[str]) -> list[User]:
    """End the sessions that this identity provider began for this NameID; all of them where no index is given.

    Returns whose they were. What still waits for its browser ends with them.
    """
    found = select(SignInSession).where(
        SignInSession.connection_id == connection_id,
        SignInSession.name_id == name_id,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > now(),
    )
    if session_indexes:
        found = found.where(SignInSession.session_index.in_(session_indexes))
    ended = list(db.session.scalars(found.options(joinedload(SignInSession.user))))
    for session in ended:
        session.ended_at = now()
    return list({session.user_id: session.user for session in ended}.values())
