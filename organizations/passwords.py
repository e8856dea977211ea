"""Passwords: Argon2id, a limit on guessing that lives in the database, and one-time links to set one."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, or_, select

from database import db, now
from models import Domain, OneTimeLink, Organization, SignInAttempt, SSOConnection, User
from organizations.addresses import domain_of
from organizations.sessions import hash_token, new_token

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 200
WINDOW = timedelta(minutes=15)
# What counts as a guess. A throttled try does not, so waiting always helps.
GUESSES = ("wrong_password", "wrong_second_factor")
FAILURES_PER_EMAIL = 8
FAILURES_PER_ADDRESS = 40
# The same e-mail may have an account in several organizations, each with its own password.
ACCOUNTS_TRIED = 5
LINK_LIFETIME = timedelta(days=7)

_hasher = PasswordHasher()


class PasswordRefused(ValueError):
    """The new password cannot be used; the text says what to do."""


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("no account has this password")


def matches(password_hash: str | None, password: str) -> bool:
    """Costs the same whether or not there is a password, so that the time does not tell."""
    try:
        right = _hasher.verify(password_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(password_hash)


def set_password(user: User, password: str) -> None:
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise PasswordRefused(f"Use {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters. A few words are easy to remember.")
    if hmac.compare_digest(password.casefold().encode(), user.email.encode()):
        raise PasswordRefused("Use something other than your e-mail address.")
    user.password_hash = _hasher.hash(password)


def accounts_with(email: str, password: str, organization: Organization | None = None) -> list[User]:
    """The active accounts of this e-mail that this password opens, in all organizations or in the one given."""
    accounts = [user for user in accounts_of(email, organization) if user.password_hash]
    if not accounts:
        matches(None, password)
    return [user for user in accounts if matches(user.password_hash, password)]


def accounts_of(email: str, organization: Organization | None = None) -> list[User]:
    query = select(User).where(User.email == email, User.status == "active")
    if organization:
        query = query.where(User.organization_id == organization.id)
    return list(db.session.scalars(query.order_by(User.id).limit(ACCOUNTS_TRIED)))


def is_throttled(email: str, address: str, at: datetime | None = None) -> bool:
    """Too many wrong passwords or codes for this account, or from this network address, in the last 15 minutes."""
    since = (at or now()) - WINDOW
    counts = select(
        func.count().filter(SignInAttempt.email == email), func.count().filter(SignInAttempt.address == address)
    ).where(
        SignInAttempt.method == "password",
        SignInAttempt.signed_in.is_(False),
        SignInAttempt.reason.in_(GUESSES),
        SignInAttempt.at > since,
        or_(SignInAttempt.email == email, SignInAttempt.address == address),
    )
    by_email, by_address = db.session.execute(counts).one()
    return by_email >= FAILURES_PER_EMAIL or by_address >= FAILURES_PER_ADDRESS


def sso_only(user: User) -> bool:
    """Whether this person's organization lets them in through SSO only; admins keep the emergency password."""
    return user.role != "admin" and sso_covers(user)


def sso_covers(user: User) -> bool:
    """Whether SSO is activated and the domain of their address verified, so that a password is the way around SSO."""
    query = (
        select(SSOConnection.id)
        .join(Domain, Domain.organization_id == SSOConnection.organization_id)
        .where(
            SSOConnection.organization_id == user.organization_id,
            SSOConnection.activated_at.is_not(None),
            Domain.name == domain_of(user.email),
            Domain.verified_at.is_not(None),
        )
    )
    return db.session.scalar(query) is not None


def make_link(user: User) -> str:
    """A one-time token to set the password with; links made before stop working."""
    end_links(user.id)
    token = new_token()
    db.session.add(OneTimeLink(user_id=user.id, token_hash=hash_token(token), expires_at=now() + LINK_LIFETIME))
    return token


def end_links(*user_ids: int) -> None:
    """Of these people no link sets a password any more."""
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id.in_(user_ids)))


def has_link(user: User) -> bool:
    """Whether there is one that was neither used nor has ended."""
    open_ = (OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now())
    return db.session.scalar(select(OneTimeLink.id).where(OneTimeLink.user_id == user.id, *open_)) is not None


def find_link(token: str, lock: bool = False) -> OneTimeLink | None:
    """None when it was used or has ended. `lock`: nobody else uses it, or withdraws the invitation, meanwhile."""
    if lock:
        theirs = select(User.id).join(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token))
        # Whoever changes what people are counted by holds the organization first: nobody waits in a circle.
        accepting = theirs.join(Organization, Organization.id == User.organization_id).where(User.status == "invited")
        db.session.execute(accepting.with_for_update(of=Organization, key_share=True))
        db.session.execute(theirs.with_for_update(of=User))
    query = select(OneTimeLink).where(
        OneTimeLink.token_hash == hash_token(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now()
    )
    return db.session.scalar(query)
