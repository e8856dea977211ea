"""Logouts on their way to the identity provider: stored when one starts, found again when its answer comes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from database import db
from models import PendingRequest, SignInSession, SSOConfiguration, SSOConnection
from saml.endpoints import Endpoints
from saml.keys import open_key
from saml.logout import logout_request
from saml.pending import REQUEST_LIFETIME
from saml.receipt import Refused
from saml.redirect import signed_url


def start_logout(
    connection: SSOConnection,
    configuration: SSOConfiguration,
    endpoints: Endpoints,
    session: SignInSession,
    *,
    key_encryption_keys: list[str],
    at: datetime,
) -> str | None:
    """Store a request to end this session at the identity provider too, and return the address to send it to.

    None where the identity provider has no single logout, or the session did not come from it. Its answer is bound to
    no browser: the session it was about has ended here by then. The caller commits.
    """
    if not configuration.slo_url or not session.name_id:
        return None
    message_id, message = logout_request(
        configuration.slo_url, endpoints, session.name_id, session.name_id_attributes, session.session_index
    )
    db.session.add(
        PendingRequest(
            organization_id=connection.organization_id,
            connection_id=connection.id,
            configuration_id=configuration.id,
            request_id=message_id,
            purpose="logout",
            relay_state="",
            browser_hash="",
            return_path="/signed-out",
            expires_at=at + REQUEST_LIFETIME,
        )
    )
    key = open_key(connection.signing_key, key_encryption_keys)
    return signed_url(configuration.slo_url, "SAMLRequest", message, None, key)


def find_logout_request(connection: SSOConnection, in_response_to: str, at: datetime) -> PendingRequest:
    """The logout of ours that this answers for the first time and in time. Raises Refused when there is none."""
    request = db.session.scalar(
        select(PendingRequest).where(
            PendingRequest.connection_id == connection.id,
            PendingRequest.request_id == in_response_to,
            PendingRequest.purpose == "logout",
            PendingRequest.used_at.is_(None),
            PendingRequest.expires_at > at,
        )
    )
    if request is None:
        raise Refused("it answers no logout of ours")
    return request
