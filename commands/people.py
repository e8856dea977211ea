"""`flask people`: who has an account."""

from __future__ import annotations

from collections.abc import Iterator

import click

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, print_table
from models import Organization, User
from organizations.people import PAGE, page

people = OperatorGroup("people", help="See who has an account in an organization.")


@people.command("list")
@click.argument("organization_slug", metavar="ORG")
@json_option
def list_of(organization_slug: str, as_json: bool) -> None:
    """Show everybody who has an account in ORG, by e-mail address.

    ORIGIN says how the account came to be: setup (by an operator), invitation, or jit (at the first sign-in). For
    jit, REFERENCE is the code of that sign-in.
    """
    users = _everybody(organization_of(organization_slug))
    if as_json:
        keys = ("email", "name", "role", "status", "origin", "created_at", "created_by_reference")
        print_json([{key: getattr(user, key) for key in keys} for user in users])
        return
    print_table(
        ("EMAIL", "NAME", "ROLE", "STATUS", "ORIGIN", "CREATED", "REFERENCE"),
        [
            (user.email, user.name, user.role, user.status, user.origin, user.created_at, user.created_by_reference)
            for user in users
        ],
        nothing="Nobody has an account here.",
    )


def _everybody(organization: Organization) -> Iterator[User]:
    after, more = "", True
    while more:
        users = page(organization, after)
        more = len(users) > PAGE
        yield from users[:PAGE]
        after = users[:PAGE][-1].email if users else ""
