"""The migrations make exactly the tables of models.py, on both databases, and can be taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, create_engine, inspect, text

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 1, 1, tzinfo=UTC)
# name → (what is special about the account, what the audit log says of it, whether its role is the plan's)
PEOPLE: dict[str, tuple[dict[str, object], str, bool]] = {
    "plain": ({}, "sso:account:created", True),
    "changed": ({}, "admin:role:changed", False),
    "by groups": ({}, "sso:role:changed", False),
    "gone": ({"status": "deactivated"}, "admin:account:deactivated", True),
    "by a rule": ({"created_by_rule": "member of research"}, "sso:account:created", False),
    "invited": ({"origin": "invitation"}, "admin:invitation:sent", False),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'migrated.db'}"
    url = request.getfixturevalue("postgresql_url")
    name = "migrated"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


def flask_db(database_url: str, *arguments: str) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", "db", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_up_matches_the_models_and_down_leaves_nothing(empty_database: str) -> None:
    flask_db(empty_database, "upgrade")
    flask_db(empty_database, "check")
    flask_db(empty_database, "downgrade", "base")
    engine = create_engine(empty_database)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_up_keeps_the_constraints_that_carry_the_rules(empty_database: str) -> None:
    flask_db(empty_database, "upgrade")
    engine = create_engine(empty_database)
    looking = inspect(engine)
    unique = {tuple(index["column_names"]) for index in looking.get_unique_constraints("user")}
    assert ("organization_id", "email") in unique
    partial = {index["name"] for index in looking.get_indexes("domain") if index["unique"]}
    assert "uq_domain_verified" in partial
    crossing = [key["constrained_columns"] for key in looking.get_foreign_keys("membership")]
    assert ["organization_id", "workspace_id"] in crossing
    assert ["organization_id", "user_id"] in crossing
    engine.dispose()


def test_up_keeps_the_index_of_an_expression(empty_database: str) -> None:
    """After all migrations: one that makes the table anew on SQLite loses it, and `flask db check` does not notice."""
    flask_db(empty_database, "upgrade")
    engine = create_engine(empty_database)
    where = {"sqlite": "sqlite_master WHERE name", "postgresql": "pg_indexes WHERE indexname"}[engine.dialect.name]
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT count(*) FROM {where} = 'ix_missed_sign_in_open'")).scalar()  # noqa: S608
    assert found == 1
    engine.dispose()


def put(engine: Engine, table: str, **values: object) -> None:
    """A row of organization 1, into the table as it is at the moment."""
    tables = MetaData()
    with engine.begin() as connection:
        tables.reflect(connection, only=[table])
        own = {} if table == "organization" else {"organization_id": 1}
        connection.execute(tables.tables[table].insert(), own | values)


def account(engine: Engine, name: str, **special: object) -> None:
    values: dict[str, object] = {"origin": "jit", "created_by_configuration_id": 1, "status": "active", **special}
    put(engine, "user", email=f"{name}@a.example", role="viewer", created_at=AT, **values)


def test_people_of_before_are_counted_and_those_who_come_later(empty_database: str) -> None:
    """After all migrations: one that makes the user table anew on SQLite loses its triggers."""
    flask_db(empty_database, "upgrade", "0007")
    engine = create_engine(empty_database)
    put(engine, "organization", id=1, slug="a", name="A", plan="flex", is_operator=False, jit_on=True, created_at=AT)
    trust = {"id": 1, "created_at": AT}
    put(engine, "sso_connection", **trust, public_id="a", signing_key=b"", signing_certificate="")
    source = {"metadata_source": "test", "certificates": []}
    put(engine, "sso_configuration", **trust, **source, connection_id=1, version=1, idp_entity_id="idp", sso_url="/")
    for name, (special, action, _from_plan) in PEOPLE.items():
        account(engine, name, **special)
        said = {"actor": "somebody", "action": action, "details": {}, "at": AT + timedelta(days=1)}
        put(engine, "audit_event", **said, subject=f"{name}@a.example")
    flask_db(empty_database, "upgrade")
    with engine.connect() as connection:
        found = connection.execute(text('SELECT email FROM "user" WHERE role_from_plan ORDER BY email')).scalars().all()
        given = connection.execute(text('SELECT email, role_given_by FROM "user" WHERE role_since IS NOT NULL')).all()
    assert found == sorted(f"{name}@a.example" for name, (_more, _action, from_plan) in PEOPLE.items() if from_plan)
    assert dict(given) == {"changed@a.example": "somebody", "by groups@a.example": "role rules"}
    account(engine, "later")
    with engine.begin() as connection:
        connection.execute(text("UPDATE \"user\" SET role = 'admin' WHERE email = 'changed@a.example'"))
        connection.execute(text("DELETE FROM \"user\" WHERE email = 'plain@a.example'"))
    kind = "status, role, origin, role_from_plan"
    with engine.connect() as connection:
        people = connection.execute(text(f'SELECT {kind}, count(*) FROM "user" GROUP BY {kind}')).all()  # noqa: S608
        kept = connection.execute(text(f"SELECT {kind}, number FROM people_count WHERE number <> 0")).all()  # noqa: S608
    assert sorted(kept) == sorted(people)
    engine.dispose()
