"""`flask support`: what support makes available to one organization, its plan and its seats."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from commands.group import OperatorGroup, organization_of
from commands.output import counted, warn
from database import begin_write, db
from models import PLANS
from organizations import entitlements, plans

support = OperatorGroup("support", help="What an organization gets: JIT Provisioning, plan, seats.")

_REASON = "Why. The customer reads it in the audit log."


@support.command("unlock")
@click.argument("organization_slug", metavar="ORG")
@click.option("--reason", required=True, help=_REASON)
@click.option(
    "--until",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day on which it is available, like 2027-06-30; it ends with that day in UTC. Without it: no end.",
)
def unlock(organization_slug: str, reason: str, until: datetime | None) -> None:
    """Make JIT Provisioning available to ORG.

    It stays off until an admin of ORG (or `flask jit on`) turns it on. If it was turned on before a lock, it is on
    again at once. Unlocking again replaces the reason and the end.
    """
    begin_write()
    organization = organization_of(organization_slug)
    ends_at = until.replace(hour=23, minute=59, second=59, tzinfo=UTC) if until else None
    entitlements.unlock(organization, reason, ends_at)
    db.session.commit()
    end = f" until {ends_at:%Y-%m-%d %H:%M:%S} UTC" if ends_at else ""
    click.echo(
        f"JIT Provisioning is available to {organization.name}{end}. "
        f"The customer's switch is {'on' if organization.jit_on else 'off'}."
    )


@support.command("lock")
@click.argument("organization_slug", metavar="ORG")
@click.option("--reason", required=True, help=_REASON)
def lock(organization_slug: str, reason: str) -> None:
    """Take JIT Provisioning away from ORG.

    Nobody is provisioned from the next sign-in on, and the area is gone from the Security tab. Accounts that exist
    keep working. The customer's switch stays stored as it is, without effect.
    """
    begin_write()
    organization = organization_of(organization_slug)
    entitlements.lock(organization, reason)
    db.session.commit()
    click.echo(f"JIT Provisioning is locked for {organization.name}. Accounts that exist keep working.")


@support.command("plan")
@click.argument("organization_slug", metavar="ORG")
@click.argument("plan", type=click.Choice(PLANS))
@click.option("--reason", required=True, help=_REASON)
def plan(organization_slug: str, plan: str, reason: str) -> None:
    """Change the plan of ORG to PLAN.

    New people get the role of the new plan from the next sign-in on. Nobody who has an account gets another role by
    this; an admin of ORG may decide that for the accounts that JIT Provisioning created, on the People page.
    """
    begin_write()
    organization = organization_of(organization_slug)
    changed = plans.set_plan(organization, plan, reason)
    db.session.commit()
    if not changed:
        click.echo(f"{organization.name} is on the plan {plan} already; nothing was changed.")
        return
    role = organization.role_for_new_people.capitalize()
    click.echo(f"{organization.name} is on the plan {plan}. New people become {role}s.")
    other = plans.with_another_plans_role(organization)
    if other:
        click.echo(f"{counted(other, 'JIT account')} of before keep their role until an admin there says otherwise.")


@support.command("seats")
@click.argument("organization_slug", metavar="ORG")
@click.argument("seats", metavar="N|none")
@click.option("--reason", required=True, help=_REASON)
def seats(organization_slug: str, seats: str, reason: str) -> None:
    """Set how many people of ORG may have an account: a number from 1, or `none` for no limit.

    Fewer than are taken locks nobody out: nobody new gets an account until enough are free.
    """
    begin_write()
    organization = organization_of(organization_slug)
    if seats != "none" and not (seats.isascii() and seats.isdecimal() and len(seats) < 8):
        raise click.ClickException("Seats is a number from 1, or none for no limit.")
    number = None if seats == "none" else int(seats)
    changed = plans.set_seats(organization, number, reason)
    db.session.commit()
    words = "no limit of seats" if number is None else counted(number, "seat")
    if not changed:
        click.echo(f"{organization.name} has {words} already; nothing was changed.")
        return
    click.echo(f"{organization.name} has {words}.")
    over = plans.over_by(organization)
    if over:
        more = "1 person more" if over == 1 else f"{over:,} people more"
        warn(f"There are {more} than seats. They keep their accounts; nobody new gets one.")
