"""What an admin changes about somebody's account: role, deactivation, the SSO link, running sessions.

Each change is made under a lock on the organization's row, so that two admins cannot take each other away at once and
the last seat is not given twice; and each has one audit event. Each raises NotAnAdmin, too.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult

from database import db, now
from models import ROLES, Identity, Organization, SignInSession, User
from organizations import audit, missed, passwords
from organizations.counting import seats_left
from organizations.locking import lock

NO_SEAT = "No seat is left. Deactivate somebody who has left, or ask support for more seats; then try again."


class ChangeRefused(ValueError):
    """The account cannot be changed so; the text says why and what to do."""


def find(organization: Organization, user_id: int) -> User | None:
    """Somebody of this organization; None for anybody else's number."""
    return db.session.scalar(select(User).where(User.organization_id == organization.id, User.id == user_id))


def is_last_admin(user: User) -> bool:
    if user.role != "admin" or user.status != "active":
        return False
    admins = User.organization_id == user.organization_id, User.role == "admin", User.status == "active"
    return len(db.session.scalars(select(User.id).where(*admins).limit(2)).all()) == 1


def change_role(user: User, role: str, actor: User | str) -> bool:
    """False when it is their role already. Somebody invited gets it when they accept. Raises ChangeRefused."""
    read_again(user, actor)
    if role not in ROLES:
        raise ChangeRefused("The role is one of Viewer, Collaborator and Admin.")
    if user.role == role:
        return False
    if is_last_admin(user):
        raise ChangeRefused(_last("stay Admin", user, actor))
    before = user.role
    give_role(user, role, actor.email if isinstance(actor, User) else actor)
    audit.record(user.organization, "admin:role:changed", actor=actor, subject=user.email, before=before, after=role)
    return True


def give_role(user: User, role: str, by: str, *, from_plan: bool = False) -> None:
    """Another role than they have, with its provenance. `by`: an admin's e-mail address, or a role rule in words."""
    user.role, user.role_from_plan = role, from_plan
    user.role_since, user.role_given_by = now(), by
    if role == "admin" and user.status == "active":
        passwords.end_links(user.id)  # it was made for an account that could do less


def deactivate(user: User, actor: User | str, because: str | None = None) -> bool:
    """Their sessions end with the next request and they take no seat any more. False when they are deactivated.

    Raises ChangeRefused for oneself, for the last admin, and for somebody who was only invited.
    """
    read_again(user, actor)
    if user.status == "deactivated":
        return False
    if user.status == "invited":
        raise ChangeRefused(f"{user.email} has not accepted the invitation yet: withdraw it instead.")
    if isinstance(actor, User) and actor.id == user.id:
        raise ChangeRefused("You cannot deactivate your own account. Ask another admin to do it.")
    if is_last_admin(user):
        raise ChangeRefused(_last("stay active", user, actor))
    user.status = "deactivated"
    _end_sessions(user)
    passwords.end_links(user.id)
    reason = " ".join((because or "").split()) or None
    audit.record(user.organization, "admin:account:deactivated", actor=actor, subject=user.email, because=reason)
    return True


def reactivate(user: User, actor: User | str) -> bool:
    """With the role they had. False when the account is not deactivated. Raises ChangeRefused when no seat is free."""
    read_again(user, actor)
    if user.status != "deactivated":
        return False
    if seats_left(user.organization) == 0:
        raise ChangeRefused(NO_SEAT)
    user.status = "active"
    # A sign-in that was on its way while the account was deactivated may have left a session behind.
    _end_sessions(user)
    missed.close(user.organization, user.email)
    audit.record(user.organization, "admin:account:reactivated", actor=actor, subject=user.email)
    return True


def reset_sso_link(user: User, actor: User | str) -> bool:
    """Forget which identities are theirs, and end what was signed in through them; False when there is none.

    The next sign-in through SSO links anew, by the e-mail address.
    """
    read_again(user, actor)
    if not _rows(delete(Identity).where(Identity.user_id == user.id)):
        return False
    _end_sessions(user, SignInSession.method == "sso")
    missed.close(user.organization, user.email)
    audit.record(user.organization, "admin:sso_link:reset", actor=actor, subject=user.email)
    return True


def sign_out_everywhere(user: User, actor: User | str) -> int:
    """End every session of theirs, those too that wait for their browser; returns how many there were."""
    read_again(user, actor)
    ended = _end_sessions(user)
    if ended:
        audit.record(user.organization, "admin:sessions:ended", actor=actor, subject=user.email, sessions=ended)
    return ended


def read_again(user: User, actor: User | str) -> None:
    """Under the lock, and under one that an acceptance waits for. Raises ChangeRefused, NotAnAdmin."""
    number = user.id
    lock(user.organization, actor)
    query = select(User).where(User.id == number).with_for_update(key_share=True)
    if db.session.scalar(query.execution_options(populate_existing=True)) is None:
        raise ChangeRefused("Nothing was changed: this invitation was withdrawn meanwhile.")


def _last(what: str, user: User, actor: User | str) -> str:
    if isinstance(actor, User) and actor.id == user.id:
        return f"You are the only active admin, so you have to {what}. Make somebody else an admin first."
    return f"{user.email} is the only active admin and has to {what}. Make somebody else an admin first."


def _end_sessions(user: User, *conditions: object) -> int:
    running = update(SignInSession).where(
        SignInSession.user_id == user.id,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > now(),
        *conditions,  # type: ignore[arg-type]
    )
    return _rows(running.values(ended_at=now()))


def _rows(statement: object) -> int:
    result = db.session.execute(statement)  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return result.rowcount
