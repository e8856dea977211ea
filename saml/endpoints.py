"""Our own addresses of one connection. The connection's public id stands in the path, so each has its own ACS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoints:
    entity_id: str
    acs: str
    start: str
    metadata: str
    logout: str


def endpoints(base_url: str, public_id: str) -> Endpoints:
    root = f"{base_url}/saml/{public_id}"
    # The entity ID is the metadata address, as SAML metadata 4.1 (well-known location) recommends.
    return Endpoints(
        entity_id=f"{root}/metadata",
        acs=f"{root}/acs",
        start=f"{root}/start",
        metadata=f"{root}/metadata",
        logout=f"{root}/logout",
    )
