"""People who were turned away although an admin could have helped: one row for each address, however often they came.

Whoever changes a row locks the organization first. A sign-in that creates an account holds the organization before it
closes the row, so nobody ever waits for somebody who waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import cast

from sqlalchemy import Executable, Select, Table, case, func, null, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from database import db, now
from models import ASKED_REASONS, MISSED_REASONS, MissedSignIn, Organization, User
from organizations import audit
from organizations.locking import lock
from saml.identity import Identity

PAGE = 25
MOST_COUNTED = 100
DISMISSED = "admin:missed:dismissed"

_TABLE = cast(Table, MissedSignIn.__table__)


def note(
    organization: Organization,
    email: str,
    identity: Identity,
    *,
    reason: str,
    reference: str,
    configuration_id: int,
    listed: bool,
) -> None:
    """Write down, in one statement, that this person was turned away; two at once are counted as two.

    `listed`: what was dismissed is open again, because it happened once more. Otherwise a row that is not open is left
    so, or made so: with `closed_at` no later than `last_at`, until they ask for help (`asking.ask`).
    """
    at = now()
    values = {
        "organization_id": organization.id,
        "email": email,
        "given_name": identity.given_name,
        "family_name": identity.family_name,
        "display_name": identity.display_name,
        "groups": list(identity.groups),
        "reason": str(reason),
        "reference": reference,
        "configuration_id": configuration_id,
        "first_at": at,
        "last_at": at,
        "closed_at": None if listed else at,
    }
    connection = db.session.connection()
    connection.execute(_upsert(connection.dialect.name, listed), values)


@cache
def _upsert(dialect: str, listed: bool) -> Executable:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(_TABLE)
    taken = {name: insert.excluded[name] for name in ("given_name", "family_name", "display_name", "groups")}
    again = {
        name: case((_TABLE.c.closed_at.is_(None), _TABLE.c[name]), else_=null()) for name in ("asked_at", "question")
    }
    return insert.on_conflict_do_update(
        index_elements=["organization_id", "email"],
        set_={
            **taken,
            **again,
            **{name: insert.excluded[name] for name in ("reason", "reference", "configuration_id", "last_at")},
            "times": _TABLE.c.times + 1,
            "closed_at": null() if listed else _TABLE.c.closed_at,
        },
    )


def close(organization: Organization, email: str) -> None:
    """An account exists now, or is mended: nothing is left to decide."""
    db.session.execute(
        update(MissedSignIn)
        .where(
            MissedSignIn.organization_id == organization.id,
            MissedSignIn.email == email,
            MissedSignIn.closed_at.is_(None),
        )
        .values(closed_at=now())
        .execution_options(synchronize_session=False)
    )


def page(
    organization: Organization,
    after: int | None = None,
    limit: int = PAGE,
    reasons: Sequence[str] = MISSED_REASONS + ASKED_REASONS,
) -> list[MissedSignIn]:
    """The open ones, who asked for help first, of these and of the others the latest; from behind the row `after`.

    One more than `limit`: there is a next page. Read in this order from an index, however many there are.
    """
    order = (MissedSignIn.asked_at.is_not(None), MissedSignIn.last_at, MissedSignIn.id)
    query = _open(organization).where(MissedSignIn.reason.in_(reasons))
    last = find(organization, after) if after else None
    if last is not None:
        query = query.where(tuple_(*order) < (last.asked_at is not None, last.last_at, last.id))
    return list(db.session.scalars(query.order_by(*(column.desc() for column in order)).limit(limit + 1)))


def count(organization: Organization) -> int:
    """How many are open, counted no further than MOST_COUNTED."""
    rows = _open(organization).with_only_columns(MissedSignIn.id).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def _open(organization: Organization) -> Select[MissedSignIn]:
    """Not those who waited for an account and got one on another way meanwhile."""
    # The account of each row, by its address. For NOT EXISTS, PostgreSQL reads all people of the organization instead.
    account = select(User.id).where(User.organization_id == organization.id, User.email == MissedSignIn.email)
    return select(MissedSignIn).where(
        MissedSignIn.organization_id == organization.id,
        MissedSignIn.closed_at.is_(None),
        or_(MissedSignIn.reason.in_(ASKED_REASONS), account.correlate(MissedSignIn).scalar_subquery().is_(None)),
    )


def find(organization: Organization, number: int) -> MissedSignIn | None:
    """The organization's own row of this number, open or not."""
    query = select(MissedSignIn).where(MissedSignIn.organization_id == organization.id, MissedSignIn.id == number)
    return db.session.scalar(query)


def take(organization: Organization, numbers: Sequence[int], actor: User) -> list[MissedSignIn]:
    """These rows in this order, as far as they are open, locked until the transaction ends. Raises NotAnAdmin."""
    lock(organization, actor)
    query = select(MissedSignIn).where(
        MissedSignIn.organization_id == organization.id,
        MissedSignIn.id.in_(numbers),
        MissedSignIn.closed_at.is_(None),
    )
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: numbers.index(row.id))


def dismiss(organization: Organization, number: int, actor: User) -> MissedSignIn | None:
    """Put it away until they come again; None when somebody has done so already. Raises NotAnAdmin."""
    for row in take(organization, [number], actor):
        row.closed_at = now()
        audit.record(organization, DISMISSED, actor=actor, subject=row.email, reference=row.reference)
        return row
    return None
