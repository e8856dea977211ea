"""`flask people`: who has an account, and a second factor that was lost."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask import current_app
from sqlalchemy import select

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, print_table
from database import begin_write, db
from models import Organization, User
from organizations import letters, outbox, second_factor
from organizations.addresses import normalise_email
from organizations.finding import EXPORT_BATCH, Listed, page

people = OperatorGroup("people", help="See who has an account; remove a second factor that was lost.")


@people.command("list")
@click.argument("organization_slug", metavar="ORG")
@json_option
def list_of(organization_slug: str, as_json: bool) -> None:
    """Show everybody who has an account in ORG, by e-mail address.

    ORIGIN says how the account came to be: setup (by an operator), invitation, jit (at the first sign-in), or
    missed_sign_in (an admin made it for somebody who was turned away). For the last two, REFERENCE is the code of that
    sign-in.
    """
    users = _everybody(organization_of(organization_slug))
    if as_json:
        keys = ("email", "name", "role", "status", "created_at", "created_by_reference")
        print_json([{"origin": user.came_from} | {key: getattr(user, key) for key in keys} for user in users])
        return
    print_table(
        ("EMAIL", "NAME", "ROLE", "STATUS", "ORIGIN", "CREATED", "REFERENCE"),
        [
            (user.email, user.name, user.role, user.status, user.came_from, user.created_at, user.created_by_reference)
            for user in users
        ],
        nothing="Nobody has an account here.",
    )


@people.command("reset-second-factor")
@click.argument("organization_slug", metavar="ORG")
@click.argument("email")
@click.option("--reason", required=True, help="Why, and how you know who asks. The customer reads it in the audit log.")
def reset_second_factor(organization_slug: str, email: str, reason: str) -> None:
    """Remove the second factor and the recovery codes of EMAIL, an admin of ORG who has lost both.

    Their password alone then opens the emergency sign-in: be sure who asks. All admins of ORG get a mail about it.
    """
    begin_write()
    organization = organization_of(organization_slug)
    address = normalise_email(email)
    user = db.session.scalar(select(User).where(User.organization_id == organization.id, User.email == address))
    if user is None:
        raise click.ClickException(
            f"{address} has no account in {organization.name}. `flask people list {organization.slug}` shows who has."
        )
    if not reason.strip():
        raise click.ClickException("Give the reason: it stands in the customer's audit log.")
    if not second_factor.remove(user, reason.strip()):
        click.echo(f"{address} has no second factor; nothing was changed.")
        return
    config = current_app.config
    audit_log = f"{config['PUBLIC_BASE_URL']}/o/{organization.slug}/settings/audit-log"
    subject, body = letters.second_factor_removed(
        organization.name, address, reason, audit_log, config["SUPPORT_CONTACT"]
    )
    outbox.tell_admins(organization, subject, body)
    db.session.commit()
    click.echo(f"The second factor of {address} is removed. Their password alone opens the emergency sign-in.")


def _everybody(organization: Organization) -> Iterator[Listed]:
    after, more = "", True
    while more:
        users = page(organization, after, limit=EXPORT_BATCH)
        more = len(users) > EXPORT_BATCH
        yield from users[:EXPORT_BATCH]
        after = users[:EXPORT_BATCH][-1].email if users else ""
