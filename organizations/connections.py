"""An organization's trust in its identity provider: made, given new versions, activated, deactivated.

A new version is live at once only while the connection is not activated. After that it is a draft, and nothing but
`activate` makes it live: a swapped identity provider, certificate or URL never takes over silently. A version is
never changed, so what an earlier sign-in trusted stays readable.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from database import db, now
from models import Organization, SSOConfiguration, SSOConnection, User
from organizations import audit, encryption_keys
from organizations.encryption_keys import ConnectionRefused
from saml.keys import make_key

if TYPE_CHECKING:
    from saml.metadata import IdPMetadata


def prepare(organization: Organization, key_encryption_keys: list[str]) -> SSOConnection:
    """The organization's connection, made on first use with its own signing key and an id that tells nothing.

    Our addresses exist from here on, because many identity providers want them before they give metadata. Nobody
    can sign in through a connection without a configuration.
    """
    if organization.connection is not None:
        return organization.connection
    public_id = secrets.token_urlsafe(12)
    signing_key, certificate = make_key(f"{organization.slug} at Latchkey", key_encryption_keys)
    connection = SSOConnection(
        organization=organization, public_id=public_id, signing_key=signing_key, signing_certificate=certificate
    )
    db.session.add(connection)
    db.session.flush()
    encryption_keys.make(connection, key_encryption_keys)
    audit.record(organization, "operator:sso:prepared", actor=audit.OPERATOR, subject=public_id)
    return connection


def set_idp_initiated(organization: Organization, wanted: bool, actor: User | str) -> bool:
    """Whether sign-ins may start at the identity provider; True when it was a change."""
    connection = organization.connection
    if connection is None:
        raise ConnectionRefused(f"SSO is not set up for {organization.name}.")
    if connection.idp_initiated == wanted:
        return False
    connection.idp_initiated = wanted
    source = "admin" if isinstance(actor, User) else "operator"
    state = "allowed" if wanted else "forbidden"
    audit.record(organization, f"{source}:idp_initiated:{state}", actor=actor, subject=connection.public_id)
    return True


def versions(connection: SSOConnection) -> list[SSOConfiguration]:
    """Every configuration there ever was, newest first."""
    query = select(SSOConfiguration).where(SSOConfiguration.connection_id == connection.id)
    return list(db.session.scalars(query.order_by(SSOConfiguration.version.desc())))


def newest(connection: SSOConnection) -> SSOConfiguration | None:
    query = select(SSOConfiguration).where(SSOConfiguration.connection_id == connection.id)
    return db.session.scalar(query.order_by(SSOConfiguration.version.desc()).limit(1))


def configure(
    organization: Organization, idp: IdPMetadata, source: str, key_encryption_keys: list[str]
) -> SSOConfiguration:
    """Add a version; `source` is the URL or file name it came from. A draft if SSO is activated, else live at once.

    Raises ConnectionRefused when the newest version says the same already.
    """
    connection = prepare(organization, key_encryption_keys)
    last = newest(connection)
    if last and _says(last) == (idp.entity_id, idp.sso_url, idp.slo_url, idp.slo_response_url, idp.certificates):
        raise ConnectionRefused(f"Version {last.version} already has exactly these details; nothing was changed.")
    configuration = SSOConfiguration(
        organization_id=organization.id,
        connection_id=connection.id,
        version=last.version + 1 if last else 1,
        idp_entity_id=idp.entity_id,
        sso_url=idp.sso_url,
        slo_url=idp.slo_url,
        slo_response_url=idp.slo_response_url,
        certificates=list(idp.certificates),
        metadata_source=source,
    )
    db.session.add(configuration)
    db.session.flush()
    if connection.activated_at is None:
        _make_live(connection, configuration)
    audit.record(
        organization,
        "operator:sso:configured",
        actor=audit.OPERATOR,
        subject=idp.entity_id,
        version=configuration.version,
        idp_entity_id=idp.entity_id,
        source=source,
    )
    return configuration


def _says(version: SSOConfiguration) -> tuple[object, ...]:
    """What a version trusts, to compare with what metadata says."""
    addresses = (version.idp_entity_id, version.sso_url, version.slo_url, version.slo_response_url)
    return (*addresses, tuple(version.certificates))


def activate(organization: Organization, without_test_reason: str | None = None) -> SSOConfiguration:
    """Make the newest version live and SSO active. It has been tested, or there is a reason to do without.

    Raises ConnectionRefused when there is nothing to activate, or neither a test nor a reason.
    """
    connection = organization.connection
    configuration = newest(connection) if connection else None
    if connection is None or configuration is None:
        raise ConnectionRefused(
            f"SSO is not set up for {organization.name}: give the identity provider's metadata first."
        )
    if connection.activated_at and connection.live_configuration_id == configuration.id:
        raise ConnectionRefused(f"Version {configuration.version} is already activated; nothing was changed.")
    reason = (without_test_reason or "").strip() or None
    if configuration.tested_at is None and reason is None:
        raise ConnectionRefused(
            f"Version {configuration.version} has not been tested: an admin signs in with it once, "
            "or activate it without a test and give the reason."
        )
    _make_live(connection, configuration)
    connection.activated_at = now()
    audit.record(
        organization,
        "operator:sso:activated",
        actor=audit.OPERATOR,
        subject=configuration.idp_entity_id,
        version=configuration.version,
        tested=configuration.tested_at is not None,
        reason=reason,
    )
    return configuration


def deactivate(organization: Organization, reason: str | None = None) -> None:
    """From the next sign-in on nobody comes in through SSO. The versions and the wish for JIT stay stored."""
    connection = organization.connection
    if connection is None or connection.activated_at is None:
        raise ConnectionRefused(f"SSO is not activated for {organization.name}; nothing was changed.")
    connection.activated_at = None
    live = connection.live_configuration
    audit.record(
        organization,
        "operator:sso:deactivated",
        actor=audit.OPERATOR,
        subject=live.idp_entity_id if live else connection.public_id,
        reason=(reason or "").strip() or None,
    )


def _make_live(connection: SSOConnection, configuration: SSOConfiguration) -> None:
    connection.live_configuration_id = configuration.id
    db.session.flush()
    db.session.expire(connection, ["live_configuration"])
