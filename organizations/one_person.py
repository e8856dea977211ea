"""What is known of one person, for their page: each list with an end, so that its cost does not grow with them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from database import db, now
from models import AuditEvent, Identity, Membership, SignInAttempt, SignInSession, User, Workspace
from organizations import receipts

MOST = 50  # of identities, workspaces, sessions


def identities(user: User) -> list[Identity]:
    query = select(Identity).where(Identity.user_id == user.id).order_by(Identity.id).limit(MOST)
    return list(db.session.scalars(query))


def workspaces(user: User) -> list[tuple[Workspace, Membership]]:
    query = (
        select(Workspace, Membership)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == user.id)
        .order_by(Workspace.is_general.desc(), Workspace.name)
        .limit(MOST)
    )
    return [(workspace, membership) for workspace, membership in db.session.execute(query)]


def running_sessions(user: User) -> list[SignInSession]:
    """Those whose browser has come back for them, the newest first."""
    query = select(SignInSession).where(
        SignInSession.user_id == user.id,
        SignInSession.token_hash.is_not(None),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > now(),
    )
    return list(db.session.scalars(query.order_by(SignInSession.id.desc()).limit(MOST)))


def sign_ins(user: User, limit: int = 10) -> list[SignInAttempt]:
    """Of this account, and attempts with its address in this organization before or beside it; the newest first."""
    query = (
        select(SignInAttempt)
        .where(receipts.of_person(user.organization_id, user.email, user.id))
        .options(joinedload(SignInAttempt.configuration))
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def events(user: User, limit: int = 10) -> list[AuditEvent]:
    """What happened to them, the newest first."""
    query = select(AuditEvent).where(
        AuditEvent.organization_id == user.organization_id, AuditEvent.subject == user.email
    )
    return list(db.session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit)))
