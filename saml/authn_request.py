"""Our AuthnRequest (SAML core 3.4)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from lxml import etree
from lxml.builder import ElementMaker

from saml.endpoints import Endpoints
from saml.shape import SAML, SAMLP

_HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_PREFIXES = {"samlp": SAMLP[1:-1], "saml": SAML[1:-1]}
protocol = ElementMaker(namespace=_PREFIXES["samlp"], nsmap=_PREFIXES)
assertion = ElementMaker(namespace=_PREFIXES["saml"], nsmap=_PREFIXES)


def new_message_id() -> str:
    """160 random bits, as an xs:ID (core 1.3.4)."""
    return f"_{secrets.token_hex(20)}"


def envelope(message_id: str, destination: str) -> dict[str, str]:
    """The attributes that every message of the protocol has (core 3.2.1, 3.2.2)."""
    return {
        "ID": message_id,
        "Version": "2.0",
        "IssueInstant": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Destination": destination,
    }


def authn_request(sso_url: str, endpoints: Endpoints, request_id: str) -> etree._Element:
    return protocol.AuthnRequest(
        assertion.Issuer(endpoints.entity_id),
        # No Format: what the identity provider is set up to send is what its admin chose.
        protocol.NameIDPolicy(AllowCreate="true"),
        AssertionConsumerServiceURL=endpoints.acs,
        ProtocolBinding=_HTTP_POST,
        **envelope(request_id, sso_url),
    )
