"""The page of a refusal says what helps the person who reads it, and leads there."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from blueprints.auth.refusals import explain
from database import db
from demo.cast import Person
from models import User
from organizations import asking
from provisioning.decision import RULES, Outcome, Reason
from tests.factories import EVE, PASSWORD, Cast, make_user
from tests.pages import Page, check_page
from tests.signing_in import Browser

DORA = Person("dora@partner.example", "Dora", "Vance")
PROFILE = "/o/acme/settings/profile"
BY_PASSWORD = "Sign in with a password"
CONNECT = "sign in with it, open Settings, Profile, and choose Connect SSO"


@pytest.fixture
def dora(cast: Cast) -> User:
    """Of a domain that is not verified: SSO cannot link her by itself."""
    return make_user(cast.acme, DORA.email)


def refused(answer: TestResponse) -> Page:
    assert answer.status_code == 403
    return check_page(answer.text)


def test_outside_the_domains_a_password_leads_to_connecting(cast: Cast, dora: User, browser: Browser) -> None:
    page = refused(browser.sso(cast.acme, DORA))
    assert CONNECT in page.words
    assert "If you have none, ask your admin" in page.words
    assert "Ask my admin" in page.words
    address = page.links()[BY_PASSWORD]
    [form] = check_page(browser.get(address).text).forms()
    fields = {item.get("name"): item.get("value") for item in form.iter("input")}
    sent = fields | {"email": dora.email, "password": PASSWORD}
    assert browser.post(form.get("action"), sent, page=address).location == PROFILE
    assert check_page(browser.get(PROFILE).text).links()["Connect SSO"] == f"{PROFILE}/connect/start"


def test_a_question_that_is_too_long_leaves_the_help_there(cast: Cast, dora: User, browser: Browser) -> None:
    page = refused(browser.sso(cast.acme, DORA))
    [token] = [item.get("value") for item in page.root.iter("input") if item.get("name") == "csrf_token"]
    db.session.rollback()
    again = browser.client.post("/saml/acme-connection/ask", data={"csrf_token": token, "question": "x" * 301})
    assert again.status_code == 422
    assert CONNECT in check_page(again.text).words
    assert BY_PASSWORD in check_page(again.text).links()


@pytest.mark.parametrize("person", [EVE, Person("dora@nowhere.example", "Dora", "Vance")], ids=["inside", "outside"])
def test_who_has_no_account_is_not_told_of_passwords(cast: Cast, dora: User, browser: Browser, person: Person) -> None:
    page = refused(browser.sso(cast.acme, person))
    assert "Your admin can change this. Ask them here" in page.words
    assert "password" not in page.words


def test_where_sso_was_deactivated_meanwhile_a_password_helps(cast: Cast, dora: User, browser: Browser) -> None:
    answer = browser.answer_for(cast.acme, DORA)
    cast.acme.connection.activated_at = None
    db.session.commit()
    page = refused(browser.post_answer(answer))
    assert "Single sign-on is not active" in page.words
    assert "If you have a password here, sign in with it." in page.words
    assert page.links()[BY_PASSWORD] == "/sign-in/password?organization=acme"


@pytest.mark.parametrize("reason", sorted({reason for _, outcome, reason, _ in RULES if outcome is Outcome.REFUSE}))
def test_every_refusal_has_its_help_and_speaks_of_asking_only_where_one_can(
    app: Flask, cast: Cast, reason: Reason
) -> None:
    with app.test_request_context():
        page = explain(reason, cast.acme, "ABCD-EFGH", "/")
    help_ = str(page["help"])
    assert ("here, or" in help_) == (reason in asking.REASONS)
    assert ("password" in help_) == (page["password"] is not None)
    assert "reference below" in help_
