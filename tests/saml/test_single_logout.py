"""Single logout, begun at the identity provider and begun here, on both bindings; and what must not end anything."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from database import db
from models import AuditEvent, PendingRequest, SignInSession
from saml.redirect import inflate, read_query, verify_query
from tests import factories
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import RSA_SHA256, SAML, SAMLP, stamp

IDP_LOGOUT = "http://127.0.0.1:8001/acme/slo"


@pytest.fixture
def signed_in(gate: Gate) -> Gate:
    """Eve is signed in over SSO, by an identity provider that offers single logout."""
    gate.acme.connection.live_configuration.slo_url = IDP_LOGOUT
    db.session.commit()
    answer = gate.post(gate.honest())
    assert gate.accepted(answer)
    gate.browser.get(answer.headers["Location"])
    assert gate.browser.signed_in
    return gate


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


def private_key(slug: str = "acme"):
    factories.identity_provider(slug)
    return serialization.load_pem_private_key((factories.KEY_FOLDER / f"{slug}.key").read_bytes(), None)


def query(root: etree._Element, parameter: str = "SAMLRequest", key=None, relay_state: str = "back") -> str:
    packed = base64.b64encode(zlib.compress(etree.tostring(root))[2:-4]).decode()
    text = urlencode({parameter: packed, "RelayState": relay_state, "SigAlg": RSA_SHA256}, quote_via=quote, safe="")
    signature = (key or private_key()).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}&Signature={quote(base64.b64encode(signature), safe='')}"


def by_redirect(gate: Gate, root: etree._Element, **options) -> TestResponse:
    return gate.browser.app.test_client().get(f"{logout_url(gate)}?{query(root, **options)}")


def by_post(gate: Gate, root: etree._Element, signer: forge.Signer | None = None) -> TestResponse:
    """From another site: no cookie of ours comes along."""
    forge.sign(root, signer or forge.signer_of("acme"))
    fields = {"SAMLRequest": forge.encode(root), "RelayState": "back"}
    return gate.browser.app.test_client().post(logout_url(gate), data=fields)


@pytest.mark.parametrize("send", [by_redirect, by_post])
@pytest.mark.parametrize("session", ["_session-0001", ""])
def test_the_identity_provider_ends_the_session(signed_in: Gate, send: Callable, session: str) -> None:
    answer = send(signed_in, request_xml(signed_in, session=session))
    assert answer.status_code == 303
    assert not signed_in.browser.signed_in
    location = answer.headers["Location"]
    assert location.startswith(IDP_LOGOUT)
    parameters = read_query(urlsplit(location).query.encode())
    verify_query(parameters, [signed_in.acme.connection.signing_certificate])
    said = etree.fromstring(inflate(parameters["SAMLResponse"]))
    assert said.get("InResponseTo") == "_logout-0001"
    assert said.find(f".//{{{SAMLP}}}StatusCode").get("Value").endswith(":Success")
    assert parse_qs(urlsplit(location).query)["RelayState"] == ["back"]
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "sso:session:ended")) == 1


def test_a_session_that_still_waits_for_its_browser_ends_as_well(gate: Gate) -> None:
    gate.acme.connection.live_configuration.slo_url = IDP_LOGOUT
    db.session.commit()
    answer = gate.post(gate.honest())
    by_redirect(gate, request_xml(gate))
    assert gate.browser.get(answer.headers["Location"]).status_code == 400
    assert not gate.browser.signed_in


@pytest.mark.parametrize(("name", "value"), [("session", "_another-session"), ("name_id", "ana@acme.example")])
def test_other_sessions_go_on(signed_in: Gate, name: str, value: str) -> None:
    assert by_redirect(signed_in, request_xml(signed_in, **{name: value})).status_code == 303
    assert signed_in.browser.signed_in


BAD = {
    "another issuer": {"issuer": "https://other-idp.example"},
    "another destination": {"destination": "https://other-sp.example/logout"},
    "no destination": {"destination": ""},
    "too old": {"issued": stamp(-600)},
    "from the future": {"issued": stamp(2_000)},
    "no time": {"issued": "yesterday"},
    "ended": {"extra": 'NotOnOrAfter="2020-01-01T00:00:00Z"'},
    "no name": {"name_id": " "},
    "another message": {"tag": "ManageNameIDRequest"},
}


@pytest.mark.parametrize("send", [by_redirect, by_post])
@pytest.mark.parametrize("name", BAD)
def test_a_message_that_is_not_for_us_now_ends_nothing(signed_in: Gate, send: Callable, name: str) -> None:
    answer = send(signed_in, request_xml(signed_in, **BAD[name]))
    assert answer.status_code == 403
    assert "Nobody was signed out" in answer.text
    assert signed_in.browser.signed_in
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "sso:logout:refused")) == 1


def test_unsigned_and_wrongly_signed_messages_end_nothing(signed_in: Gate) -> None:
    client, url, root = signed_in.browser.app.test_client(), logout_url(signed_in), request_xml(signed_in)
    good = query(root)
    unsigned = good.partition("&SigAlg")[0]
    factories.identity_provider("initech")
    tries = [
        client.get(f"{url}?{unsigned}"),
        client.get(f"{url}?{good.partition('&Signature')[0]}"),
        client.get(f"{url}?{good.replace('RelayState=back', 'RelayState=elsewhere')}"),
        client.get(f"{url}?{query(root, key=private_key('initech'))}"),
        client.get(f"{url}?{good}&SAMLRequest=x"),
        client.get(f"{url}?{good}&SAMLResponse=x"),
        client.get(f"{url}?{good.replace('rsa-sha256', 'rsa-sha1').replace('%23rsa', '%23rsa')}"),
        client.post(url, data={"SAMLRequest": forge.encode(root)}),
        by_post(signed_in, request_xml(signed_in), forge.signer()),
    ]
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    assert signed_in.browser.signed_in


def test_a_signature_of_the_redirect_does_not_make_up_for_a_bad_one_inside(signed_in: Gate) -> None:
    root = request_xml(signed_in)
    forge.sign(root, forge.signer())
    assert by_redirect(signed_in, root).status_code == 403


def test_a_message_counts_once(signed_in: Gate) -> None:
    root = request_xml(signed_in, session="_another-session")
    assert by_redirect(signed_in, root).status_code == 303
    assert by_redirect(signed_in, root).status_code == 403


def test_a_deflate_bomb_is_not_inflated(signed_in: Gate) -> None:
    bomb = base64.b64encode(zlib.compress(b"<a>" + b" " * 50_000_000)[2:-4]).decode()
    text = urlencode({"SAMLRequest": bomb, "SigAlg": RSA_SHA256}, quote_via=quote, safe="")
    signature = private_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    url = f"{logout_url(signed_in)}?{text}&Signature={quote(base64.b64encode(signature), safe='')}"
    assert signed_in.browser.app.test_client().get(url).status_code == 403


def test_nothing_at_all_is_a_page(signed_in: Gate) -> None:
    for answer in (signed_in.browser.get(logout_url(signed_in)), signed_in.browser.client.post(logout_url(signed_in))):
        assert answer.status_code == 400


def sign_out(gate: Gate) -> tuple[str, etree._Element]:
    """Sign out by the menu; the address it goes on to, and the request in it."""
    page = gate.browser.post("/sign-out", {})
    assert page.status_code == 200
    assert not gate.browser.signed_in, "signed out here, whatever the identity provider does"
    target = page.text.partition('http-equiv="refresh" content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    parameters = read_query(urlsplit(target).query.encode())
    verify_query(parameters, [gate.acme.connection.signing_certificate])
    return target, etree.fromstring(inflate(parameters["SAMLRequest"]))


def response_xml(gate: Gate, in_response_to: str, status: str = "Success") -> etree._Element:
    return etree.fromstring(
        f'<samlp:LogoutResponse xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_answer-0001" Version="2.0" '
        f'IssueInstant="{stamp()}" Destination="{logout_url(gate)}" InResponseTo="{in_response_to}">'
        f"<saml:Issuer>{gate.message.issuer}</saml:Issuer><samlp:Status>"
        f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status></samlp:LogoutResponse>'
    )


def test_signing_out_here_signs_out_there(signed_in: Gate) -> None:
    target, said = sign_out(signed_in)
    assert target.startswith(IDP_LOGOUT)
    name_id = said.find(f"{{{SAML}}}NameID")
    assert (name_id.text, name_id.get("Format")) == ("eve@acme.example", signed_in.message.name_id_format)
    assert said.findtext(f"{{{SAMLP}}}SessionIndex") == "_session-0001"
    answer = by_redirect(signed_in, response_xml(signed_in, said.get("ID")), parameter="SAMLResponse")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signed-out")


def test_an_answer_has_to_be_one_to_our_request_and_counts_once(signed_in: Gate) -> None:
    _, said = sign_out(signed_in)
    sign_in_id = db.session.scalars(select(PendingRequest.request_id).where(PendingRequest.purpose == "sign_in")).one()
    for wanted, status in (("_unknown", 403), (sign_in_id, 403), (said.get("ID"), 303), (said.get("ID"), 403)):
        answer = by_redirect(signed_in, response_xml(signed_in, wanted), parameter="SAMLResponse")
        assert answer.status_code == status, wanted


def test_a_logout_request_is_no_request_for_a_sign_in(signed_in: Gate) -> None:
    _, said = sign_out(signed_in)
    signed_in.message.request_id, signed_in.message.assertion_id = said.get("ID"), "_assertion-0002"
    assert signed_in.post(signed_in.honest()).status_code == 403
    assert (
        db.session.scalar(select(func.count()).select_from(SignInSession).where(SignInSession.ended_at.is_(None))) == 0
    )


def test_a_partial_logout_is_said(signed_in: Gate) -> None:
    _, said = sign_out(signed_in)
    url = f"{logout_url(signed_in)}?{query(response_xml(signed_in, said.get('ID'), 'Responder'), 'SAMLResponse')}"
    page = signed_in.browser.client.get(url, follow_redirects=True)
    assert "did not end all of its own sessions" in page.text


def test_without_single_logout_signing_out_ends_here(gate: Gate) -> None:
    answer = gate.post(gate.honest())
    gate.browser.get(answer.headers["Location"])
    page = gate.browser.post("/sign-out", {})
    assert (page.status_code, page.headers["Location"]) == (303, "/signed-out")
