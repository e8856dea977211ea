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
from organizations.certificates import details_of
from organizations.connections import add_version, make_live
from organizations.letters import one_line
from organizations.locking import lock
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


def failed(connection_id: int, url: str, sentence: str) -> None:
    """Note that the metadata could not be read; the first time it is said in the audit log.

    Like `apply`, it does nothing where the live configuration is not refreshed from this address any more.
    """
    connection = _still_read_from(connection_id, url)
    if connection is None:
        return
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
    connection = _still_read_from(connection_id, url)
    live = connection.live_configuration if connection else None
    if connection is None or live is None:
        return "unchanged"
    connection.metadata_read_at, connection.metadata_next_at = now(), now() + EVERY
    connection.metadata_error = None
    if (read.entity_id, read.sso_url, read.slo_url, read.slo_response_url) != (
        live.idp_entity_id,
        live.sso_url,
        live.slo_url,
        live.slo_response_url,
    ):
        return _draft(connection, live, url, read)
    known = _ever_live(connection)
    added = [pem for pem in read.certificates if pem not in known]
    if not added:
        return "unchanged"
    both = replace(read, certificates=(*live.certificates, *added))
    version = add_version(connection, both, live.metadata_source, dict(live.attribute_mapping), url)
    version.tested_at = live.tested_at
    read_at = connection.metadata_read_at
    make_live(connection, version)
    connection.metadata_read_at, connection.metadata_next_at = read_at, now() + EVERY
    _add_to_draft(connection, live, added)
    audit.record(
        connection.organization,
        "system:sso:refreshed",
        actor=audit.SYSTEM,
        subject=live.idp_entity_id,
        version=version.version,
        added=len(added),
    )
    return "certificates"


def _still_read_from(connection_id: int, url: str) -> SSOConnection | None:
    connection = db.session.get_one(SSOConnection, connection_id)
    lock(connection.organization, audit.SYSTEM)
    live = connection.live_configuration
    return connection if live is not None and live.metadata_url == url else None


def _add_to_draft(connection: SSOConnection, live: SSOConfiguration, added: list[str]) -> None:
    """A draft of the same identity provider gets them too: activating it must not lose what came meanwhile."""
    waiting = connections.draft(connection)
    if waiting is None or (waiting.metadata_url, waiting.idp_entity_id) != (live.metadata_url, live.idp_entity_id):
        return
    details = details_of(waiting)
    both = tuple(dict.fromkeys((*details.certificates, *added)))
    waiting.discarded_at = now()
    mapping = dict(waiting.attribute_mapping)
    version = add_version(
        connection, replace(details, certificates=both), waiting.metadata_source, mapping, waiting.metadata_url
    )
    version.tested_at = waiting.tested_at


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
        f"{one_line(organization.name)}: your identity provider's details changed",
        f"The metadata of your identity provider now names another entity ID or address.\n\n"
        f"Sign-ins go on as before. Version {version.version} waits as a draft under Settings, Security: if you "
        "expected the change, test it and activate it. If not, discard it and ask whoever runs the identity provider.",
        key=f"sso-draft:{version.id}",
    )
    return "draft"


def _ever_live(connection: SSOConnection) -> set[str]:
    """What somebody retired is not brought back because the metadata still lists it."""
    query = select(SSOConfiguration.certificates).where(
        SSOConfiguration.connection_id == connection.id, SSOConfiguration.live_at.is_not(None)
    )
    found = {pem for certificates in db.session.scalars(query) for pem in certificates}
    return found | set(connection.live_configuration.certificates if connection.live_configuration else ())


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
