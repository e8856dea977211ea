"""`flask audit`: what happened in an organization."""

from __future__ import annotations

import click

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, print_table
from database import db
from organizations.audit import ACTIONS, events

audit = OperatorGroup("audit", help="Read the audit log of an organization.")


@audit.command("list")
@click.argument("organization_slug", metavar="ORG")
@click.option(
    "--search", default="", metavar="TEXT", help="Only events whose person, action, subject or reference holds TEXT."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
@click.option("--before", type=int, metavar="ID", help="Only events older than the one with this ID: the next page.")
@json_option
def list_of(organization_slug: str, search: str, limit: int, before: int | None, as_json: bool) -> None:
    """Show what happened in ORG, newest first.

    This is the log that the admins of ORG read. What support and operators do stands in it too. To follow a
    reference code that somebody was given, search for it.
    """
    organization = organization_of(organization_slug)
    found = list(db.session.scalars(events(organization, search, before).limit(limit + 1)))
    shown = found[:limit]
    if as_json:
        keys = ("id", "at", "actor", "action", "subject", "details", "reference")
        print_json([{key: getattr(event, key) for key in keys} for event in shown])
    else:
        print_table(
            ("ID", "AT", "ACTOR", "WHAT", "SUBJECT", "REFERENCE", "DETAILS"),
            [(e.id, e.at, e.actor, ACTIONS[e.action][0], e.subject, e.reference, _words(e.details)) for e in shown],
            nothing=f"No event matches “{search}”." if search else "No event.",
        )
    if len(found) > limit:
        click.echo(f"There are older ones: add --before {shown[-1].id}", err=True)


def _words(details: dict[str, object]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in details.items() if value is not None)
