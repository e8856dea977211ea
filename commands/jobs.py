"""`flask jobs`: what is done by itself, each minute. A timer of the machine runs it; there is no process of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable

import click

from commands import job_certificates, job_clean_up, job_digest, job_domains, job_mail, job_metadata
from commands.group import OperatorGroup
from commands.output import cell, json_option, print_json, print_table
from database import db
from organizations import outbox

log = logging.getLogger(__name__)

jobs = OperatorGroup("jobs", help="What is to be done regularly: run it each minute.")

# name → what does it, and says in a few words what it did. A job finds out by itself what is due, commits by itself,
# and may run beside another run of itself. They run in this order: mail is last, so what the others say goes out.
JOBS: dict[str, Callable[[], str]] = {
    "domains": job_domains.run,
    "metadata": job_metadata.run,
    "certificates": job_certificates.run,
    "digest": job_digest.run,
    "clean-up": job_clean_up.run,
    "mail": job_mail.run,
}


@jobs.command("run")
@click.pass_context
def run(ctx: click.Context) -> None:
    """Do everything that is due, and print a line for each job.

    Made for a timer that runs it each minute. Two runs at once do not disturb each other. A job that fails does not
    stop the others; the exit status is then 1, and its line says what to look at.
    """
    failed = False
    for name, job in JOBS.items():
        try:
            click.echo(f"{name}: {job()}")
        except job_mail.MailNotSent as error:
            failed = True
            click.echo(f"{name}: failed: {cell(str(error))}", err=True)
        except Exception as error:
            failed = True
            log.exception("job %s", name)
            click.echo(f"{name}: failed: {type(error).__name__}; the log has the place", err=True)
        finally:
            db.session.remove()
    if failed:
        ctx.exit(1)


@jobs.command("status")
@json_option
def status(as_json: bool) -> None:
    """Show the mails that wait or were given up, the oldest first, with the last error."""
    keys = ("id", "recipient", "subject", "created_at", "tries", "next_try_at", "error")
    rows = [{key: getattr(message, key) for key in keys} for message in outbox.unsent()]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "TO", "SUBJECT", "WRITTEN", "TRIES", "NEXT TRY", "ERROR"),
        [(*(row[key] for key in keys[:5]), row["next_try_at"] or "given up", row["error"]) for row in rows],
        nothing="No mail waits, and none was given up.",
    )
