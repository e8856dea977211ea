"""How admins are told by e-mail of the accounts that first sign-ins create: not at all, once a day, or each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import exists, func, select

from database import db
from models import DIGESTS, Organization, OutboxMessage, User
from organizations import audit, jit_letters, outbox


def choose(organization: Organization, wanted: str, actor: User) -> bool:
    """Store it; True when it was a change. Raises ValueError for what is not in DIGESTS."""
    if wanted not in DIGESTS:
        raise ValueError(wanted)
    before = organization.digest
    if before == wanted:
        return False
    organization.digest = wanted
    audit.record(
        organization, "admin:digest:changed", actor=actor, subject=organization.slug, before=before, after=wanted
    )
    return True


def tell_of_one(organization: Organization, user: User, reference: str, base_url: str) -> None:
    """In the transaction that creates the account, where the organization wants to hear of each."""
    if organization.digest == "each":
        page = f"{base_url}/o/{organization.slug}/settings/people/{user.id}"
        subject, body = jit_letters.new_account(organization.name, user.name, user.email, user.role, reference, page)
        outbox.tell_admins(organization, subject, body)


def due(at: datetime) -> list[int]:
    """The organizations that hear once a day, had somebody new yesterday (UTC), and were not told yet."""
    day = _day_before(at)
    somebody = exists().where(User.organization_id == Organization.id, *_created_on(day))
    told = exists().where(OutboxMessage.organization_id == Organization.id, OutboxMessage.key.startswith(_key(day)))
    query = select(Organization.id).where(Organization.digest == "daily", somebody, ~told).order_by(Organization.id)
    return list(db.session.scalars(query))


def tell_of_the_day(organization_id: int, at: datetime, base_url: str) -> bool:
    """Put the mail about yesterday into the outbox, unless another run was faster. The caller commits."""
    day = _day_before(at)
    locked = select(Organization).where(Organization.id == organization_id).with_for_update()
    organization = db.session.scalar(locked)
    told = select(OutboxMessage.id).where(
        OutboxMessage.organization_id == organization_id, OutboxMessage.key.startswith(_key(day))
    )
    if organization is None or organization.digest != "daily" or db.session.scalar(told.limit(1)):
        return False
    new = (User.organization_id == organization_id, *_created_on(day))
    count = db.session.scalar(select(func.count()).where(*new)) or 0
    people = db.session.scalars(select(User).where(*new).order_by(User.created_at, User.id).limit(jit_letters.SHOWN))
    rows = [(user.name, user.email, user.role) for user in people]
    security_tab = f"{base_url}/o/{organization.slug}/settings/security"
    subject, body = jit_letters.new_accounts(organization.name, day, rows, count, security_tab)
    outbox.tell_admins(organization, subject, body, key=_key(day) + str(organization_id))
    return True


def _day_before(at: datetime) -> date:
    return at.astimezone(UTC).date() - timedelta(days=1)


def _key(day: date) -> str:
    return f"digest:{day}:"


def _created_on(day: date) -> tuple:  # type: ignore[type-arg]
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return User.origin == "jit", User.created_at >= begins, User.created_at < begins + timedelta(days=1)
