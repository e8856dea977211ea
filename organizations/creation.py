"""A new organization comes with its General workspace and one admin."""

from __future__ import annotations

import re

from sqlalchemy import bindparam, select

from database import db, insert_row
from models import PLANS, Membership, Organization, User, Workspace
from organizations import audit
from organizations.addresses import normalise_email

GENERAL = "General"
_GENERAL_ID = select(Workspace.id).where(
    Workspace.organization_id == bindparam("organization_id"), Workspace.is_general
)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class OrganizationRefused(ValueError):
    """The organization cannot be created so; the text says what to do."""


def find(slug: str) -> Organization | None:
    return db.session.scalar(select(Organization).where(Organization.slug == slug))


def create(
    slug: str, name: str, plan: str, admin_email: str, seats: int | None = None, it_contact: str | None = None
) -> tuple[Organization, User]:
    """An organization with a General workspace and its first admin, who has no password yet."""
    if not _SLUG.fullmatch(slug):
        raise OrganizationRefused("The slug is 1 to 40 of a-z, 0-9 and hyphens, and stands in the addresses: acme.")
    if plan not in PLANS:
        raise OrganizationRefused(f"The plan is one of {', '.join(PLANS)}.")
    if seats is not None and seats < 1:
        raise OrganizationRefused("Seats is a number from 1, or left out for no limit.")
    if find(slug):
        raise OrganizationRefused(f"There is already an organization {slug}.")
    organization = Organization(slug=slug, name=name.strip() or slug, plan=plan, seats=seats)
    email = normalise_email(admin_email)
    organization.it_contact = it_contact or email
    db.session.add(organization)
    db.session.flush()
    db.session.add(Workspace(organization_id=organization.id, name=GENERAL, is_general=True))
    db.session.flush()
    admin = add_user(organization, email, role="admin", origin="setup")
    audit.record(
        organization, "operator:organization:created", actor=audit.OPERATOR, subject=slug, plan=plan, seats=seats
    )
    audit.record(organization, "operator:admin:created", actor=audit.OPERATOR, subject=email)
    return organization, admin


def general_workspace(organization_id: int) -> Workspace:
    query = select(Workspace).where(Workspace.organization_id == organization_id, Workspace.is_general)
    return db.session.scalars(query).one()


def add_user(organization: Organization, email: str, *, role: str, origin: str, **values: object) -> User:
    """An account and its membership of General, in the current transaction.

    Raises IntegrityError when the address already has an account here: the unique constraint decides races.
    """
    from_plan = origin == "jit" and not values.get("created_by_rule")
    user = User(
        organization_id=organization.id,
        email=email,
        role=role,
        created_role=role,
        role_from_plan=from_plan,
        origin=origin,
        **values,
    )
    db.session.add(user)
    db.session.flush()
    workspace_id = db.session.scalars(_GENERAL_ID, {"organization_id": organization.id}).one()
    insert_row(Membership, organization_id=organization.id, workspace_id=workspace_id, user_id=user.id)
    return user
