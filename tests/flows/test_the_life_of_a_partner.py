"""Somebody outside the verified domains, from the invitation on: at no point is there a sentence that leads nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from database import db, now
from demo.cast import Person
from models import Domain, Organization, User
from organizations import invitations
from tests.conftest import BASE_URL
from tests.factories import PASSWORD, Cast, make_user
from tests.flows.test_connecting_sso import HERE as CONNECT
from tests.flows.test_connecting_sso import prove
from tests.pages import Page, check_page
from tests.signing_in import Browser

GUEST = Person("guest@elsewhere.example", "Gus", "Guest")
HERE = f"{BASE_URL}/o/acme"
PROFILE = "/o/acme/settings/profile"
FORM = "/sign-in/password"
INSTEAD = "Sign in through your organization instead"
GetPage = Callable[..., Page]


@pytest.fixture
def guest(app: Flask, cast: Cast) -> Browser:
    """Invited, and accepted through SSO: they have no password."""
    ana = db.session.get_one(User, cast.ana.id)
    invitations.invite(ana.organization, GUEST.email, "viewer", ana, base_url=BASE_URL, mail=False)
    db.session.commit()
    browser = Browser(app)
    browser.sso(cast.acme, GUEST)
    assert browser.signed_in
    return browser


def acme(cast: Cast) -> Organization:
    db.session.rollback()
    return db.session.get_one(Organization, cast.acme.id)


def test_their_profile_says_where_they_sign_in(guest: Browser, cast: Cast, get_page: GetPage) -> None:
    assert f"Sign in through it at {HERE}" in get_page(guest, PROFILE).words
    db.session.add(Domain(organization_id=cast.acme.id, name="elsewhere.example", verified_at=now()))
    db.session.commit()
    assert HERE not in get_page(guest, PROFILE).words, "from then on their address leads there"


def test_their_address_leads_to_a_form_that_says_what_else_there_is(cast: Cast, guest: Browser, app: Flask) -> None:
    stranger = Browser(app)
    pages = [
        check_page(stranger.post("/sign-in", {"email": email}, page="/sign-in").text)
        for email in (GUEST.email, "nobody@elsewhere.example")
    ]
    assert "If your organization gave you a sign-in link, use that" in pages[0].words
    assert "No password, or forgotten? Ask your admin." in pages[0].words
    assert pages[0].words == pages[1].words, "which tells nothing of accounts"


@pytest.mark.parametrize(("slug", "leads_to"), [("acme", "/o/acme"), ("globex", None)])
def test_the_form_of_an_organization_leads_to_sso_only_where_there_is_some(
    cast: Cast, browser: Browser, get_page: GetPage, slug: str, leads_to: str | None
) -> None:
    page = get_page(browser, f"{FORM}?organization={slug}")
    assert page.links().get(INSTEAD) == leads_to
    assert "gave you a sign-in link" not in page.words


def test_after_connecting_they_read_where_to_sign_in(cast: Cast, browser: Browser) -> None:
    prove(browser.sign_in_as(make_user(cast.acme, GUEST.email)), cast, GUEST)
    browser.post(CONNECT, {}, page=CONNECT)
    assert f"you can sign in through single sign-on at {HERE}" in browser.get(PROFILE).text


def test_once_sso_is_deactivated_the_admin_can_help_and_everybody_is_told_so(
    app: Flask, cast: Cast, guest: Browser, get_page: GetPage
) -> None:
    ana = Browser(app).sign_in_as(cast.ana)
    foretold = get_page(ana, "/o/acme/settings/security/sso/deactivate").words
    assert "Afterwards you make a link for that on the page of each" in foretold
    assert "for an admin support does" in foretold
    acme(cast).connection.activated_at = None
    db.session.commit()
    stranger = Browser(app)
    refused = get_page(stranger, "/saml/acme-connection/start", 409).words
    assert "If you have a password, sign in with it; else ask your admin." in refused
    user = db.session.query(User).filter_by(email=GUEST.email).one()
    page = get_page(ana, f"/o/acme/settings/people/{user.id}")
    assert "Nothing at the moment: they have no password, and single sign-on is not activated" in page.words
    assert "They have none, and cannot sign in without one." in page.words


def test_once_their_domain_is_verified_their_address_leads_to_sso(app: Flask, cast: Cast) -> None:
    make_user(cast.acme, GUEST.email)
    db.session.add(Domain(organization_id=cast.acme.id, name="elsewhere.example", verified_at=now()))
    db.session.commit()
    browser = Browser(app)
    answer = browser.post(FORM, {"email": GUEST.email, "password": PASSWORD}, page=FORM)
    assert (answer.status_code, "continue with your e-mail address" in answer.text) == (403, True)
    led = check_page(browser.post("/sign-in", {"email": GUEST.email}, page="/sign-in").text)
    assert led.h1 == "Continue to Acme's sign-in"
    assert browser.sso(cast.acme, GUEST).status_code == 200
    assert browser.signed_in
