"""The job that tells admins once a day who got an account by a first sign-in the day before."""

from __future__ import annotations

from flask import current_app

from commands.output import counted
from database import begin_write, db, now
from organizations import digests


def run() -> str:
    """One transaction for each organization that is to be told."""
    told = sum(_tell(organization_id) for organization_id in digests.due(now()))
    return f"{counted(told, 'organization')} told" if told else "nobody to tell"


def _tell(organization_id: int) -> bool:
    begin_write()
    told = digests.tell_of_the_day(organization_id, now(), current_app.config["PUBLIC_BASE_URL"])
    db.session.commit()
    return told
