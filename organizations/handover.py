"""Hand-over links: an IT colleague without an account sets SSO up, for a day, and may do nothing else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from database import db, now
from models import HandoverLink, Organization, User
from organizations import audit
from organizations.locking import lock
from organizations.sessions import hash_token, new_token

LIFETIME = timedelta(hours=24)
MAXIMUM_OPEN = 5
MAXIMUM_NAME = 80


class HandoverRefused(ValueError):
    """The link cannot be made or revoked; the text says what to do."""


def make(organization: Organization, colleague: str, creator: User) -> tuple[HandoverLink, str]:
    """A new link and the token that stands in it, which is not stored. Raises HandoverRefused, NotAnAdmin."""
    name = " ".join(colleague.split())
    if not name or len(name) > MAXIMUM_NAME or not name.isprintable():
        raise HandoverRefused("Write for whom the link is, in at most 80 characters. It stands in the audit log.")
    lock(organization, creator)
    if len(open_links(organization)) >= MAXIMUM_OPEN:
        raise HandoverRefused(f"There are {MAXIMUM_OPEN} open links already. Revoke one that is not needed.")
    token = new_token()
    link = HandoverLink(
        organization_id=organization.id,
        created_by_id=creator.id,
        colleague=name,
        token_hash=hash_token(token),
        expires_at=now() + LIFETIME,
    )
    db.session.add(link)
    db.session.flush()
    audit.record(
        organization,
        "admin:handover:created",
        actor=creator,
        subject=name,
        expires_at=link.expires_at.isoformat(timespec="seconds"),
    )
    return link, token


def open_links(organization: Organization) -> list[HandoverLink]:
    """The links that still work, the newest first."""
    query = _valid().where(HandoverLink.organization_id == organization.id).order_by(HandoverLink.id.desc())
    return list(db.session.scalars(query))


def find(token: str | None) -> HandoverLink | None:
    """The link of this token, with its organization and who made it; None when it is over."""
    if not token:
        return None
    return db.session.scalar(_valid().where(HandoverLink.token_hash == hash_token(token)))


def opened(link: HandoverLink) -> None:
    """Note that the link was opened; the audit log has each time."""
    link.opened_at = link.opened_at or now()
    audit.record(link.organization, "handover:link:opened", actor=actor_of(link), subject=link.colleague)


def revoke(organization: Organization, link_id: int, admin: User) -> HandoverLink:
    """The link works no more, from the next request on.

    Raises HandoverRefused where there is no such link, NotAnAdmin.
    """
    lock(organization, admin)
    link = db.session.scalar(
        _valid().where(HandoverLink.organization_id == organization.id, HandoverLink.id == link_id)
    )
    if link is None:
        raise HandoverRefused("This link does not work any more; nothing was changed.")
    link.revoked_at = now()
    audit.record(organization, "admin:handover:revoked", actor=admin, subject=link.colleague)
    return link


def actor_of(link: HandoverLink) -> str:
    """How the audit log names who uses the link."""
    return f"{audit.HANDOVER}{link.created_by.email} for {link.colleague}"


def _valid() -> Select[HandoverLink]:
    """A link dies with its end, when it is revoked, and when who made it is no admin any more."""
    return (
        select(HandoverLink)
        .join(User, User.id == HandoverLink.created_by_id)
        .options(joinedload(HandoverLink.organization), joinedload(HandoverLink.created_by))
        .where(
            HandoverLink.revoked_at.is_(None),
            HandoverLink.expires_at > now(),
            User.role == "admin",
            User.status == "active",
        )
    )
