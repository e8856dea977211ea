"""`flask org`: the customers."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_fields, print_json, print_table, warn
from database import begin_write, db
from models import PLANS, Organization, SSOConnection, User
from organizations import audit, creation, entitlements, jit, passwords
from organizations.addresses import normalise_email
from organizations.counting import seats_used

org = OperatorGroup("org", help="Create and see the organizations (the customers).")


@org.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="What people read: “Acme Research”.")
@click.option(
    "--plan",
    required=True,
    type=click.Choice(PLANS),
    help="The plan gives new people their role: flex makes Viewers, seat_based makes Collaborators.",
)
@click.option("--admin", "admin_email", required=True, metavar="EMAIL", help="The first admin.")
@click.option("--seats", type=click.IntRange(min=1), help="How many people may have an account. Without it: no limit.")
@click.option(
    "--it-contact", metavar="TEXT", help="Whom a refused person is told to ask. Without it: the first admin's address."
)
@json_option
def create(
    slug: str, name: str, plan: str, admin_email: str, seats: int | None, it_contact: str | None, as_json: bool
) -> None:
    """Create an organization, its General workspace and its first admin.

    SLUG stands in addresses and names the organization in every other command: a-z, 0-9 and hyphens. It cannot be
    changed later.

    Prints a one-time link with which the admin sets a password. Whoever has the link can sign in as this admin: send
    it to nobody else. It is good for seven days; `flask org link` makes a new one.
    """
    begin_write()
    organization, admin = creation.create(slug, name, plan, admin_email, seats, it_contact)
    token = passwords.make_link(admin)
    db.session.commit()
    if not as_json:
        click.echo(f"{organization.name} is created, with the General workspace and the admin {admin.email}.")
    _print_link(organization, admin, token, as_json)


@org.command("link")
@click.argument("slug")
@click.argument("email")
@json_option
def link(slug: str, email: str, as_json: bool) -> None:
    """Make a new one-time link with which an admin sets a password.

    For an admin whose link has expired or who has lost the password. Links made before stop working. The customer
    reads in the audit log that the link was made.
    """
    begin_write()
    organization = organization_of(slug)
    address = normalise_email(email)
    user = db.session.scalar(select(User).where(User.organization_id == organization.id, User.email == address))
    if user is None or user.role != "admin" or user.status != "active":
        raise click.ClickException(
            f"{address} is not an active admin of {organization.name}. `flask people list {slug}` shows who is."
        )
    token = passwords.make_link(user)
    audit.record(organization, "operator:password_link:created", actor=audit.OPERATOR, subject=user.email)
    db.session.commit()
    _print_link(organization, user, token, as_json)


@org.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Show all organizations: plan, people, and how far SSO is."""
    people = (
        select(User.organization_id, func.count().label("number"))
        .where(User.status != "deactivated")
        .group_by(User.organization_id)
        .subquery()
    )
    query = (
        select(Organization, func.coalesce(people.c.number, 0))
        .outerjoin(people, people.c.organization_id == Organization.id)
        .options(joinedload(Organization.connection).joinedload(SSOConnection.live_configuration))
        .order_by(Organization.slug)
    )
    rows = [
        {
            "slug": organization.slug,
            "name": organization.name,
            "plan": organization.plan,
            "people": number,
            "seats": organization.seats,
            "sso": _sso_state(organization),
        }
        for organization, number in db.session.execute(query)
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("SLUG", "NAME", "PLAN", "PEOPLE", "SEATS", "SSO"),
        [(r["slug"], r["name"], r["plan"], r["people"], r["seats"] or "no limit", _words(r["sso"])) for r in rows],
        nothing="There is no organization yet. Make one with `flask org create`.",
    )


@org.command("show")
@click.argument("slug")
@json_option
def show(slug: str, as_json: bool) -> None:
    """Show one organization: plan, seats, domains, SSO, JIT Provisioning."""
    organization = organization_of(slug)
    unlocked = entitlements.is_unlocked(organization)
    entitlement = entitlements.find(organization)
    data: dict[str, Any] = {
        "slug": organization.slug,
        "name": organization.name,
        "plan": organization.plan,
        "role_for_new_people": organization.role_for_new_people,
        "people": seats_used(organization),
        "seats": organization.seats,
        "it_contact": organization.it_contact,
        "domains": [{"name": domain.name, "state": domain.state} for domain in organization.domains],
        "sso": _sso_state(organization),
        "jit_unlocked": unlocked,
        "jit_unlocked_until": entitlement.ends_at if entitlement and unlocked else None,
        "jit_wish": "on" if organization.jit_on else "off",
        "jit_in_effect": organization.jit_on and jit.obstacle(organization) is None,
        "created_at": organization.created_at,
    }
    if as_json:
        print_json(data)
        return
    print_fields(
        (
            ("Slug", data["slug"]),
            ("Name", data["name"]),
            ("Plan", f"{data['plan']}: new people become {data['role_for_new_people'].capitalize()}s"),
            (
                "Seats",
                f"{data['people']} taken of {data['seats']}" if data["seats"] else f"{data['people']} taken, no limit",
            ),
            ("IT contact", data["it_contact"]),
            ("Domains", ", ".join(f"{domain['name']} ({domain['state']})" for domain in data["domains"])),
            ("SSO", _words(data["sso"])),
            ("JIT Provisioning", _jit_words(data)),
            ("Created", data["created_at"]),
        )
    )


def _print_link(organization: Organization, admin: User, token: str, as_json: bool) -> None:
    url = f"{current_app.config['PUBLIC_BASE_URL']}/set-password/{token}"
    days = passwords.LINK_LIFETIME.days
    if as_json:
        print_json({"organization": organization.slug, "admin": admin.email, "link": url, "good_for_days": days})
        return
    click.echo(f"One-time link to set the password, for {admin.email} only, good for {days} days:")
    click.echo(url)
    if passwords.sso_covers(admin):
        warn(f"SSO is activated for {organization.name}: a password is the admin's way in for emergencies only.")


def _sso_state(organization: Organization) -> str:
    return organization.connection.state if organization.connection else "not_set_up"


def _words(state: str) -> str:
    return state.replace("_", " ")


def _jit_words(data: dict[str, Any]) -> str:
    switch = f"the switch is {data['jit_wish']}"
    if data["jit_wish"] == "on" and not data["jit_in_effect"]:
        switch += ", without effect"
    if not data["jit_unlocked"]:
        return f"locked; {switch}"
    end = f" until {data['jit_unlocked_until']:%Y-%m-%d %H:%M} UTC" if data["jit_unlocked_until"] else ""
    return f"unlocked{end}; {switch}"
