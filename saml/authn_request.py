"""Our AuthnRequest over the HTTP-Redirect binding, signed by ourselves (SAML core 3.4, bindings 3.4.4.1)."""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from lxml.builder import ElementMaker

from saml.endpoints import Endpoints
from saml.shape import SAML, SAMLP

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_PREFIXES = {"samlp": SAMLP[1:-1], "saml": SAML[1:-1]}


def new_request_id() -> str:
    return f"_{secrets.token_hex(20)}"


def redirect_url(sso_url: str, endpoints: Endpoints, request_id: str, relay_state: str, key: rsa.RSAPrivateKey) -> str:
    """Where to send the browser. The signature covers SAMLRequest, RelayState and SigAlg, in that order."""
    protocol = ElementMaker(namespace=_PREFIXES["samlp"], nsmap=_PREFIXES)
    assertion = ElementMaker(namespace=_PREFIXES["saml"], nsmap=_PREFIXES)
    request = protocol.AuthnRequest(
        assertion.Issuer(endpoints.entity_id),
        # No Format: what the identity provider is set up to send is what its admin chose.
        protocol.NameIDPolicy(AllowCreate="true"),
        ID=request_id,
        Version="2.0",
        IssueInstant=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        Destination=sso_url,
        AssertionConsumerServiceURL=endpoints.acs,
        ProtocolBinding=_HTTP_POST,
    )
    deflated = zlib.compress(etree.tostring(request), 9)[2:-4]
    parameters = {
        "SAMLRequest": base64.b64encode(deflated).decode("ascii"),
        "RelayState": relay_state,
        "SigAlg": RSA_SHA256,
    }
    query = urlencode(parameters, quote_via=quote, safe="")
    signature = key.sign(query.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    separator = "&" if urlsplit(sso_url).query else "?"
    return f"{sso_url}{separator}{query}&Signature={quote(base64.b64encode(signature), safe='')}"
