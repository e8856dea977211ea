"""`flask jit`: the customer's switch, and what would happen to one address."""

from __future__ import annotations

import click

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_fields, print_json
from database import begin_write, db
from organizations import audit
from organizations import jit as switch
from organizations.addresses import normalise_email
from provisioning.provisioner import preview
from provisioning.wording import WORDING

jit = OperatorGroup("jit", help="Turn JIT Provisioning on and off, and explain what it does for one person.")

_OUTCOMES = {
    "refuse": "would be refused",
    "sign_in": "would be signed in to the account they have",
    "accept_invitation": "would be signed in, and the invitation accepted",
    "link": "would be signed in to the account they have, and SSO linked to it",
    "create": "would get an account and be signed in",
}


@jit.command("on")
@click.argument("organization_slug", metavar="ORG")
def turn_on(organization_slug: str) -> None:
    """Turn JIT Provisioning on, as an admin of ORG would.

    Refused unless SSO is activated and the feature is unlocked. Holds from the next sign-in on.
    """
    _turn(organization_slug, True)


@jit.command("off")
@click.argument("organization_slug", metavar="ORG")
def turn_off(organization_slug: str) -> None:
    """Turn JIT Provisioning off, as an admin of ORG would.

    New people are refused from the next sign-in on. Accounts that exist keep working.
    """
    _turn(organization_slug, False)


@jit.command("explain")
@click.argument("organization_slug", metavar="ORG")
@click.argument("email")
@click.option("--group", "groups", multiple=True, help="A group they are in at the identity provider; may be repeated.")
@json_option
def explain(organization_slug: str, email: str, groups: tuple[str, ...], as_json: bool) -> None:
    """Say what would happen if EMAIL signed in through the SSO of ORG now, and why.

    Asks the same function that decides at a real sign-in, and changes nothing. It is given the address only: an
    identity provider that sends another address for this person, or knows them already, may lead to another answer.
    Groups count where role rules are on.
    """
    organization = organization_of(organization_slug)
    address = normalise_email(email)
    decision = preview(organization, address, groups)
    sentences = WORDING[decision.reason]
    if as_json:
        print_json(
            {
                "organization": organization.slug,
                "email": address,
                "outcome": decision.outcome.value,
                "reason": decision.reason.value,
                "rule": decision.rule,
                "role": decision.role,
                "role_before": decision.role_before,
                "signs_in": decision.signs_in,
                "groups": list(groups),
                "groups_matter": organization.role_rules_on,
                "role_rule": decision.role_rule,
                "for_the_admin": sentences.admin,
                "for_the_employee": sentences.employee,
            }
        )
        return
    role = f" as {decision.role.capitalize()}" if decision.role else ""
    if decision.changes_role and decision.role_before:
        role += f" (now {decision.role_before.capitalize()})"
    print_fields(
        (
            ("Answer", f"{address} {_OUTCOMES[decision.outcome]}{role}."),
            ("Reason", f"{decision.reason} (rule {decision.rule})"),
            *([("Role rule", decision.role_rule)] if decision.role_rule else []),
            ("Why", sentences.admin),
            ("They read", sentences.employee),
        )
    )
    if groups and not organization.role_rules_on:
        click.echo("The groups do not matter: role rules are off.")


def _turn(slug: str, wanted: bool) -> None:
    begin_write()
    organization = organization_of(slug)
    try:
        changed = switch.set_wish(organization, wanted, audit.OPERATOR)
    except switch.JITUnavailable as unavailable:
        raise click.ClickException(_cure(unavailable.because, slug, organization.name)) from unavailable
    db.session.commit()
    state = "on" if wanted else "off"
    click.echo(f"JIT Provisioning is {'' if changed else 'already '}{state} for {organization.name}.")


def _cure(because: str, slug: str, name: str) -> str:
    if because == "sso_not_activated":
        return (
            f"SSO is not activated for {name}, so JIT Provisioning has no effect and cannot be switched. "
            f"See how far it is: flask sso show {slug}"
        )
    return f"JIT Provisioning is locked for {name}. Unlock it first: flask support unlock {slug} --reason …"
