"""Acme with JIT on, so that whatever gets through the gate would get an account; and a way to post anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from database import db
from demo.identity_provider import IdentityProvider
from models import PendingRequest, SignInAttempt, SignInSession, User
from tests import factories
from tests.saml import forge
from tests.signing_in import Browser

IDP_LOGOUT = "http://127.0.0.1:8001/acme/slo"


@dataclass
class Gate:
    """The ACS of Acme, and one request that waits for its answer in this browser."""

    browser: Browser
    acme: Any
    message: forge.Message

    def honest(self, what: str = "assertion", change: forge.Change | None = None, **options: Any) -> etree._Element:
        """A Response with `change` applied before signing."""
        root = self.message.xml()
        if change:
            change(root)
        return forge.signed(root, what, forge.signer_of("acme"), **options)

    def post(self, document: etree._Element | bytes | None = None, **fields: Any) -> TestResponse:
        if document is not None:
            fields["SAMLResponse"] = forge.encode(document)
        return self.browser.client.post(self.message.acs, data=fields)

    def refused_by(self, response: TestResponse) -> str:
        """The check that refused; and nobody got anything."""
        assert response.status_code == 403, response.text
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0
        assert db.session.scalars(select(User).where(User.origin == "jit")).all() == []
        attempt = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
        assert attempt is not None
        assert attempt.reference in response.text, "the page shows the reference of the receipt"
        return attempt.reason

    def accepted(self, response: TestResponse) -> User:
        assert response.status_code == 303, self._why()
        return db.session.scalars(select(User).where(User.origin == "jit").order_by(User.id.desc())).first()

    def _why(self) -> str:
        attempt = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
        return f"{attempt.reason}: {attempt.detail}" if attempt else "no receipt"


@pytest.fixture
def gate(cast: factories.Cast, browser: Browser) -> Gate:
    cast.acme.jit_on = True
    db.session.commit()
    return open_gate(browser, cast.acme)


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


def open_gate(browser: Browser, organization: Any) -> Gate:
    ours = factories.our_endpoints(organization)
    idp: IdentityProvider = factories.identity_provider(organization.slug)
    started = browser.client.get(ours.start)
    assert "SAMLRequest" in parse_qs(urlsplit(started.headers["Location"]).query)
    request_id = db.session.scalars(select(PendingRequest.request_id).order_by(PendingRequest.id.desc()).limit(1)).one()
    message = forge.Message(idp.entity_id, ours.acs, ours.entity_id, request_id)
    return Gate(browser, organization, message)
