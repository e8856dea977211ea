"""A person links their own identity to their account: proved at the identity provider, then confirmed here.

It needs no verified domain, and the addresses of the two may differ: whoever confirms has signed in to both.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from database import db, insert_row, insert_unless_there, now
from models import Identity, SSOConnection, User, WaitingIdentity
from organizations import audit, missed, passwords

# Of a receipt: a person proved an identity for the account that they are signed in to. It signed nobody in.
PROVED = "identity_proved"
LIFETIME = timedelta(minutes=10)
START_AGAIN = (
    "Connecting took longer than ten minutes, was finished before, or began in another browser. Start it again."
)


class LinkRefused(ValueError):
    """The identity cannot be linked to this account; the text says why and what to do."""


def identity_of(user: User, connection: SSOConnection | None) -> Identity | None:
    """How the identity provider that is live knows this person."""
    live = connection.live_configuration if connection else None
    if connection is None or live is None:
        return None
    known = (Identity.connection_id == connection.id, Identity.idp_entity_id == live.idp_entity_id)
    return db.session.scalar(select(Identity).where(*known, Identity.user_id == user.id))


def obstacle(user: User, connection: SSOConnection | None) -> str | None:
    """Why this person cannot connect SSO now, in words; None where they can."""
    if connection is None or connection.activated_at is None:
        return "Single sign-on is not active for your organization at the moment."
    if identity_of(user, connection) is not None:
        return "Your account is connected already. An admin can reset the link."
    return None


def wait(user: User, configuration_id: int, browser_hash: str, **proved: object) -> None:
    """Keep a proved identity until its owner confirms it; it takes the place of one that waited before."""
    db.session.execute(delete(WaitingIdentity).where(WaitingIdentity.user_id == user.id))
    insert_row(
        WaitingIdentity,
        organization_id=user.organization_id,
        configuration_id=configuration_id,
        user_id=user.id,
        browser_hash=browser_hash,
        expires_at=now() + LIFETIME,
        **proved,
    )


def waiting(user: User, browser_hash: str | None) -> WaitingIdentity | None:
    return db.session.scalar(
        select(WaitingIdentity).where(
            WaitingIdentity.user_id == user.id,
            WaitingIdentity.browser_hash == browser_hash,
            WaitingIdentity.expires_at > now(),
        )
    )


def judge(user: User, connection: SSOConnection | None, identity: WaitingIdentity | None) -> WaitingIdentity:
    """The identity, if it may be linked now. Raises LinkRefused."""
    because = obstacle(user, connection)
    if because:
        raise LinkRefused(because)
    if identity is None:
        raise LinkRefused(START_AGAIN)
    assert connection is not None
    if connection.live_configuration_id != identity.configuration_id:
        raise LinkRefused("Your organization changed its single sign-on meanwhile. Start again.")
    known = (Identity.connection_id == connection.id, Identity.idp_entity_id == identity.idp_entity_id)
    if db.session.scalar(select(Identity.id).where(*known, Identity.subject == identity.subject)) is not None:
        raise LinkRefused("This identity is connected with another account already. Ask an admin to look into it.")
    return identity


def link(user: User, connection: SSOConnection | None, identity: WaitingIdentity | None) -> None:
    """Link it and use it up, in the current transaction. Raises LinkRefused."""
    found = judge(user, connection, identity)
    used = db.session.execute(
        delete(WaitingIdentity).where(WaitingIdentity.id == found.id).returning(WaitingIdentity.id)
    ).first()
    stored = used is not None and insert_unless_there(
        Identity,
        organization_id=user.organization_id,
        connection_id=found.connection_id,
        idp_entity_id=found.idp_entity_id,
        subject=found.subject,
        user_id=user.id,
    )
    if not stored:
        raise LinkRefused("Somebody was faster: this identity or this account is connected meanwhile.")
    missed.close(user.organization, user.email)
    passwords.end_links(user.id)  # they are in, and have their way
    assert connection is not None
    assert connection.live_configuration is not None
    audit.record(
        user.organization,
        "user:sso_link:made",
        actor=user,
        subject=user.email,
        configuration=connection.live_configuration.version,
        reference=found.reference,
    )
