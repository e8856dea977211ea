"""The people of an organization: who came last, who is a member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from database import db
from models import Membership, Organization, User, Workspace

MEMBERS = 50  # of a workspace, on one page


def recently_provisioned(organization: Organization, limit: int = 5) -> list[User]:
    """`invited_by`: the admin who created the account for somebody who was turned away; None for a first sign-in."""
    query = (
        select(User)
        .where(User.organization_id == organization.id, User.origin == "jit")
        .options(joinedload(User.created_by_configuration), joinedload(User.invited_by))
        .order_by(User.created_at.desc(), User.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def members(workspace: Workspace, after: str | None = None, before: str | None = None) -> list[tuple[User, datetime]]:
    """(user, member since) by e-mail address, from behind `after`, or backwards from `before`; one row more than
    MEMBERS: there is another page behind these.
    """
    query = (
        select(User, Membership.created_at)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.workspace_id == workspace.id,
            User.organization_id == workspace.organization_id,  # so that the index by address serves
            User.status == "active",
        )
        .order_by(User.email.desc() if before else User.email)
        .limit(MEMBERS + 1)
    )
    if after:
        query = query.where(User.email > after)
    if before:
        query = query.where(User.email < before)
    return [(user, since) for user, since in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Known:
    """An account, as far as a list of those who were turned away has to know it."""

    id: int
    status: str
    role: str


def known(organization: Organization, emails: Sequence[str]) -> dict[str, Known]:
    """E-mail address → account, of those who have one here; asks nothing when there are none."""
    if not emails:
        return {}
    columns = (User.email, User.id, User.status, User.role)
    query = select(*columns).where(User.organization_id == organization.id, User.email.in_(emails))
    return {email: Known(number, status, role) for email, number, status, role in db.session.execute(query)}
