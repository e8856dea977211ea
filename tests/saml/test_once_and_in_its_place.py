"""True messages at another time or place: replays, other requests, other browsers, other connections."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import create_app
from database import db, now
from models import PendingRequest, SignInAttempt, SignInSession
from organizations import connections
from tests.factories import Cast, make_organization
from tests.saml import forge
from tests.saml.changes import all_of, put
from tests.saml.conftest import Gate, open_gate
from tests.saml.variants import VARIANTS, answers, asked_again, everywhere, sealed
from tests.signing_in import Browser


def last_refusal() -> str:
    db.session.rollback()
    return db.session.scalars(select(SignInAttempt.reason).order_by(SignInAttempt.id.desc()).limit(1)).one()


def answering(request_id: str) -> forge.Change:
    return all_of(
        put(".", "InResponseTo", request_id),
        put("a:Assertion/a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData", "InResponseTo", request_id),
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_replay_in_the_same_browser(gate: Gate, variant: str) -> None:
    sent = sealed(gate, variant, gate.message.xml())
    gate.accepted(gate.post(sent))
    assert gate.post(sent).status_code == 403
    assert last_refusal() == "request"
    assert len(db.session.scalars(select(SignInSession)).all()) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_assertion_for_a_new_request(gate: Gate, variant: str) -> None:
    gate.accepted(gate.post(sealed(gate, variant, gate.message.xml())))
    second = asked_again(gate)
    assert second.message.request_id != gate.message.request_id
    second.message.assertion_id = gate.message.assertion_id
    assert second.post(sealed(second, variant, second.message.xml())).status_code == 403
    assert last_refusal() == "once"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_replay_after_a_restart(gate: Gate, database_url: str, variant: str) -> None:
    """Begun at the identity provider, so that no request stands in the way: what was used is in the database alone."""
    connections.set_idp_initiated(gate.acme, True, "operator")
    db.session.commit()
    gate.message.request_id = None
    sent = sealed(gate, variant, gate.message.xml())
    gate.accepted(gate.post(sent))
    restarted = create_app({"SQLALCHEMY_DATABASE_URI": database_url})
    answer = restarted.test_client().post(gate.message.acs, data={"SAMLResponse": forge.encode(sent)})
    with restarted.app_context():
        db.engine.dispose()
    assert answer.status_code == 403
    assert last_refusal() == "once"


def test_a_request_that_has_expired(gate: Gate) -> None:
    db.session.execute(db.update(PendingRequest).values(expires_at=now() - timedelta(seconds=1)))
    db.session.commit()
    assert answers(gate) == everywhere("request")


def test_an_answer_in_another_browser(gate: Gate, another_browser: Browser) -> None:
    """Login CSRF: somebody's own answer, posted from somebody else's browser."""
    elsewhere = Gate(another_browser, gate.acme, gate.message)
    for prepared in (lambda: None, lambda: another_browser.client.get(f"{gate.message.acs[:-3]}start")):
        prepared()
        assert answers(elsewhere) == everywhere("request")
    gate.accepted(gate.post(gate.honest()))


def test_an_unsolicited_answer(gate: Gate) -> None:
    gate.message.request_id = None
    assert answers(gate) == everywhere("request")


def test_an_answer_to_a_request_of_another_connection(gate: Gate) -> None:
    """In the same browser, which has begun to sign in at both."""
    other = open_gate(gate.browser, make_organization("initech", sso="activated", unlocked=True, jit_on=True))
    assert answers(gate, answering(other.message.request_id or "")) == everywhere("request")


def test_one_organizations_answer_at_anothers_acs(gate: Gate) -> None:
    """The connections of the tests share a key, so what was encrypted for one can even be read by the other."""
    other = open_gate(gate.browser, make_organization("initech", sso="activated", unlocked=True, jit_on=True))
    for variant in VARIANTS:
        sent = forge.encode(sealed(gate, variant, gate.message.xml()))
        response = gate.browser.client.post(other.message.acs, data={"SAMLResponse": sent})
        assert gate.refused_by(response) == "signature", variant


def test_anothers_identity_provider_at_our_acs(gate: Gate) -> None:
    """With our names in it, and encrypted for us."""
    make_organization("initech", sso="activated", unlocked=True, jit_on=True)
    assert answers(gate, by=forge.signer_of("initech")) == everywhere("signature")


def test_the_same_identity_provider_in_two_organizations_is_two_trusts(cast: Cast, browser: Browser) -> None:
    """One IdP, one key, one entity ID, configured by both; each answer counts only where it was asked for."""
    cast.acme.jit_on = True
    initech = make_organization("initech", sso="activated", unlocked=True, jit_on=True)
    shared = cast.acme.connection.live_configuration
    theirs = initech.connection.live_configuration
    theirs.idp_entity_id, theirs.certificates = shared.idp_entity_id, list(shared.certificates)
    db.session.commit()
    ours, other = open_gate(browser, cast.acme), open_gate(browser, initech)
    other.message.issuer = ours.message.issuer
    crossed = browser.client.post(other.message.acs, data={"SAMLResponse": forge.encode(ours.honest())})
    assert other.refused_by(crossed) == "issuer"
    ours.accepted(ours.post(ours.honest()))
    # The same assertion ID from the same IdP is not used up for the other organization.
    root = forge.signed(other.message.xml(), "assertion", forge.signer_of("acme"))
    assert other.post(root).status_code == 403
    assert (
        db.session.scalars(select(SignInAttempt.reason).order_by(SignInAttempt.id)).all()[-1] == "domain_not_verified"
    )
