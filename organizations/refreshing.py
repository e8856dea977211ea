"""What an identity provider publishes, read again: new certificates are added, anything else waits as a draft.

A certificate that the metadata does not list any more stays until an admin retires it. Another entity ID, sign-in
URL or logout URL never counts by itself: it becomes a draft, which is tested and activated like any other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from database import db, now
from models import Organization, SSOConfiguration, SSOConnection
from organizations import audit, connections, outbox
from organizations.connections import add_version, make_live
from saml.metadata import IdPMetadata

EVERY = timedelta(hours=6)
AFTER_FAILURE = timedelta(hours=1)


def due(limit: int = 100) -> list[tuple[int, str, str]]:
    """(connection id, address, entity ID) of the live configurations whose metadata is to be read now."""
    query = (
        select(SSOConnection.id, SSOConfiguration.metadata_url, SSOConfiguration.idp_entity_id)
        .join(SSOConfiguration, SSOConfiguration.id == SSOConnection.live_configuration_id)
        .where(SSOConnection.metadata_next_at <= now(), SSOConfiguration.metadata_url.is_not(None))
        .order_by(SSOConnection.metadata_next_at)
        .limit(limit)
    )
    return [(id_, url or "", entity_id) for id_, url, entity_id in db.session.execute(query)]


def failed(connection_id: int, sentence: str) -> None:
    """Note that the metadata could not be read; the first time it is said in the audit log."""
    connection = db.session.get_one(SSOConnection, connection_id)
    if connection.metadata_error is None:
        audit.record(
            connection.organization,
            "system:sso:unreadable",
            actor=audit.SYSTEM,
            subject=connection.public_id,
            detail=sentence,
        )
    connection.metadata_error, connection.metadata_next_at = sentence, now() + AFTER_FAILURE


def apply(connection_id: int, url: str, read: IdPMetadata) -> str:
    """Compare what was read with the live configuration, in the current transaction.

    Returns `unchanged`, `certificates` (a new version with more certificates is live) or `draft`. The live
    configuration may have been swapped since the document was asked for: then nothing is done.
    """
    connection = db.session.get_one(SSOConnection, connection_id)
    connection.metadata_read_at, connection.metadata_next_at = now(), now() + EVERY
    connection.metadata_error = None
    live = connection.live_configuration
    if live is None or live.metadata_url != url:
        return "unchanged"
    if (read.entity_id, read.sso_url, read.slo_url, read.slo_response_url) != (
        live.idp_entity_id,
        live.sso_url,
        live.slo_url,
        live.slo_response_url,
    ):
        return _draft(connection, live, url, read)
    added = [pem for pem in read.certificates if pem not in live.certificates]
    if not added:
        return "unchanged"
    both = replace(read, certificates=(*live.certificates, *added))
    version = add_version(connection, both, live.metadata_source, dict(live.attribute_mapping), url)
    version.tested_at = live.tested_at
    read_at = connection.metadata_read_at
    make_live(connection, version)
    connection.metadata_read_at, connection.metadata_next_at = read_at, now() + EVERY
    audit.record(
        connection.organization,
        "system:sso:refreshed",
        actor=audit.SYSTEM,
        subject=live.idp_entity_id,
        version=version.version,
        added=len(added),
    )
    return "certificates"


def _draft(connection: SSOConnection, live: SSOConfiguration, url: str, read: IdPMetadata) -> str:
    organization: Organization = connection.organization
    waiting = connections.draft(connection)
    # An admin's own draft is not overwritten, and the same news is no news.
    if waiting is not None or _was_discarded(connection, read):
        return "unchanged"
    version = add_version(connection, read, url, dict(live.attribute_mapping), url)
    audit.record(
        organization,
        "system:sso:drafted",
        actor=audit.SYSTEM,
        subject=read.entity_id,
        version=version.version,
    )
    outbox.tell_admins(
        organization,
        f"{organization.name}: your identity provider's details changed",
        f"The metadata of your identity provider now names another entity ID or address.\n\n"
        f"Sign-ins go on as before. Version {version.version} waits as a draft under Settings, Security: if you "
        "expected the change, test it and activate it. If not, discard it and ask whoever runs the identity provider.",
        key=f"sso-draft:{version.id}",
    )
    return "draft"


def _was_discarded(connection: SSOConnection, read: IdPMetadata) -> bool:
    """Whether somebody put exactly this away before: it is not offered again every few hours."""
    query = select(SSOConfiguration.certificates).where(
        SSOConfiguration.connection_id == connection.id,
        SSOConfiguration.discarded_at.is_not(None),
        SSOConfiguration.idp_entity_id == read.entity_id,
        SSOConfiguration.sso_url == read.sso_url,
        SSOConfiguration.slo_url.is_not_distinct_from(read.slo_url),
        SSOConfiguration.slo_response_url.is_not_distinct_from(read.slo_response_url),
    )
    return any(tuple(certificates) == read.certificates for certificates in db.session.scalars(query))
