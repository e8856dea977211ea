"""`flask support`: what support makes available to one organization."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from commands.group import OperatorGroup, organization_of
from database import begin_write, db
from organizations import entitlements

support = OperatorGroup("support", help="Make JIT Provisioning available to an organization, or take it away.")

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
