"""Undoing a time window: the accounts that first sign-ins created in it, what became of them, and ending them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from database import db, now
from models import OneTimeLink, Organization, SignInAttempt, SignInSession, User
from organizations import audit
from organizations.accounts import lock

MOST = 200


@dataclass(frozen=True, slots=True)
class Created:
    """`left_out`: why this account is not touched; empty where it can be deactivated."""

    user: User
    sign_ins: int
    last_seen: datetime | None
    left_out: str


def window(organization: Organization, begins: datetime, ends: datetime) -> list[Created]:
    """Who was created from `begins` on and before `ends` and still has a working account, at most MOST + 1 of them.

    One query, however many there are.
    """
    seen = (
        select(SignInAttempt.user_id, func.count().label("sign_ins"), func.max(SignInAttempt.at).label("last_seen"))
        .where(
            SignInAttempt.organization_id == organization.id,
            SignInAttempt.at >= begins,
            SignInAttempt.signed_in.is_(True),
        )
        .group_by(SignInAttempt.user_id)
        .subquery()
    )
    invited = (
        select(User.invited_by_id, func.count().label("invited"))
        .where(User.organization_id == organization.id, User.invited_by_id.is_not(None))
        .group_by(User.invited_by_id)
        .subquery()
    )
    query = (
        select(User, seen.c.sign_ins, seen.c.last_seen, invited.c.invited)
        .outerjoin(seen, seen.c.user_id == User.id)
        .outerjoin(invited, invited.c.invited_by_id == User.id)
        .where(
            User.organization_id == organization.id,
            User.origin == "jit",
            User.status != "deactivated",
            User.created_at >= begins,
            User.created_at < ends,
        )
        .order_by(User.created_at, User.id)
        .limit(MOST + 1)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(query)
    return [Created(user, sign_ins or 0, last, _why_not(user, number or 0)) for user, sign_ins, last, number in rows]


def _why_not(user: User, invited: int) -> str:
    if user.role == "admin":
        return "is an admin now"
    if invited:
        return f"has invited {invited} {'person' if invited == 1 else 'people'}"
    return ""


def deactivate(
    organization: Organization, begins: datetime, ends: datetime, shown: Collection[int], actor: User
) -> tuple[list[User], list[Created]]:
    """Deactivate those of `shown` (ids) who still can be; their sessions end at once. Returns them, and who was left.

    Looked at again under a lock: somebody who became an admin since the page was made is left out, and who was not on
    the page is not touched. Raises ChangeRefused when the actor is no admin any more.
    """
    lock(organization, actor)
    found = [created for created in window(organization, begins, ends) if created.user.id in shown]
    ended = [created.user for created in found if not created.left_out]
    because = f"undo of {_moment(begins)} to {_moment(ends)} UTC"
    for user in ended:
        user.status = "deactivated"
        audit.record(organization, "admin:account:deactivated", actor=actor, subject=user.email, because=because)
    ids = [user.id for user in ended]
    running = (SignInSession.user_id.in_(ids), SignInSession.ended_at.is_(None))
    db.session.execute(update(SignInSession).where(*running).values(ended_at=now()))
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id.in_(ids)))
    return ended, [created for created in found if created.left_out]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
