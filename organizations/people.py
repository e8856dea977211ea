"""The people of an organization, as lists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from database import db
from models import Membership, Organization, User, Workspace

PAGE = 50


def seats_used(organization: Organization) -> int:
    """Active and invited people take a seat; deactivated ones do not."""
    query = select(func.count()).where(User.organization_id == organization.id, User.status != "deactivated")
    return db.session.scalar(query) or 0


def seats_left(organization: Organization) -> int | None:
    """None when there is no limit; never below zero."""
    return None if organization.seats is None else max(0, organization.seats - seats_used(organization))


def page(organization: Organization, after: str = "", limit: int = PAGE) -> list[User]:
    """One page by e-mail address, from behind `after`; one row more than `limit` says that there is a next page."""
    query = select(User).where(User.organization_id == organization.id).order_by(User.email).limit(limit + 1)
    return list(db.session.scalars(query.where(User.email > after) if after else query))


def recently_provisioned(organization: Organization, limit: int = 5) -> list[User]:
    query = (
        select(User)
        .where(User.organization_id == organization.id, User.origin == "jit")
        .options(joinedload(User.created_by_configuration))
        .order_by(User.created_at.desc(), User.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def members(workspace: Workspace, after: str = "", limit: int = PAGE) -> list[tuple[User, datetime]]:
    """(user, member since) by e-mail address, from behind `after`; one row more than `limit`: there is a next page."""
    query = (
        select(User, Membership.created_at)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.workspace_id == workspace.id, User.status == "active")
        .order_by(User.email)
        .limit(limit + 1)
    )
    rows = db.session.execute(query.where(User.email > after) if after else query)
    return [(user, since) for user, since in rows]
