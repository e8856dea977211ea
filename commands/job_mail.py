"""The job that sends what is in the outbox. Several may run at once: a message is claimed before it is sent."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from flask import current_app

from commands.output import counted
from database import begin_write, db, now
from organizations import outbox
from organizations.mail_server import MailRefused, MailServer, MailServerAway

MOST_MESSAGES = 200
LONGEST_RUN_SECONDS = 50  # the next run comes after a minute
WAITS_WITHOUT_SERVER = timedelta(days=7)


class MailNotSent(Exception):
    """The mail server is away; the text is the job's line."""


def run() -> str:
    """Send what is due. Raises MailNotSent when the mail server is away."""
    url = current_app.config["SMTP_URL"]
    if url is None:
        return _without_server()
    sent, refused, ends = 0, 0, monotonic() + LONGEST_RUN_SECONDS
    with MailServer(url, current_app.config["MAIL_FROM"]) as server:
        while sent + refused < MOST_MESSAGES and monotonic() < ends:
            taken = _send_one(server)
            if taken is None:
                break
            sent, refused = sent + taken, refused + (not taken)
    words = [f"{sent} sent", *([f"{refused} refused"] if refused else [])]
    waiting = outbox.waiting()
    return ", ".join([*words, *([f"{waiting} waiting"] if waiting else [])])


def _send_one(server: MailServer) -> bool | None:
    """True when it was sent, False when it was refused, None when there was none."""
    begin_write()
    message = outbox.claim(now())
    if message is None:
        db.session.rollback()
        return None
    number, recipient, subject, body, at = (
        message.id,
        message.recipient,
        message.subject,
        message.body,
        message.created_at,
    )
    db.session.commit()  # no transaction is open while the mail server takes its time
    db.session.remove()
    error, for_good, away = None, False, None
    try:
        server.send(recipient, subject, body, number=number, at=at)
    except MailRefused as refused:
        error, for_good = str(refused), refused.for_good
    except MailServerAway as trouble:
        error = away = str(trouble)
    begin_write()
    outbox.settle(number, now(), error, for_good)
    db.session.commit()
    if away:
        raise MailNotSent(f"the mail server is away: {away}; {outbox.waiting()} waiting")
    return error is None


def _without_server() -> str:
    begin_write()
    dropped = outbox.drop_waiting(now() - WAITS_WITHOUT_SERVER)
    db.session.commit()
    line = f"SMTP_URL is not set: {counted(outbox.waiting(), 'message')} waiting"
    return f"{line}, {dropped} dropped after {WAITS_WITHOUT_SERVER.days} days" if dropped else line
