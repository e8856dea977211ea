"""A link to set a password for an account that is active already: who may make one, and who made the one there is.

An admin makes it for people whom single sign-on does not cover: they have forgotten theirs, or never had one and lost
their SSO link. Never for an admin, whose password is a way around single sign-on: there an operator makes it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from database import db, now
from models import AuditEvent, User
from organizations import audit, letters, outbox, passwords
from organizations.accounts import ChangeRefused, read_again

MOST, WINDOW = 5, timedelta(hours=1)  # for one person, who gets a mail of each
CREATED, SENT = "admin:password_link:created", "admin:invitation:sent"
_OF_ACTIVE = ("operator:admin:created", "operator:password_link:created", CREATED)


def why_not(user: User) -> str | None:
    """Why an admin cannot make a link for this person now, in words; None where they can."""
    if user.status != "active":
        return f"The account of {user.email} is not active, so no password can be set for it."
    if user.role == "admin":
        return "Only support makes a link to set the password of an admin."
    if passwords.sso_covers(user):
        return f"Single sign-on covers {user.email}, so no password would open the account."
    return None


def make(user: User, maker: User, *, base_url: str, support: str, mail: bool, tell: bool) -> str:
    """The address of a new link; one that was made before stops working. Raises ChangeRefused.

    `mail`: it goes to the person by e-mail; else it has to be handed on, and they are told of it by e-mail if `tell`.
    """
    read_again(user, maker)
    because = why_not(user) or _too_many(user)
    if because:
        raise ChangeRefused(because)
    organization = user.organization
    address = f"{base_url}/set-password/{passwords.make_link(user)}"
    if mail or tell:
        who, days = f"{maker.name} ({maker.email})", passwords.LINK_LIFETIME.days
        subject, body = letters.password_link(organization.name, who, address if mail else None, days, support)
        outbox.put(user.email, subject, body, organization=organization)
    audit.record(organization, CREATED, actor=maker, subject=user.email, by="e-mail" if mail else "link")
    return address


def maker_of(user: User) -> str | None:
    """Who made this person's link, as the audit log names them; None: it may not be used, or not any more.

    The link's row does not say it. But each is made together with its event, and ends the one before: the newest event
    is that of the link. One that an admin made counts while they are one and the person is none; for an admin only an
    operator's does.
    """
    made = AuditEvent.action.in_((SENT, *_OF_ACTIVE))
    theirs = (AuditEvent.organization_id == user.organization_id, AuditEvent.subject == user.email)
    newest = select(AuditEvent.action, AuditEvent.actor).where(*theirs, made).order_by(AuditEvent.id.desc()).limit(1)
    action, actor = db.session.execute(newest).first() or (None, None)
    if user.status == "invited":
        return actor if action == SENT else None
    if user.status != "active" or action not in _OF_ACTIVE:
        return None
    if action == CREATED:
        return actor if user.role != "admin" and _is_admin(user, actor) else None
    return actor


def _is_admin(user: User, maker: str | None) -> bool:
    """Of the organization of `user`, now."""
    same = (User.organization_id == user.organization_id, User.email == maker)
    return db.session.scalar(select(User.id).where(*same, User.role == "admin", User.status == "active")) is not None


def _too_many(user: User) -> str | None:
    recent = select(func.count()).where(
        AuditEvent.organization_id == user.organization_id,
        AuditEvent.subject == user.email,
        AuditEvent.action == CREATED,
        AuditEvent.at > now() - WINDOW,
    )
    if (db.session.scalar(recent) or 0) < MOST:
        return None
    return f"{MOST} links were made for {user.email} within the last hour. The newest works; wait a little for another."
