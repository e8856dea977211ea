"""Invitations: an account that waits for its person. It takes a seat from the start, so that accepting never fails.

Where single sign-on covers the address, signing in through it accepts the invitation (rule 6 of the decision);
elsewhere a one-time link sets the password and accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from database import db, now
from models import ROLES, MissedSignIn, Organization, OutboxMessage, User
from organizations import audit, letters, outbox, passwords
from organizations.accounts import NO_SEAT, ChangeRefused
from organizations.addresses import normalise_email
from organizations.counting import seats_left
from organizations.creation import add_user
from organizations.locking import lock
from organizations.sessions import new_token

MOST_MAILS, MAILS_WINDOW = 200, timedelta(hours=1)  # by one organization: mail goes to addresses that an admin types
KEY = "invitation:"

_ALREADY = {
    "active": "{email} has an account here already.",
    "invited": "{email} is invited already. On their page you can give them the invitation again.",
    "deactivated": "{email} has a deactivated account here. Reactivate it on their page.",
}


class AlreadyHere(ChangeRefused):
    """`person`: the number of the account that has the address."""

    def __init__(self, email: str, status: str, person: int) -> None:
        super().__init__(_ALREADY[status].format(email=email))
        self.person = person


@dataclass(frozen=True, slots=True)
class Invitation:
    """`address` leads to accepting it; it holds a secret unless `through_sso`. `mailed`: or it has to be handed on."""

    user: User
    address: str
    through_sso: bool
    mailed: bool


def judge(organization: Organization, email: str, role: str, *, mail: bool) -> str:
    """The stored form of the address that would be invited. Raises AddressRefused or ChangeRefused."""
    address = normalise_email(email)
    if role not in ROLES:
        raise ChangeRefused("The role is one of Viewer, Collaborator and Admin.")
    theirs = (User.organization_id == organization.id, User.email == address)
    there = db.session.execute(select(User.status, User.id).where(*theirs)).first()
    if there:
        raise AlreadyHere(address, *there)
    if seats_left(organization) == 0:
        raise ChangeRefused(NO_SEAT)
    _refuse_too_many(organization, mail)
    return address


def invite(
    organization: Organization, email: str, role: str, inviter: User, *, base_url: str, mail: bool
) -> Invitation:
    """An account in the state `invited`. Raises AddressRefused, ChangeRefused or NotAnAdmin, with nothing changed."""
    lock(organization, inviter)
    address = judge(organization, email, role, mail=mail)
    user = add_user(organization, address, role=role, origin="invitation", status="invited", invited_by_id=inviter.id)
    missed = (MissedSignIn.organization_id == organization.id, MissedSignIn.email == address)
    db.session.execute(update(MissedSignIn).where(*missed, MissedSignIn.closed_at.is_(None)).values(closed_at=now()))
    return _send(user, inviter, base_url, mail)


def send_again(user: User, sender: User, *, base_url: str, mail: bool) -> Invitation:
    """A new link; one that was sent before stops working.

    Raises ChangeRefused when the invitation is not open any more, NotAnAdmin.
    """
    number = user.id
    lock(user.organization, sender)
    _open(number)
    _refuse_too_many(user.organization, mail)
    return _send(user, sender, base_url, mail)


def withdraw(user: User, actor: User) -> None:
    """The account, which nobody has used, is removed; its seat is free.

    Raises ChangeRefused when it was accepted, NotAnAdmin.
    """
    organization, number = user.organization, user.id
    lock(organization, actor)
    _open(number)
    remove(organization, [user], actor)


def remove(organization: Organization, invited: Sequence[User], actor: User) -> None:
    """Each with its event. The caller has locked them and read them again."""
    if not invited:
        return
    for user in invited:
        db.session.expunge(user)
    db.session.execute(delete(User).where(User.id.in_([user.id for user in invited])))
    each = ((user.email, dict[str, Any]()) for user in invited)
    audit.record_each(organization, "admin:invitation:withdrawn", actor=actor, each=each)


def accept_by_password(user: User) -> bool:
    """In the transaction that sets the password. False when there was no invitation to accept (any more)."""
    if user.status != "invited":
        return False
    user.status = "active"
    audit.record(user.organization, "password:invitation:accepted", actor=user, subject=user.email, role=user.role)
    return True


def sign_in_address(organization: Organization, base_url: str) -> str:
    """Where signing in through SSO begins. It is no secret."""
    return f"{base_url}/o/{organization.slug}"


def inviter_of(user: User) -> str | None:
    """The address of who invited them; None where nobody did, or that account is gone."""
    inviter = aliased(User)
    query = select(inviter.email).join(User, User.invited_by_id == inviter.id).where(User.id == user.id)
    return db.session.scalar(query)


def _open(number: int) -> None:
    """Read again under a lock that an acceptance through SSO waits for, or that waits for it."""
    query = select(User).where(User.id == number).with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise ChangeRefused("This invitation was withdrawn meanwhile.")
    if found.status != "invited":
        raise ChangeRefused(f"{found.email} has accepted the invitation meanwhile.")


def _refuse_too_many(organization: Organization, mail: bool) -> None:
    recent = select(func.count()).where(
        OutboxMessage.organization_id == organization.id,
        OutboxMessage.key.startswith(KEY),
        OutboxMessage.created_at > now() - MAILS_WINDOW,
    )
    if mail and (db.session.scalar(recent) or 0) >= MOST_MAILS:
        raise ChangeRefused(
            f"{MOST_MAILS} invitations were mailed within the last hour. Wait a little, or copy a link instead."
        )


def _send(user: User, sender: User, base_url: str, mail: bool) -> Invitation:
    organization = user.organization
    through_sso = passwords.sso_covers(user)
    if through_sso:
        address = sign_in_address(organization, base_url)
    else:
        address = f"{base_url}/set-password/{passwords.make_link(user)}"
    if mail:
        subject, body = letters.invitation(
            organization.name, sender.name, user.role, address, None if through_sso else passwords.LINK_LIFETIME.days
        )
        outbox.put(user.email, subject, body, organization=organization, key=f"{KEY}{user.id}:{new_token()}")
    audit.record(
        organization,
        "admin:invitation:sent",
        actor=sender,
        subject=user.email,
        role=user.role,
        by="e-mail" if mail else "link",
    )
    return Invitation(user, address, through_sso, mail)
