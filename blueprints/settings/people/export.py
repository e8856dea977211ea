"""People as CSV (RFC 4180): those that the list shows, on all its pages. Written while it is read from the database.

It begins with a byte order mark: by that, and by nothing else, Excel knows that the names are UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Flask, Response, current_app

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people.asked import wanted_people
from database import now
from models import Organization
from organizations import finding

COLUMNS = (
    "email",
    "given_name",
    "family_name",
    "display_name",
    "role",
    "status",
    "origin",
    "created_at",
    "configuration_version",
    "sign_in_reference",
    "role_rule",
    "first_role",
    "role_since",
    "role_given_by",
    "invited_or_created_by",
)
# A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/people.csv")
@requires("people.read")
def export_people(organization: Organization) -> Response:
    name = f"people-{organization.slug}-{now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    lines = _lines(application, organization.id, wanted_people())
    return Response(lines, mimetype="text/csv", headers=headers)


def _lines(app: Flask, organization_id: int, wanted: finding.Filter) -> Iterator[str]:
    """A context of its own for each batch: nothing of the database is held while the reader takes its time."""
    yield "\ufeff" + _written([COLUMNS])
    after, more = "", True
    while more:
        with app.app_context():
            rows = finding.export_batch(organization_id, wanted, after)
        yield _written([cell(value) for value in row] for row in rows)
        more = len(rows) == finding.EXPORT_BATCH
        after = rows[-1].email if rows else after


def _written(rows: Iterable[Iterable[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def cell(value: object) -> str:
    if value is None:
        return ""
    text = value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
