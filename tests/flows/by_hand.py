"""What an admin does to accounts in the tests of this folder that are about sign-ins: the change and its event."""

from __future__ import annotations

from sqlalchemy import func, select

from database import db
from models import Organization, User
from organizations import audit, counting
from organizations.creation import add_user


def invite(organization: Organization, email: str, role: str, admin: User) -> bool:
    there = select(User.id).where(User.organization_id == organization.id, User.email == email)
    if db.session.scalar(there) or counting.seats_left(organization) == 0:
        return False
    add_user(organization, email, role=role, origin="invitation", status="invited", invited_by_id=admin.id)
    audit.record(organization, "admin:invitation:sent", actor=admin, subject=email, role=role, by="link")
    return True


def change_role(user: User, role: str, admin: User) -> bool:
    if user.role == role or is_last_admin(user):
        return False
    before, user.role = user.role, role
    details = {"before": before, "after": role}
    audit.record(user.organization, "admin:role:changed", actor=admin, subject=user.email, **details)
    return True


def deactivate(user: User, admin: User) -> bool:
    if user.status != "active" or is_last_admin(user):
        return False
    user.status = "deactivated"
    audit.record(user.organization, "admin:account:deactivated", actor=admin, subject=user.email, because=None)
    return True


def reactivate(user: User, admin: User) -> bool:
    if user.status != "deactivated" or counting.seats_left(user.organization) == 0:
        return False
    user.status = "active"
    audit.record(user.organization, "admin:account:reactivated", actor=admin, subject=user.email)
    return True


def is_last_admin(user: User) -> bool:
    others = (User.organization_id == user.organization_id, User.role == "admin", User.status == "active")
    return not db.session.scalar(select(func.count()).where(*others, User.id != user.id))
