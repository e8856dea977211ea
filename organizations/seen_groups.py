"""The group names that real sign-ins brought, to be offered when role rules are made.

Of people who were turned away, too: who prepares rules before accounts are created wants the groups of those who will
come. Their own identity provider named them, and there is a bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import category

from sqlalchemy import func, select

from database import db, insert_unless_there
from models import Organization, SeenGroup
from saml.attributes import JOINERS

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
    for name in sorted(missing)[: min(room, AT_ONCE)]:  # in one order, or two who come at once wait for each other
        insert_unless_there(SeenGroup, organization_id=organization_id, name=name)
    # What was inserted just now is known only when a later sign-in finds it: this transaction may yet be rolled back.
    if len(_KNOWN) >= _KNOWN_AT_MOST:
        _KNOWN.clear()
    _KNOWN.update((*place, name) for name in (new if missing and not room else stored))


def names(organization: Organization) -> list[str]:
    query = select(SeenGroup.name).where(SeenGroup.organization_id == organization.id)
    return list(db.session.scalars(query.order_by(SeenGroup.name)))


def can_be_one(name: str) -> bool:
    """Names are compared letter by letter. Real ones hold joiners and spaces of all kinds: inside, not at the ends."""
    whole = name == name.strip() == name.strip(JOINERS) and (name.isprintable() or all(map(_can_be_inside, name)))
    return 0 < len(name) <= LONGEST and whole


def _can_be_inside(letter: str) -> bool:
    return letter.isprintable() or letter in JOINERS or category(letter) == "Zs"


def unseen(name: str) -> str:
    """By number, what looks like nothing or like a plain space in it: two names may differ in that alone."""
    return ", ".join(f"U+{ord(letter):04X}" for letter in dict.fromkeys(name) if not letter.isprintable())
