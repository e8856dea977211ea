"""What `flask sso` says about a connection: our addresses, its state, its versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app

from commands.output import print_fields, print_table
from models import Organization, SSOConfiguration, SSOConnection
from organizations import connections
from saml.endpoints import endpoints
from saml.keys import fingerprint, read_certificate

_LABELS = {
    "entity_id": "Entity ID",
    "acs": "ACS URL",
    "start": "Sign-in URL",
    "metadata": "Metadata URL",
    "logout": "Logout URL",
}


def addresses(connection: SSOConnection) -> dict[str, str]:
    ours = asdict(endpoints(current_app.config["PUBLIC_BASE_URL"], connection.public_id))
    return {key: url for key, url in ours.items() if url}


def print_addresses(connection: SSOConnection) -> None:
    print_fields([(_LABELS.get(key, key), url) for key, url in addresses(connection).items()])


def describe(organization: Organization) -> dict[str, Any]:
    connection = organization.connection
    if connection is None:
        return {"organization": organization.slug, "state": "not_set_up", "versions": []}
    return {
        "organization": organization.slug,
        "state": connection.state,
        "activated_at": connection.activated_at,
        **addresses(connection),
        "versions": [_version(connection, configuration) for configuration in connections.versions(connection)],
    }


def _version(connection: SSOConnection, configuration: SSOConfiguration) -> dict[str, Any]:
    if configuration.id == connection.live_configuration_id:
        state = "live"
    elif configuration.discarded_at:
        state = "discarded"
    else:
        state = "replaced" if configuration.live_at else "draft"
    certificates = [read_certificate(pem) for pem in configuration.certificates]
    return {
        "version": configuration.version,
        "state": state,
        "idp_entity_id": configuration.idp_entity_id,
        "sso_url": configuration.sso_url,
        "source": configuration.metadata_source,
        "created_at": configuration.created_at,
        "tested_at": configuration.tested_at,
        "certificates": [{"sha256": fingerprint(c), "ends_at": c.not_valid_after_utc} for c in certificates],
    }


def print_versions(versions: list[dict[str, Any]], nothing: str) -> None:
    print_table(
        ("VERSION", "STATE", "IDENTITY PROVIDER", "FROM", "MADE", "TESTED", "CERTIFICATES END"),
        [
            (
                *(row[key] for key in ("version", "state", "idp_entity_id", "source", "created_at", "tested_at")),
                ", ".join(f"{certificate['ends_at']:%Y-%m-%d}" for certificate in row["certificates"]),
            )
            for row in versions
        ],
        nothing=nothing,
    )
