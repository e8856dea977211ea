"""The people of an organization, as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from database import db
from models import Membership, Organization, SSOConfiguration, User, Workspace

PAGE = 50
EXPORT_BATCH = 2_500
MOST_WORDS = 8  # of a search


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty means everybody. Each word of `search` is part of the address or of a name."""

    search: str = ""
    origin: str = ""
    role: str = ""
    status: str = ""

    def __bool__(self) -> bool:
        return bool(self.search or self.origin or self.role or self.status)

    def conditions(self, organization_id: int) -> list[ColumnElement[bool]]:
        columns = (User.email, User.given_name, User.family_name, User.display_name)
        return [
            User.organization_id == organization_id,
            *(
                or_(*(column.icontains(word, autoescape=True) for column in columns))
                for word in self.search.split()[:MOST_WORDS]
            ),
            *(
                column == value
                for column, value in ((User.origin, self.origin), (User.role, self.role), (User.status, self.status))
                if value
            ),
        ]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people there are, by status; `matching` the filter; `of_jit`: active JIT accounts by role."""

    active: int
    invited: int
    deactivated: int
    matching: int
    of_jit: dict[str, int]

    @property
    def everybody(self) -> int:
        return self.active + self.invited + self.deactivated

    @property
    def seats_used(self) -> int:
        return self.active + self.invited


def seats_used(organization: Organization) -> int:
    """Active and invited people take a seat; deactivated ones do not."""
    query = select(func.count()).where(User.organization_id == organization.id, User.status != "deactivated")
    return db.session.scalar(query) or 0


def seats_left(organization: Organization) -> int | None:
    """None when there is no limit; never below zero."""
    return None if organization.seats is None else max(0, organization.seats - seats_used(organization))


def counts(organization: Organization, wanted: Filter = Filter()) -> Counts:
    groups = db.session.execute(
        select(User.status, User.role, User.origin, func.count())
        .where(User.organization_id == organization.id)
        .group_by(User.status, User.role, User.origin)
    ).all()
    by_status = {status: sum(group[3] for group in groups if group[0] == status) for status, *_ in groups}
    of_jit = {role: number for status, role, origin, number in groups if (status, origin) == ("active", "jit")}
    matching = sum(by_status.values())
    if wanted.search:
        matching = db.session.scalar(select(func.count()).where(*wanted.conditions(organization.id))) or 0
    elif wanted:
        asked = (wanted.status, wanted.role, wanted.origin)
        matching = sum(group[3] for group in groups if all(value in ("", group[i]) for i, value in enumerate(asked)))
    return Counts(
        by_status.get("active", 0), by_status.get("invited", 0), by_status.get("deactivated", 0), matching, of_jit
    )


def page(
    organization: Organization,
    after: str = "",
    limit: int = PAGE,
    wanted: Filter = Filter(),
) -> list[User]:
    """One page by e-mail address, from behind `after`; one row more than `limit` says that there is a next page."""
    query = select(User).where(*wanted.conditions(organization.id)).order_by(User.email).limit(limit + 1)
    return list(db.session.scalars(query.where(User.email > after) if after else query))


def export_batch(organization_id: int, wanted: Filter, after: str) -> list[Row[*tuple[Any, ...]]]:
    """The next EXPORT_BATCH of those who match, by e-mail address, from behind `after`; fewer of them are the last."""
    inviter = aliased(User)
    query = (
        select(
            User.email,
            User.given_name,
            User.family_name,
            User.display_name,
            User.role,
            User.status,
            User.origin,
            User.created_at,
            SSOConfiguration.version,
            User.created_by_reference,
            User.created_by_rule,
            inviter.email.label("invited_by"),
        )
        .outerjoin(SSOConfiguration, SSOConfiguration.id == User.created_by_configuration_id)
        .outerjoin(inviter, inviter.id == User.invited_by_id)
        .where(*wanted.conditions(organization_id), User.email > after)
        .order_by(User.email)
        .limit(EXPORT_BATCH)
    )
    return list(db.session.execute(query))


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


def numbers(organization: Organization, emails: Sequence[str]) -> dict[str, int]:
    """E-mail address → number of the account, of those who have one here; asks nothing when there are none."""
    if not emails:
        return {}
    query = select(User.email, User.id).where(User.organization_id == organization.id, User.email.in_(emails))
    return {email: number for email, number in db.session.execute(query)}  # noqa: C416  (rows are no pairs to mypy)
