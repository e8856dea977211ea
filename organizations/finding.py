"""Looking for people of an organization: by words, role, status and origin; page by page, or all of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from database import db
from models import ORIGINS, ROLES, STATUSES, Named, Organization, SSOConfiguration, User
from organizations.addresses import as_in_stored

PAGE = 25
EXPORT_BATCH = 2_500
MOST_WORDS = 8  # of a search
MOST_COUNTED = 100  # of those whom a search finds: an exact number would take reading everybody's name
MISSED = "missed_sign_in"  # where an account came from that an admin made for somebody who was turned away
FEW = 500  # so many are put into order sooner than the way through all addresses comes upon a page of them


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
        return [
            User.organization_id == organization_id,
            *(_holds(word) for word in self.search.split()[:MOST_WORDS]),
            *(
                _not_by_index(column) == value
                for column, value in ((User.origin, self.origin), (User.role, self.role), (User.status, self.status))
                if value
            ),
        ]

    def by_counts(self) -> list[ColumnElement[bool]]:
        """All columns of the index that people are counted by: what may be anything is one of all values."""
        return [
            column.in_((value,) if value else every)
            for column, value, every in (
                (User.status, self.status, STATUSES),
                (User.role, self.role, ROLES),
                (User.origin, self.origin, ORIGINS),
            )
        ]


def _not_by_index(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """On SQLite, no index is chosen for this column: it knows nothing of how many rows a value has, and would put half
    of an organization into order for one page. PostgreSQL knows, and chooses well.
    """
    return column + "" if _is_sqlite() else column.expression


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _holds(word: str) -> ColumnElement[bool]:
    """Whether a word is part of the address or of a name, capital letters or small. Stored addresses are in small
    letters, their domains in ASCII.

    SQLite's LIKE takes capital and small letters for the same in ASCII only; lower() does no better, and for each of
    ten thousand people would take longer than the comparison. Words with other letters are looked for in the usual
    spellings.
    """
    names = (User.given_name, User.family_name, User.display_name)
    spellings = {word} if word.isascii() or not _is_sqlite() else {word, word.lower(), word.upper(), word.title()}
    patterns = [_part(spelling) for spelling in sorted(spellings)]
    addresses = {word.casefold()} if word.isascii() else {word.casefold(), as_in_stored(word)}
    return or_(
        *(User.email.like(_part(address), escape="/") for address in sorted(addresses)),
        *((name.like if _is_sqlite() else name.ilike)(part, escape="/") for name in names for part in patterns),
    )


def _part(word: str) -> str:
    return "%" + word.replace("/", "//").replace("%", "/%").replace("_", "/_") + "%"


@dataclass(slots=True)
class Listed(Named):
    """Somebody as the list shows them. To make a page of whole users would take several times as long."""

    id: int
    email: str
    given_name: str | None
    family_name: str | None
    display_name: str | None
    role: str
    status: str
    origin: str
    created_at: datetime
    created_by_reference: str | None
    invited_by_id: int | None

    @property
    def came_from(self) -> str:
        return came_from(self)


_LISTED = tuple(getattr(User, field.name) for field in fields(Listed))


def came_from(account: Listed | User) -> str:
    """How it came to be: its origin, or MISSED, which is a kind of `jit`."""
    return MISSED if account.origin == "jit" and account.invited_by_id is not None else account.origin


def count(organization: Organization, wanted: Filter) -> int:
    """How many match, counted no further than MOST_COUNTED and one more."""
    rows = select(User.id).where(*wanted.conditions(organization.id)).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def page(
    organization: Organization,
    after: str | None = None,
    limit: int = PAGE,
    wanted: Filter = Filter(),
    matching: int | None = None,
    *,
    before: str | None = None,
) -> list[Listed]:
    """One page by e-mail address, from behind `after`; one row more than `limit` says that there is a next page.

    `before`: backwards instead, from that address on; one row more says that there is a page before.
    `matching`: how many have the wanted role, status and origin, where it is known. A few are found by these and put
    into order; many are met soon enough on the way through the addresses, which are in order.
    """
    query = select(*_LISTED).where(*wanted.conditions(organization.id)).limit(limit + 1)
    address: ColumnElement[str] = User.email.expression
    if wanted and matching is not None and matching <= FEW:
        query, address = query.where(*wanted.by_counts()), _not_by_index(User.email)
    if after:
        query = query.where(address > after)
    if before:
        query = query.where(address < before)
    query = query.order_by(address.desc() if before else address)
    return [Listed(*row) for row in db.session.execute(query)]


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
            case((and_(User.origin == "jit", User.invited_by_id.is_not(None)), MISSED), else_=User.origin),
            User.created_at,
            SSOConfiguration.version,
            User.created_by_reference,
            User.created_by_rule,
            User.created_role,
            User.role_since,
            User.role_given_by,
            inviter.email.label("invited_by"),
        )
        .outerjoin(SSOConfiguration, SSOConfiguration.id == User.created_by_configuration_id)
        .outerjoin(inviter, inviter.id == User.invited_by_id)
        .where(*wanted.conditions(organization_id), User.email > after)
        .order_by(User.email)
        .limit(EXPORT_BATCH)
    )
    return list(db.session.execute(query))
