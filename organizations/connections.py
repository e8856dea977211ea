"""An organization's trust in its identity provider: made, given new versions, drafts discarded.

A new version is live at once only while the connection is not activated. After that it is a draft, and nothing but
`activation.activate` makes it live: a swapped identity provider, certificate or URL never takes over silently. What a
version trusts is never changed, so what an earlier sign-in trusted stays readable.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from database import db, now
from models import Organization, SSOConfiguration, SSOConnection, User
from organizations import audit, encryption_keys
from organizations.encryption_keys import ConnectionRefused
from organizations.locking import lock
from saml.keys import make_key

if TYPE_CHECKING:
    from saml.metadata import IdPMetadata


def prepare(
    organization: Organization, key_encryption_keys: list[str], actor: User | str = audit.OPERATOR
) -> SSOConnection:
    """The organization's connection, made on first use with its own signing key and an id that tells nothing.

    Our addresses exist from here on, because many identity providers want them before they give metadata. Nobody
    can sign in through a connection without a configuration. Raises NotAnAdmin.
    """
    lock(organization, actor)
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
    audit.record(organization, f"{audit.source_of(actor)}:sso:prepared", actor=actor, subject=public_id)
    return connection


def set_idp_initiated(organization: Organization, wanted: bool, actor: User | str) -> bool:
    """Whether sign-ins may start at the identity provider; True when it was a change.

    Raises ConnectionRefused without a connection, NotAnAdmin.
    """
    lock(organization, actor)
    connection = organization.connection
    if connection is None:
        raise ConnectionRefused(f"SSO is not set up for {organization.name}.")
    if connection.idp_initiated == wanted:
        return False
    connection.idp_initiated = wanted
    source = audit.source_of(actor)
    state = "allowed" if wanted else "forbidden"
    audit.record(organization, f"{source}:idp_initiated:{state}", actor=actor, subject=connection.public_id)
    return True


def versions(connection: SSOConnection) -> list[SSOConfiguration]:
    """Every configuration there ever was, newest first."""
    query = select(SSOConfiguration).where(SSOConfiguration.connection_id == connection.id)
    return list(db.session.scalars(query.order_by(SSOConfiguration.version.desc())))


def draft(connection: SSOConnection) -> SSOConfiguration | None:
    """The version that waits to be activated beside the live one, if there is one."""
    query = select(SSOConfiguration).where(
        SSOConfiguration.connection_id == connection.id,
        SSOConfiguration.id != db.func.coalesce(connection.live_configuration_id, 0),
        SSOConfiguration.live_at.is_(None),
        SSOConfiguration.discarded_at.is_(None),
    )
    return db.session.scalar(query.order_by(SSOConfiguration.version.desc()).limit(1))


def newest(connection: SSOConnection) -> SSOConfiguration | None:
    """The version that a test and an activation are about: the draft, else the live one."""
    return draft(connection) or connection.live_configuration


def configure(
    organization: Organization,
    idp: IdPMetadata,
    source: str,
    key_encryption_keys: list[str],
    actor: User | str = audit.OPERATOR,
    attribute_mapping: dict[str, str] | None = None,
    metadata_url: str | None = None,
) -> SSOConfiguration:
    """Add a version; `source` is the URL or file name it came from. A draft if SSO is activated, else live at once.

    There is one draft: it takes the place of an earlier one. `metadata_url` is read again by the jobs. The attribute
    mapping is that of the newest version where none is given. Raises ConnectionRefused when the newest version says
    the same already, unless an address is new: that makes the difference of being refreshed. Raises NotAnAdmin.
    """
    connection = prepare(organization, key_encryption_keys, actor)
    last = newest(connection)
    mapping = attribute_mapping if attribute_mapping is not None else dict(last.attribute_mapping) if last else {}
    details = (idp.entity_id, idp.sso_url, idp.slo_url, idp.slo_response_url, idp.certificates, mapping)
    if last and _says(last) == details and metadata_url in (None, last.metadata_url):
        raise ConnectionRefused(f"Version {last.version} already has exactly these details; nothing was changed.")
    waiting = draft(connection)
    if waiting is not None:
        waiting.discarded_at = now()
    configuration = add_version(connection, idp, source, mapping, metadata_url)
    if connection.activated_at is None:
        make_live(connection, configuration)
    audit.record(
        organization,
        f"{audit.source_of(actor)}:sso:configured",
        actor=actor,
        subject=idp.entity_id,
        version=configuration.version,
        idp_entity_id=idp.entity_id,
        source=source,
    )
    return configuration


def add_version(
    connection: SSOConnection,
    idp: IdPMetadata,
    source: str,
    attribute_mapping: dict[str, str],
    metadata_url: str | None = None,
) -> SSOConfiguration:
    """The next version, without saying so in the audit log and without making it live."""
    highest = select(func.max(SSOConfiguration.version)).where(SSOConfiguration.connection_id == connection.id)
    configuration = SSOConfiguration(
        organization_id=connection.organization_id,
        connection_id=connection.id,
        version=(db.session.scalar(highest) or 0) + 1,
        idp_entity_id=idp.entity_id,
        sso_url=idp.sso_url,
        slo_url=idp.slo_url,
        slo_response_url=idp.slo_response_url,
        certificates=list(idp.certificates),
        metadata_source=source,
        metadata_url=metadata_url,
        attribute_mapping=attribute_mapping,
    )
    db.session.add(configuration)
    db.session.flush()
    return configuration


def _says(version: SSOConfiguration) -> tuple[object, ...]:
    """What a version trusts, to compare with what metadata says."""
    addresses = (version.idp_entity_id, version.sso_url, version.slo_url, version.slo_response_url)
    return (*addresses, tuple(version.certificates), version.attribute_mapping)


def discard(organization: Organization, version: int, actor: User | str) -> None:
    """Put a draft away. Raises ConnectionRefused where this version is none (any more), NotAnAdmin."""
    lock(organization, actor)
    connection = organization.connection
    waiting = draft(connection) if connection else None
    if waiting is None or waiting.version != version:
        raise ConnectionRefused(f"Version {version} is no draft; nothing was changed. Load the page again.")
    waiting.discarded_at = now()
    audit.record(
        organization,
        f"{audit.source_of(actor)}:sso:discarded",
        actor=actor,
        subject=waiting.idp_entity_id,
        version=version,
    )


def make_live(connection: SSOConnection, configuration: SSOConfiguration) -> None:
    """For `activation` and the refreshing of metadata; nobody else swaps what is trusted."""
    configuration.live_at = now()
    published = configuration.live_at if configuration.metadata_url else None
    connection.metadata_read_at = connection.metadata_next_at = published
    connection.metadata_error = None
    connection.live_configuration_id = configuration.id
    db.session.flush()
    db.session.expire(connection, ["live_configuration"])
