"""`flask domain`: the e-mail domains of an organization."""

from __future__ import annotations

import click
from flask import current_app

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_fields, print_json, print_table
from database import begin_write, db, now
from organizations import audit, challenges, domain_wording, domains

domain = OperatorGroup("domain", help="Add, check, verify and see the e-mail domains of an organization.")


@domain.command("add")
@click.argument("organization_slug", metavar="ORG")
@click.argument("name", metavar="DOMAIN")
@click.option("--reason", help="Why, such as the ticket. The customer reads it in the audit log.")
def add(organization_slug: str, name: str, reason: str | None) -> None:
    """Add DOMAIN to ORG, pending.

    A pending domain changes nothing yet: its TXT record verifies it, or you do. Each sub-domain is a domain of its
    own. Public mail domains and public suffixes are refused.
    """
    begin_write()
    added = domains.add(organization_of(organization_slug), name, reason)
    db.session.commit()
    click.echo(
        f"{added.name} is added and pending. Once you know that it belongs to the customer: "
        f"flask domain verify {organization_slug} {added.name} --reason …"
    )


@domain.command("check")
@click.argument("organization_slug", metavar="ORG")
@click.argument("name", metavar="DOMAIN")
def check(organization_slug: str, name: str) -> None:
    """Look for the TXT record of DOMAIN now.

    The record found, DOMAIN is verified for ORG, as by *Check now* of an admin. Domains that support has verified are
    not looked for.
    """
    begin_write()
    row = domains.find(organization_of(organization_slug), name)
    if row is None:
        raise domains.DomainRefused(f"{name} is not a domain of {organization_slug}. Add it first.")
    question = challenges.begin(row, now())
    if question is None:
        raise domains.DomainRefused(f"{row.name} was checked a moment ago, or is verified by support.")
    db.session.commit()  # the name server may take seconds, and nobody should wait for its sake
    seen = question.ask(current_app.config["DNS_RESOLVERS"])
    begin_write()
    checked = challenges.conclude(question, seen, now(), audit.OPERATOR)
    db.session.commit()
    if checked is None:
        raise domains.DomainRefused(f"{name} was removed meanwhile.")
    print_fields(
        (
            ("Domain", checked.name),
            ("State", checked.state),
            ("Name", checked.record_name),
            ("Value", checked.record_value),
            ("Result", domain_wording.short_result(checked)),
            ("Found", ", ".join(domain_wording.other_values(checked))),
            ("Next check", checked.next_check_at),
        )
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
    """Show the domains of ORG, and what the last look for their TXT records gave."""
    rows = organization_of(organization_slug).domains
    if as_json:
        keys = ("name", "state", "created_at", "verified_at", "verified_by", "record_name", "record_value")
        checks = ("checked_at", "check_result", "check_found", "next_check_at", "missing_since")
        print_json([{key: getattr(row, key) for key in (*keys, *checks)} for row in rows])
        return
    print_table(
        ("DOMAIN", "STATE", "ADDED", "VERIFIED", "BY", "CHECKED", "RESULT"),
        [
            (
                row.name,
                row.state,
                row.created_at,
                row.verified_at,
                row.verified_by,
                row.checked_at,
                domain_wording.short_result(row),
            )
            for row in rows
        ],
        nothing=f"No domain yet. Add one: flask domain add {organization_slug} DOMAIN",
    )
