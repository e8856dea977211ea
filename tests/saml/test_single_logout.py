"""Single logout begun at the identity provider, on both bindings; and what must not end anything."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from sqlalchemy import func, select

from database import db
from models import AuditEvent
from saml.redirect import inflate, read_query, verify_query
from tests import factories
from tests.saml import forge
from tests.saml.conftest import IDP_LOGOUT, Gate
from tests.saml.forge import SAMLP, stamp
from tests.saml.logging_out import by_post, by_redirect, deflated, logout_url, private_key, query, query_of, request_xml


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
    bomb = query_of(deflated(b"<a>" + b" " * 50_000_000))
    assert signed_in.browser.app.test_client().get(f"{logout_url(signed_in)}?{bomb}").status_code == 403


@pytest.mark.parametrize("parameter", ["SAMLRequest", "SAMLResponse"])
@pytest.mark.parametrize("message", [b"", b"x", deflated(b""), deflated(b"<a/>"), deflated(b"<!DOCTYPE a><a/>")])
def test_well_signed_nonsense_is_a_page(signed_in: Gate, parameter: str, message: bytes) -> None:
    url = f"{logout_url(signed_in)}?{query_of(message, parameter)}"
    assert signed_in.browser.app.test_client().get(url).status_code == 403


def test_nothing_at_all_is_a_page(signed_in: Gate) -> None:
    for answer in (signed_in.browser.get(logout_url(signed_in)), signed_in.browser.client.post(logout_url(signed_in))):
        assert answer.status_code == 400
