"""The job that tells admins once a day who got an account by a first sign-in the day before, a mail for each day."""

from __future__ import annotations

from datetime import date

from flask import current_app

from commands.output import counted
from database import begin_write, db, now
from organizations import digests


def run() -> str:
    """One transaction for each mail to the admins of an organization."""
    told = {organization_id for organization_id, day in digests.due(now()) if _tell(organization_id, day)}
    return f"{counted(len(told), 'organization')} told" if told else "nobody to tell"


def _tell(organization_id: int, day: date) -> bool:
    begin_write()
    told = digests.tell_of_the_day(organization_id, day, current_app.config["PUBLIC_BASE_URL"])
    db.session.commit()
    return told
