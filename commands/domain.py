"""`flask domain`: the e-mail domains of an organization."""

from __future__ import annotations

import click

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, print_table
from database import begin_write, db
from organizations import domains

domain = OperatorGroup("domain", help="Add, verify and see the e-mail domains of an organization.")


@domain.command("add")
@click.argument("organization_slug", metavar="ORG")
@click.argument("name", metavar="DOMAIN")
@click.option("--reason", help="Why, such as the ticket. The customer reads it in the audit log.")
def add(organization_slug: str, name: str, reason: str | None) -> None:
    """Add DOMAIN to ORG, pending.

    A pending domain changes nothing yet: verify it. Each sub-domain is a domain of its own. Public mail domains are
    refused.
    """
    begin_write()
    added = domains.add(organization_of(organization_slug), name, reason)
    db.session.commit()
    click.echo(
        f"{added.name} is added and pending. Once you know that it belongs to the customer: "
        f"flask domain verify {organization_slug} {added.name} --reason …"
    )


@domain.command("verify")
@click.argument("organization_slug", metavar="ORG")
@click.argument("name", metavar="DOMAIN")
@click.option("--reason", required=True, help="How you know that it is theirs. The customer reads it in the audit log.")
def verify(organization_slug: str, name: str, reason: str) -> None:
    """Say that DOMAIN belongs to ORG.

    From then on people with an address there are sent to ORG's SSO (once that is activated), and JIT Provisioning may
    create accounts for them. A domain can be verified for one organization only.
    """
    begin_write()
    organization = organization_of(organization_slug)
    verified = domains.verify_by_support(organization, name, reason)
    db.session.commit()
    click.echo(f"{verified.name} is verified for {organization.name}.")


@domain.command("list")
@click.argument("organization_slug", metavar="ORG")
@json_option
def list_of(organization_slug: str, as_json: bool) -> None:
    """Show the domains of ORG."""
    rows = organization_of(organization_slug).domains
    if as_json:
        keys = ("name", "state", "created_at", "verified_at")
        print_json([{key: getattr(row, key) for key in keys} for row in rows])
        return
    print_table(
        ("DOMAIN", "STATE", "ADDED", "VERIFIED"),
        [(row.name, row.state, row.created_at, row.verified_at) for row in rows],
        nothing=f"No domain yet. Add one: flask domain add {organization_slug} DOMAIN",
    )
