"""Logout messages made by hand, and sent on either binding as a browser without our cookies would."""

from __future__ import annotations

import base64
import zlib
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from werkzeug.test import TestResponse

from saml.redirect import inflate, read_query, verify_query
from tests import factories
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import RSA_SHA256, SAML, SAMLP, stamp


def logout_url(gate: Gate) -> str:
    return factories.our_endpoints(gate.acme).logout


def request_xml(gate: Gate, **changed: str) -> etree._Element:
    parts = {
        "issuer": gate.message.issuer,
        "destination": logout_url(gate),
        "issued": stamp(),
        "id": "_logout-0001",
        "name_id": "eve@acme.example",
        "session": "_session-0001",
        "extra": "",
        "tag": "LogoutRequest",
        **changed,
    }
    index = f"<samlp:SessionIndex>{parts['session']}</samlp:SessionIndex>" if parts["session"] else ""
    return etree.fromstring(
        f'<samlp:{parts["tag"]} xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{parts["id"]}" Version="2.0" '
        f'IssueInstant="{parts["issued"]}" Destination="{parts["destination"]}" {parts["extra"]}>'
        f"<saml:Issuer>{parts['issuer']}</saml:Issuer><saml:NameID>{parts['name_id']}</saml:NameID>{index}"
        f"</samlp:{parts['tag']}>"
    )


def response_xml(gate: Gate, in_response_to: str, status: str = "Success", **changed: str) -> etree._Element:
    parts = {
        "issuer": gate.message.issuer,
        "destination": logout_url(gate),
        "issued": stamp(),
        "version": "2.0",
        "tag": "LogoutResponse",
        **changed,
    }
    return etree.fromstring(
        f'<samlp:{parts["tag"]} xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_answer-0001" '
        f'Version="{parts["version"]}" IssueInstant="{parts["issued"]}" Destination="{parts["destination"]}" '
        f'InResponseTo="{in_response_to}"><saml:Issuer>{parts["issuer"]}</saml:Issuer><samlp:Status>'
        f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status></samlp:{parts["tag"]}>'
    )


def private_key(slug: str = "acme") -> Any:
    factories.identity_provider(slug)
    return serialization.load_pem_private_key((factories.KEY_FOLDER / f"{slug}.key").read_bytes(), None)


def query_of(message: bytes, parameter: str = "SAMLRequest", key: Any = None, relay_state: str = "back") -> str:
    """The query of the Redirect binding around any bytes, well signed."""
    packed = base64.b64encode(message).decode()
    text = urlencode({parameter: packed, "RelayState": relay_state, "SigAlg": RSA_SHA256}, quote_via=quote, safe="")
    signature = (key or private_key()).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}&Signature={quote(base64.b64encode(signature), safe='')}"


def query(root: etree._Element, parameter: str = "SAMLRequest", **options: Any) -> str:
    return query_of(deflated(etree.tostring(root)), parameter, **options)


def deflated(document: bytes) -> bytes:
    return zlib.compress(document)[2:-4]


def by_redirect(gate: Gate, root: etree._Element, **options: Any) -> TestResponse:
    return gate.browser.app.test_client().get(f"{logout_url(gate)}?{query(root, **options)}")


def by_post(
    gate: Gate, root: etree._Element, signer: forge.Signer | None = None, parameter: str = "SAMLRequest"
) -> TestResponse:
    forge.sign(root, signer or forge.signer_of("acme"))
    fields = {parameter: forge.encode(root), "RelayState": "back"}
    return gate.browser.app.test_client().post(logout_url(gate), data=fields)


def sign_out(gate: Gate) -> tuple[str, etree._Element]:
    """Sign out by the menu; the address it goes on to, and the request in it."""
    page = gate.browser.post("/sign-out", {})
    assert page.status_code == 200
    assert not gate.browser.signed_in, "signed out here, whatever the identity provider does"
    target = page.text.partition('http-equiv="refresh" content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    parameters = read_query(urlsplit(target).query.encode())
    verify_query(parameters, [gate.acme.connection.signing_certificate])
    return target, etree.fromstring(inflate(parameters["SAMLRequest"]))
