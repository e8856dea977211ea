"""What every group of commands shares: which organization is meant, and errors that say what to do next.

A command that fails prints one sentence on standard error and ends with a status other than zero; its
transaction is rolled back, so nothing is half-written.
"""

from __future__ import annotations

from typing import Any

import click
from flask import has_app_context
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from database import db
from models import Organization
from organizations import creation
from organizations.addresses import AddressRefused
from organizations.connections import ConnectionRefused
from organizations.creation import OrganizationRefused
from organizations.domains import DomainRefused
from organizations.entitlements import EntitlementRefused
from organizations.plans import PlanRefused
from saml.keys import KeyRefused
from saml.metadata import MetadataRefused

REFUSALS = (
    AddressRefused,
    ConnectionRefused,
    DomainRefused,
    EntitlementRefused,
    KeyRefused,
    MetadataRefused,
    OrganizationRefused,
    PlanRefused,
)


class OperatorGroup(AppGroup):
    """A group whose commands end in a sentence where a room below refuses or the database does."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except REFUSALS as error:
            raise click.ClickException(str(error)) from error
        except IntegrityError as error:
            raise click.ClickException(
                "Somebody else changed the same thing at the same moment, so nothing was changed here. Run it again."
            ) from error
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(_database_trouble(str(error.orig).casefold())) from error
        finally:
            # What was committed stays; what a failed command began goes.
            if has_app_context():
                db.session.rollback()


def organization_of(slug: str) -> Organization:
    organization = creation.find(slug)
    if organization is None:
        raise click.ClickException(f"There is no organization “{slug}”. `flask org list` shows the slugs there are.")
    return organization


def _database_trouble(message: str) -> str:
    if "no such" in message or "does not exist" in message or "no column" in message:
        return "The database has no tables yet, or those of an older version. Run `flask db upgrade`, then this again."
    if "locked" in message:
        return "The database is busy: another process is writing. Nothing was changed; run it again."
    return "The database does not answer. Check DATABASE_URL and that the server runs, then run it again."
