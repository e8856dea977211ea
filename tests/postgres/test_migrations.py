"""The migrations make exactly the tables of models.py, on both databases, and can be taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

ROOT = Path(__file__).parents[2]


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
