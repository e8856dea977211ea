"""The job that says in time that a certificate of an identity provider ends."""

from __future__ import annotations

from flask import current_app

from commands.output import counted
from database import begin_write, db, now
from organizations import certificate_notices as notices
from organizations import letters, outbox


def run() -> str:
    """Tell the admins of every notice that is due, each in a transaction of its own."""
    told = sum(_tell(notice) for notice in notices.due(now()))
    return f"{counted(told, 'notice')}" if told else "nothing to say"


def _tell(notice: notices.Notice) -> bool:
    """False when another run was faster."""
    begin_write()
    organization = notices.record(notice)
    if organization is None:
        db.session.rollback()
        return False
    security_tab = f"{current_app.config['PUBLIC_BASE_URL']}/o/{organization.slug}/settings/security"
    left = (notice.ends_at - now()).days
    subject, body = letters.certificate_ending(
        organization.name, notice.fingerprint, notice.ends_at, left, security_tab
    )
    outbox.tell_admins(organization, subject, body)
    db.session.commit()
    return True
