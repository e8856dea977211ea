"""An operator who types commands."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from database import db
from tests.certificates import new_key_pair
from tests.saml.idp_metadata import describe_idp


class Operator:
    """Types commands. `ok` insists on success and returns what was printed, `refused` on one sentence and no change."""

    def __init__(self, app: Flask, runner: FlaskCliRunner, folder: Path) -> None:
        self.app, self.runner, self.folder = app, runner, folder

    def ok(self, line: str) -> str:
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code == 0, f"{line}: {result.output}"
        self.warnings = result.stderr
        return result.stdout

    def json(self, line: str) -> Any:
        return json.loads(self.ok(f"{line} --json"))

    def refused(self, line: str) -> str:
        before = self.contents()
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code != 0, f"{line}: {result.output}"
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.stdout == ""
        assert self.contents() == before, "a refused command changed something"
        return result.stderr

    def contents(self) -> dict[str, list[Any]]:
        with self.app.app_context():
            tables = db.metadata.sorted_tables
            return {table.name: [tuple(row) for row in db.session.execute(select(table))] for table in tables}

    def metadata(self, entity_id: str = "https://idp.acme.example/metadata", name: str = "idp.xml") -> Path:
        path = self.folder / name
        path.write_text(describe_idp(entity_id, (new_key_pair().pem,)))
        return path

    def actions(self, slug: str = "acme") -> list[str]:
        return [event["action"] for event in self.json(f"audit list {slug}")]
