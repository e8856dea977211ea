"""The group names that real sign-ins brought, to be offered when role rules are made."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from database import db, insert_unless_there
from models import Organization, SeenGroup

AT_MOST = 500  # of an organization
LONGEST = 200
AT_ONCE = 50  # of one sign-in: the others come with the next ones

# Names that are known to be stored, or that the organization has no room for; a process asks once or twice for each.
_KNOWN: set[tuple[int, int, str]] = set()
_KNOWN_AT_MOST = 50_000


def remember(organization_id: int, groups: Iterable[str]) -> None:
    """Store the names that are new, in the current transaction. An ordinary sign-in asks the database nothing."""
    place = (id(db.engine), organization_id)
    new = [name for name in dict.fromkeys(groups) if can_be_one(name) and (*place, name) not in _KNOWN]
    if not new:
        return
    of_organization = SeenGroup.organization_id == organization_id
    stored = set(db.session.scalars(select(SeenGroup.name).where(of_organization, SeenGroup.name.in_(new))))
    missing = [name for name in new if name not in stored]
    room = 0
    if missing:
        count = select(func.count()).select_from(SeenGroup).where(of_organization)
        room = max(0, AT_MOST - (db.session.scalar(count) or 0))
    # In an order that is the same for everybody: two who wait for each other's rows are a deadlock.
    for name in sorted(missing[: min(room, AT_ONCE)]):
        insert_unless_there(SeenGroup, organization_id=organization_id, name=name)
    # What was inserted just now is known only when a later sign-in finds it: this transaction may yet be rolled back.
    if len(_KNOWN) >= _KNOWN_AT_MOST:
        _KNOWN.clear()
    _KNOWN.update((*place, name) for name in (new if missing and not room else stored))


def names(organization: Organization) -> list[str]:
    query = select(SeenGroup.name).where(SeenGroup.organization_id == organization.id)
    return list(db.session.scalars(query.order_by(SeenGroup.name)))


def can_be_one(name: str) -> bool:
    return 0 < len(name) <= LONGEST and name.isprintable() and name == name.strip()
