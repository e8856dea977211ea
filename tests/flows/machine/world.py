"""What the database holds, read without the application: rows to compare, and the audit events since the last look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from database import db, now
from models import (
    AuditEvent,
    Domain,
    Entitlement,
    Identity,
    Membership,
    MissedSignIn,
    OneTimeLink,
    Organization,
    PeopleCount,
    RoleRule,
    SignInSession,
    SSOConfiguration,
    SSOConnection,
    User,
    WaitingIdentity,
)

WATCHED = (
    *(User, Identity, Membership, Domain, Entitlement, RoleRule, MissedSignIn, SignInSession),
    *(SSOConnection, SSOConfiguration, Organization, OneTimeLink, WaitingIdentity, PeopleCount),
)
_ROWS = {model.__tablename__: select(model.__table__) for model in WATCHED}
_KEYS = {model.__tablename__: [column.name for column in model.__table__.primary_key] for model in WATCHED}
_EVENTS = select(AuditEvent.id, AuditEvent.organization_id, AuditEvent.action, AuditEvent.actor, AuditEvent.subject)
Pair = tuple[Any, Any]  # a row before and after; None where it is not there


@dataclass(frozen=True)
class World:
    """`events`: those since the look before. The methods are the words in which the promises are written."""

    rows: dict[str, dict[object, Any]]
    events: list[Any]
    last_event: int

    def of(self, table: str, organization_id: int) -> list[Any]:
        return [row for row in self.rows[table].values() if row.organization_id == organization_id]

    def organization(self, slug: str) -> Any:
        return next(row for row in self.rows["organization"].values() if row.slug == slug)

    def people(self, organization_id: int) -> list[Any]:
        return self.of("user", organization_id)

    def person(self, organization_id: int, email: str | None) -> Any:
        return next((row for row in self.people(organization_id) if row.email == email), None)

    def connection(self, organization_id: int) -> Any:
        [connection] = self.of("sso_connection", organization_id)
        return connection

    def live(self, organization_id: int) -> Any:
        return self.rows["sso_configuration"][self.connection(organization_id).live_configuration_id]

    def draft(self, organization_id: int) -> Any:
        waiting = [
            row
            for row in self.of("sso_configuration", organization_id)
            if row.live_at is None and row.discarded_at is None
        ]
        return max(waiting, key=lambda row: row.version, default=None)

    def activated(self, organization_id: int) -> bool:
        return self.connection(organization_id).activated_at is not None

    def unlocked(self, organization_id: int) -> bool:
        return any(row.ends_at is None or row.ends_at > now() for row in self.of("entitlement", organization_id))

    def switch_is_there(self, organization_id: int) -> bool:
        return self.activated(organization_id) and self.unlocked(organization_id)

    def verified(self, organization_id: int, email: str) -> bool:
        name = email.rpartition("@")[2]
        return any(row.name == name and row.verified_at for row in self.of("domain", organization_id))

    def seat_is_free(self, organization: Any) -> bool:
        taken = sum(person.status != "deactivated" for person in self.people(organization.id))
        return organization.seats is None or taken < organization.seats

    def rules(self, organization: Any) -> list[tuple[str, str]]:
        """(group, outcome) in their order, whether they are on or not."""
        rules = sorted(self.of("role_rule", organization.id), key=lambda row: (row.position, row.id))
        return [(rule.group_name, rule.outcome) for rule in rules]

    def said(self, organization: Any, groups: tuple[str, ...]) -> str | None:
        """What the first rule says of whoever is in these groups."""
        rules = self.rules(organization) if organization.role_rules_on else []
        return next((outcome for group, outcome in rules if group in groups), None)

    def admins(self, organization_id: int) -> list[Any]:
        return [row for row in self.people(organization_id) if row.role == "admin" and row.status == "active"]

    def is_last_admin(self, person: Any) -> bool:
        return [admin.id for admin in self.admins(person.organization_id)] == [person.id]

    def identities(self, user_id: int) -> list[Any]:
        return [row for row in self.rows["identity"].values() if row.user_id == user_id]

    def running(self, user_id: int) -> list[Any]:
        """Sessions that are not over, whether their browser has fetched them or not."""
        mine = (row for row in self.rows["sign_in_session"].values() if row.user_id == user_id)
        return [row for row in mine if row.ended_at is None and row.expires_at > now()]


def look(last_event: int = 0) -> World:
    connection = db.session.connection()
    rows = {}
    for table, query in _ROWS.items():
        keys = _KEYS[table]
        found = connection.execute(query).all()
        rows[table] = dict(sorted((tuple(getattr(row, key) for key in keys), row) for row in found))
        if keys == ["id"]:
            rows[table] = {key[0]: row for key, row in rows[table].items()}
    events = list(connection.execute(_EVENTS.where(AuditEvent.id > last_event).order_by(AuditEvent.id)))
    return World(rows, events, events[-1].id if events else last_event)


class Change:
    """What became of the one world in the other: table → the pairs of rows that differ."""

    def __init__(self, before: World, after: World) -> None:
        self.before, self.after = before, after
        self.pairs = {table: pairs for table in before.rows if (pairs := list(self._differing(table)))}
        self.pairs.pop("people_count", None)  # follows from the people; see the invariant

    def _differing(self, table: str) -> Iterator[Pair]:
        old, new = self.before.rows[table], self.after.rows[table]
        for key in {**old, **new}:
            if old.get(key) != new.get(key):
                yield old.get(key), new.get(key)

    def organizations(self) -> set[int]:
        owners = set()
        for table, pairs in self.pairs.items():
            for old, new in pairs:
                row = new or old
                users = self.after.rows["user"] if new else self.before.rows["user"]
                if table == "one_time_link":
                    row = users[row.user_id]
                owners.add(row.id if table == "organization" else row.organization_id)
        return owners

    def only(self, table: str) -> Pair:
        [pair] = self.pairs[table]
        return pair

    def new(self, table: str) -> Any:
        """The row that was added, where one was."""
        [row] = [new for old, new in self.pairs.get(table, ()) if old is None]
        return row


def changed_columns(pair: Pair) -> set[str]:
    old, new = pair
    return {name for name in old._fields if getattr(old, name) != getattr(new, name)}
