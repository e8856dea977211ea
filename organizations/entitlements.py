"""What support has unlocked for an organization. Locked is the default, and the end date is read at every use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from database import db, now
from models import JIT_PROVISIONING, Entitlement, Organization
from organizations import audit, locking


class EntitlementRefused(ValueError):
    """The organization cannot have this feature; the text says why."""


_OF_ORGANIZATION = select(Entitlement).where(
    Entitlement.organization_id == bindparam("organization_id"), Entitlement.feature == JIT_PROVISIONING
)


def find(organization: Organization) -> Entitlement | None:
    return db.session.scalar(_OF_ORGANIZATION, {"organization_id": organization.id})


def is_unlocked(organization: Organization, at: datetime | None = None) -> bool:
    entitlement = find(organization)
    if organization.is_operator or entitlement is None:
        return False
    return entitlement.ends_at is None or (at or now()) < entitlement.ends_at


def end_of(organization: Organization) -> datetime | None:
    """When it ends or has ended; None where it has no end, or is locked."""
    entitlement = find(organization)
    return entitlement.ends_at if entitlement else None


def unlock(organization: Organization, reason: str, ends_at: datetime | None = None) -> None:
    """Make JIT Provisioning available. It stays as the customer left it: off, until they turn it on.

    Raises EntitlementRefused.
    """
    if organization.is_operator:
        raise EntitlementRefused("The operator's own organization never has JIT Provisioning.")
    if not reason.strip():
        raise EntitlementRefused("Give the reason: it stands in the customer's audit log.")
    if ends_at is not None and ends_at <= now():
        raise EntitlementRefused("The end date is in the past. Give a later one, or none.")
    locking.lock(organization, audit.SUPPORT)
    entitlement = find(organization) or Entitlement(organization_id=organization.id, feature=JIT_PROVISIONING)
    entitlement.reason, entitlement.ends_at, entitlement.unlocked_at = reason.strip(), ends_at, now()
    db.session.add(entitlement)
    audit.record(
        organization,
        "support:entitlement:unlocked",
        actor=audit.SUPPORT,
        subject=JIT_PROVISIONING,
        reason=reason.strip(),
        ends_at=ends_at.isoformat() if ends_at else None,
    )


def lock(organization: Organization, reason: str) -> None:
    """Take JIT Provisioning away from the next sign-in on. The stored wish of the customer stays stored.

    Raises EntitlementRefused.
    """
    locking.lock(organization, audit.SUPPORT)
    entitlement = find(organization)
    if entitlement is None:
        raise EntitlementRefused("JIT Provisioning is not unlocked for this organization; nothing was changed.")
    if not reason.strip():
        raise EntitlementRefused("Give the reason: it stands in the customer's audit log.")
    db.session.delete(entitlement)
    audit.record(
        organization,
        "support:entitlement:locked",
        actor=audit.SUPPORT,
        subject=JIT_PROVISIONING,
        reason=reason.strip(),
    )
