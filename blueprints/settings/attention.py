"""What an admin should look at: on the Security tab, and on the set-up page."""

from __future__ import annotations

from datetime import datetime

from blueprints.settings import sentences
from blueprints.settings.configuration_view import certificate_view, lasting
from models import Organization, SSOConfiguration
from organizations import connections


def attention(organization: Organization, at: datetime, draft: SSOConfiguration | None = None) -> list[str]:
    """A sentence each, with what to do. `draft`: where it was read already."""
    connection = organization.connection
    if connection is None:
        return sentences.attention(_lost(organization), None, None, "")
    live = connection.live_configuration
    draft = draft or connections.draft(connection)
    last = lasting([certificate_view(pem, at, {}) for pem in live.certificates] if live else [])
    return sentences.attention(
        _lost(organization),
        connection.metadata_error,
        draft.version if draft else None,
        last.words if last and last.urgent else "",
        nobody=connection.activated_at is not None and not any(domain.verified_at for domain in organization.domains),
    )


def _lost(organization: Organization) -> list[str]:
    return [domain.name for domain in organization.domains if domain.missing_since]
