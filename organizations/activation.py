"""Making a tested configuration count for everybody, and ending that; and whom either concerns, to be shown first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from database import db, now
from models import Organization, SSOConfiguration, User
from organizations import audit, domains
from organizations.connections import make_live, newest
from organizations.encryption_keys import ConnectionRefused
from organizations.locking import lock

SHOWN = 50  # of the people that a consequence names


@dataclass(frozen=True, slots=True)
class Activation:
    """How many `people` at `domains` will sign in through SSO only, and the admins who can do without."""

    domains: list[str]
    people: int
    admins_with_password: list[User]


@dataclass(frozen=True, slots=True)
class Deactivation:
    """Whom deactivating locks out: people without a password, the first SHOWN of them by name."""

    people: int
    without_password: int
    first: list[User]


def consequences_of_activating(organization: Organization) -> Activation:
    names = sorted(domains.verified_names(organization))
    admins = select(User).where(
        User.organization_id == organization.id,
        User.role == "admin",
        User.status == "active",
        User.password_hash.is_not(None),
    )
    affected = select(func.count()).where(
        User.organization_id == organization.id, User.status == "active", User.role != "admin", _at(names)
    )
    found = list(db.session.scalars(admins.order_by(User.email).limit(SHOWN)))
    return Activation(names, db.session.scalar(affected) or 0, found)


def consequences_of_deactivating(organization: Organization) -> Deactivation:
    active = (User.organization_id == organization.id, User.status == "active")
    without = (*active, User.password_hash.is_(None))
    people = db.session.scalar(select(func.count()).where(*active)) or 0
    locked_out = db.session.scalar(select(func.count()).where(*without)) or 0
    first = db.session.scalars(select(User).where(*without).order_by(User.email).limit(SHOWN))
    return Deactivation(people, locked_out, list(first))


def _at(names: list[str]) -> ColumnElement[bool]:
    return or_(*(User.email.endswith(f"@{name}", autoescape=True) for name in names)) if names else db.false()


def activate(
    organization: Organization,
    actor: User | str = audit.OPERATOR,
    *,
    version: int | None = None,
    without_test_reason: str | None = None,
) -> SSOConfiguration:
    """Make the newest version live and SSO active. It has been tested, or there is a reason to do without.

    `version`: the one that was looked at, where somebody looked. Raises ConnectionRefused when there is nothing to
    activate, neither a test nor a reason, or (for an admin) when no admin could sign in any more should the identity
    provider fail. Raises NotAnAdmin.
    """
    lock(organization, actor)
    connection = organization.connection
    configuration = newest(connection) if connection else None
    if connection is None or configuration is None:
        raise ConnectionRefused(
            f"SSO is not set up for {organization.name}: give the identity provider's metadata first."
        )
    if version not in (None, configuration.version):
        raise ConnectionRefused(
            f"There is a newer version than {version} meanwhile: {configuration.version}. Look at it first."
        )
    if connection.activated_at and connection.live_configuration_id == configuration.id:
        raise ConnectionRefused(f"Version {configuration.version} is already activated; nothing was changed.")
    reason = (without_test_reason or "").strip() or None
    if configuration.tested_at is None and reason is None:
        raise ConnectionRefused(
            f"Version {configuration.version} has not been tested: an admin signs in with it once, "
            "or support activates it without a test and gives the reason."
        )
    if isinstance(actor, User) and not consequences_of_activating(organization).admins_with_password:
        raise ConnectionRefused(
            "No admin has a password, so nobody could get in if your identity provider fails. "
            "Let an admin set one first."
        )
    make_live(connection, configuration)
    connection.activated_at = now()
    audit.record(
        organization,
        f"{audit.source_of(actor)}:sso:activated",
        actor=actor,
        subject=configuration.idp_entity_id,
        version=configuration.version,
        tested=configuration.tested_at is not None,
        reason=reason,
    )
    return configuration


def deactivate(organization: Organization, actor: User | str = audit.OPERATOR, reason: str | None = None) -> None:
    """From the next sign-in on nobody comes in through SSO. The versions and the wish for JIT stay stored.

    Raises ConnectionRefused when it is not activated, NotAnAdmin.
    """
    lock(organization, actor)
    connection = organization.connection
    if connection is None or connection.activated_at is None:
        raise ConnectionRefused(f"SSO is not activated for {organization.name}; nothing was changed.")
    connection.activated_at = None
    live = connection.live_configuration
    audit.record(
        organization,
        f"{audit.source_of(actor)}:sso:deactivated",
        actor=actor,
        subject=live.idp_entity_id if live else connection.public_id,
        reason=(reason or "").strip() or None,
    )
