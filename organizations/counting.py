"""How many people an organization has, without reading them: triggers keep a number for each kind of people.

The triggers belong to the user table. A migration that makes that table anew (Alembic does so on SQLite to change a
column) has to make them anew as well; a test counts after all migrations. `migrations/versions/0009` has the same text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import DDL, event, func, select

from database import db
from models import Organization, PeopleCount, User

Kind = tuple[str, str, str, bool]  # status, role, origin; whether JIT gave the role that the plan had then

_ONE_LESS = """
    UPDATE people_count SET number = number - 1
    WHERE organization_id = OLD.organization_id AND status = OLD.status AND role = OLD.role
    AND origin = OLD.origin AND role_from_plan = OLD.role_from_plan;
"""
_ONE_MORE = """
    INSERT INTO people_count (organization_id, status, role, origin, role_from_plan, number)
    VALUES (NEW.organization_id, NEW.status, NEW.role, NEW.origin, NEW.role_from_plan, 1)
    ON CONFLICT (organization_id, status, role, origin, role_from_plan)
    DO UPDATE SET number = people_count.number + 1;
"""
# Both rows of a change are locked in the order of their keys: two people whose roles change to and fro at once do not
# wait for each other.
_IN_ORDER = """
    PERFORM 1 FROM people_count
    WHERE organization_id IN (OLD.organization_id, NEW.organization_id) AND (status, role, origin, role_from_plan) IN (
        (OLD.status, OLD.role, OLD.origin, OLD.role_from_plan), (NEW.status, NEW.role, NEW.origin, NEW.role_from_plan)
    )
    ORDER BY organization_id, status, role, origin, role_from_plan FOR UPDATE;
"""
_A_CHANGE = "UPDATE OF organization_id, status, role, origin, role_from_plan"
TRIGGERS = {
    "sqlite": [
        f'CREATE TRIGGER user_counted_insert AFTER INSERT ON "user" BEGIN {_ONE_MORE} END',
        f'CREATE TRIGGER user_counted_delete AFTER DELETE ON "user" BEGIN {_ONE_LESS} END',
        f'CREATE TRIGGER user_counted_update AFTER {_A_CHANGE} ON "user" BEGIN {_ONE_LESS} {_ONE_MORE} END',
    ],
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION count_people() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN {_IN_ORDER} END IF;
            IF TG_OP <> 'INSERT' THEN {_ONE_LESS} END IF;
            IF TG_OP <> 'DELETE' THEN {_ONE_MORE} END IF;
            RETURN NULL;
        END $$
        """,
        f"""
        CREATE TRIGGER user_counted AFTER INSERT OR DELETE OR {_A_CHANGE} ON "user"
        FOR EACH ROW EXECUTE FUNCTION count_people()
        """,
    ],
}


# With the table, where `create_all` makes it.
for _dialect, _statements in TRIGGERS.items():
    for _statement in _statements:
        event.listen(User.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people there are of each kind."""

    kinds: dict[Kind, int]

    def of(self, status: str = "", role: str = "", origin: str = "") -> int:
        """Exactly those; empty means any."""
        asked = (status, role, origin)
        return sum(
            number
            for kind, number in self.kinds.items()
            if all(value in ("", kind[i]) for i, value in enumerate(asked))
        )

    def from_plan(self, roles: Collection[str]) -> int:
        """Active JIT accounts with one of these roles, which the plan of that time gave them."""
        return sum(self.kinds.get(("active", role, "jit", True), 0) for role in roles)

    @property
    def seats_used(self) -> int:
        return self.of("active") + self.of("invited")


def counts(organization: Organization) -> Counts:
    kind = (PeopleCount.status, PeopleCount.role, PeopleCount.origin, PeopleCount.role_from_plan)
    query = select(*kind, PeopleCount.number).where(PeopleCount.organization_id == organization.id)
    return Counts({(status, role, origin, plan): n for status, role, origin, plan, n in db.session.execute(query)})


def seats_used(organization: Organization) -> int:
    """Active and invited people take a seat; deactivated ones do not."""
    query = select(func.sum(PeopleCount.number)).where(
        PeopleCount.organization_id == organization.id, PeopleCount.status != "deactivated"
    )
    return db.session.scalar(query) or 0


def seats_left(organization: Organization) -> int | None:
    """None when there is no limit; never below zero."""
    return None if organization.seats is None else max(0, organization.seats - seats_used(organization))
