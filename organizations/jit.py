"""The customer's own switch. A change and its audit event are one thing; both are refused where JIT has no effect."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from database import db, now
from models import JIT_PROVISIONING, AuditEvent, Organization, User
from organizations import audit, entitlements
from organizations.locking import lock

TURNED_OFF = "admin:jit:turned_off"
UNDO_WITHIN = timedelta(minutes=10)


class JITUnavailable(ValueError):
    """The switch cannot be used now. `because` is `sso_not_activated` or `jit_locked`."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


def obstacle(organization: Organization) -> str | None:
    """Why the switch is not there: `sso_not_activated`, `jit_locked`, or None when it is."""
    if organization.connection is None or organization.connection.activated_at is None:
        return "sso_not_activated"
    return None if entitlements.is_unlocked(organization) else "jit_locked"


def set_wish(organization: Organization, wanted: bool, actor: User | str) -> bool:
    """Store the wanted state; True when it was a change. Saying it twice is harmless and is recorded once.

    Raises JITUnavailable, with nothing changed, unless SSO is activated and the feature unlocked; NotAnAdmin.
    """
    lock(organization, actor)
    because = obstacle(organization)
    if because:
        raise JITUnavailable(because)
    if organization.jit_on == wanted:
        return False
    organization.jit_on = wanted
    source = "admin" if isinstance(actor, User) else "operator"
    audit.record(
        organization,
        f"{source}:jit:{'turned_on' if wanted else 'turned_off'}",
        actor=actor,
        subject=JIT_PROVISIONING,
    )
    return True


def may_undo(organization: Organization, admin: User) -> bool:
    """Whether it was this admin who turned it off, a moment ago, and nothing has happened to it since."""
    if organization.jit_on:
        return False
    last = db.session.execute(
        select(AuditEvent.action, AuditEvent.actor, AuditEvent.at)
        .where(AuditEvent.organization_id == organization.id, AuditEvent.subject == JIT_PROVISIONING)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    return last is not None and last[:2] == (TURNED_OFF, admin.email) and last.at > now() - UNDO_WITHIN


def record_refusal(organization: Organization, wanted: bool, actor: User, because: str) -> None:
    audit.record(
        organization,
        "admin:jit:refused",
        actor=actor,
        subject=JIT_PROVISIONING,
        wanted="on" if wanted else "off",
        because=because,
    )
