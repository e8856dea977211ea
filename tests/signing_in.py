"""A browser of the tests: cookies, forms with their CSRF field, and the way of a sign-in over SAML."""

from __future__ import annotations

import contextvars
import re
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from database import db
from demo.cast import Person
from demo.identity_provider import Answer, IdentityProvider
from models import Organization, User
from organizations import sessions
from tests import factories

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class CleanClient(FlaskClient):
    """Each request in a context of its own, as on a server.

    Flask would reuse the application context of the test, and with it the database session and the signed-in
    person of the request before; a request would then see what was never committed.
    """

    def open(self, *args: Any, **options: Any) -> TestResponse:
        if not has_app_context():  # following a redirect, already in a context of its own
            return super().open(*args, **options)
        assert not db.session.new, "commit before a request"
        assert not db.session.dirty, "commit before a request"
        db.session.rollback()
        return contextvars.Context().run(super().open, *args, **options)


class Browser:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def csrf_token(self, page: str = "/sign-in") -> str:
        """The token of a form on this page (any page's is good for the whole session)."""
        found = _CSRF.search(self.client.get(page, follow_redirects=True).text)
        assert found, f"{page} has no form with a CSRF field"
        return found.group(1)

    def post(self, path: str, data: dict[str, str], *, htmx: bool = False, page: str | None = None) -> TestResponse:
        """Send a form as the page would: with its CSRF field, and as htmx if wanted."""
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(path, data={**data, "csrf_token": self.csrf_token(page or "/")}, headers=headers)

    def sign_in_as(self, user: User, method: str = "password") -> Browser:
        """Signed in at once, by a session row like the ones a real sign-in makes."""
        _session, token = sessions.start(user, method)
        db.session.commit()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return self

    def answer_for(
        self, organization: Organization, person: Person, idp: IdentityProvider | None = None, next_path: str = "/"
    ) -> Answer:
        """Start a sign-in here and let the identity provider answer; nothing is posted to the ACS yet."""
        idp = idp or factories.identity_provider(organization.slug)
        ours = factories.our_endpoints(organization)
        if not idp.trusts(ours.entity_id):
            idp.trust(self.client.get(ours.metadata).data)
        db.session.rollback()
        started = self.client.get(ours.start, query_string={"next": next_path})
        assert started.status_code == 303, started.text
        return idp.answer(idp.read_request(started.headers["Location"]), person)

    def post_answer(self, answer: Answer, **changed: str) -> TestResponse:
        fields = {"SAMLResponse": answer.saml_response, "RelayState": answer.relay_state or "", **changed}
        return self.client.post(answer.acs, data=fields)

    def sso(self, organization: Organization, person: Person, next_path: str = "/") -> TestResponse:
        """The whole way; the response is the page where it ends: the home page, or the refusal."""
        posted = self.post_answer(self.answer_for(organization, person, next_path=next_path))
        if posted.status_code != 303:
            return posted
        return self.client.get(posted.headers["Location"], follow_redirects=True)

    @property
    def signed_in(self) -> bool:
        return self.client.get("/").status_code == 200
