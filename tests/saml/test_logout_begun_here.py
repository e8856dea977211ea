"""Signing out here signs out at the identity provider, and its answer has to be one to that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from database import db
from models import AuditEvent, PendingRequest, SignInSession
from tests import factories
from tests.saml import forge
from tests.saml.conftest import IDP_LOGOUT, Gate
from tests.saml.forge import SAML, SAMLP, stamp
from tests.saml.logging_out import by_post, by_redirect, logout_url, private_key, query, response_xml, sign_out


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


BAD = {
    "another issuer": {"issuer": "https://other-idp.example"},
    "another destination": {"destination": "https://other-sp.example/logout"},
    "no destination": {"destination": ""},
    "too old": {"issued": stamp(-600)},
    "from the future": {"issued": stamp(2_000)},
    "no time": {"issued": "yesterday"},
    "another version": {"version": "1.1"},
    "another message": {"tag": "ArtifactResponse"},
    "a request in its place": {"tag": "LogoutRequest"},
}


@pytest.mark.parametrize("send", [by_redirect, by_post])
@pytest.mark.parametrize("name", BAD)
def test_an_answer_that_is_not_for_us_now_is_none(signed_in: Gate, send: Callable, name: str) -> None:
    _, said = sign_out(signed_in)
    answer = send(signed_in, response_xml(signed_in, said.get("ID"), **BAD[name]), parameter="SAMLResponse")
    assert answer.status_code == 403
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "sso:logout:refused")) == 1
    # The true one still counts, once, on either binding.
    for status in (303, 403):
        true = response_xml(signed_in, said.get("ID"))
        assert send(signed_in, true, parameter="SAMLResponse").status_code == status


def test_unsigned_and_wrongly_signed_answers_are_none(signed_in: Gate) -> None:
    _, said = sign_out(signed_in)
    factories.identity_provider("initech")
    client, url, root = (
        signed_in.browser.app.test_client(),
        logout_url(signed_in),
        response_xml(signed_in, said.get("ID")),
    )
    good = query(root, "SAMLResponse")
    tries = [
        client.get(f"{url}?{good.partition('&SigAlg')[0]}"),
        client.get(f"{url}?{good.partition('&Signature')[0]}"),
        client.get(f"{url}?{good.replace('RelayState=back', 'RelayState=elsewhere')}"),
        client.get(f"{url}?{good.replace('RelayState=back&', '')}"),
        client.get(f"{url}?{good.replace('SAMLResponse=', 'SAMLRequest=')}"),
        client.get(f"{url}?{good.replace('rsa-sha256', 'rsa-sha1')}"),
        client.get(f"{url}?{query(root, 'SAMLResponse', key=private_key('initech'))}"),
        client.post(url, data={"SAMLResponse": forge.encode(root)}),
        by_post(signed_in, response_xml(signed_in, said.get("ID")), forge.signer(), "SAMLResponse"),
    ]
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    assert client.get(f"{url}?{good}").status_code == 303


def test_an_answer_at_the_address_of_another_connection(signed_in: Gate) -> None:
    """Both trust the same identity provider; the logout was the first one's."""
    _, said = sign_out(signed_in)
    other = factories.make_organization("initech", sso="activated", unlocked=True)
    shared, theirs = signed_in.acme.connection.live_configuration, other.connection.live_configuration
    theirs.idp_entity_id, theirs.certificates = shared.idp_entity_id, list(shared.certificates)
    db.session.commit()
    url = factories.our_endpoints(other).logout
    crossed = query(response_xml(signed_in, said.get("ID"), destination=url), "SAMLResponse")
    assert signed_in.browser.app.test_client().get(f"{url}?{crossed}").status_code == 403
