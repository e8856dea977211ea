"""What a person's page says of how they sign in is how it is: tried out, by the identity provider and by a password."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from database import db
from demo.cast import Person
from models import Domain, Identity, User
from tests.factories import PASSWORD, Cast, make_user
from tests.flows.people.conftest import page_of
from tests.pages import Page
from tests.signing_in import Browser

FORM = "/sign-in/password"
DORA = Person("dora@acme.example", "Dora", "Vance")
HERE = "http://localhost/o/acme"


def said(page: Page, label: str) -> str:
    pairs = [pair for pair in page.root.iter("div") if pair.get("class") == "pair"]
    words = [" ".join(" ".join(pair.itertext()).split()) for pair in pairs]
    [found] = [one.removeprefix(label).strip() for one in words if one.startswith(label)]
    return found


def prepare(cast: Cast, *, sso: bool = True, verified: bool = True, linked: bool = False, **values: object) -> User:
    user = make_user(cast.acme, DORA.email, **values)
    connection = cast.acme.connection
    if linked:
        known = {"connection_id": connection.id, "idp_entity_id": connection.live_configuration.idp_entity_id}
        db.session.add(Identity(organization_id=cast.acme.id, user_id=user.id, subject=DORA.email, **known))
    if not verified:
        db.session.query(Domain).filter_by(organization_id=cast.acme.id).delete()
    if not sso:
        connection.activated_at = None
    db.session.commit()
    return user


def comes_in_through_sso(app: Flask, cast: Cast) -> bool:
    browser = Browser(app)
    if cast.acme.connection.activated_at is None:
        return browser.get("/saml/acme-connection/start").status_code == 303
    browser.sso(cast.acme, DORA)
    return browser.signed_in


def comes_in_by_password(app: Flask) -> bool:
    browser = Browser(app)
    browser.post(FORM, {"email": DORA.email, "password": PASSWORD}, page=FORM)
    return browser.signed_in


@pytest.mark.parametrize(
    ("sso", "verified", "linked", "password", "admin"), list(itertools.product([True, False], repeat=5))
)
def test_of_an_active_account(
    app: Flask, cast: Cast, ana: Browser, get_page, sso: bool, verified: bool, linked: bool, password: bool, admin: bool
) -> None:
    role = "admin" if admin else "viewer"
    dora = prepare(cast, sso=sso, verified=verified, linked=linked, with_password=password, role=role)
    words = said(get_page(ana, page_of(dora)), "Signs in by")
    assert comes_in_by_password(app) == ("password" in words and "no password" not in words), words
    assert comes_in_through_sso(app, cast) == words.startswith("Single sign-on"), words


@pytest.mark.parametrize(("sso", "verified"), [(True, True), (True, False), (False, True)])
def test_of_an_invited_one(app: Flask, cast: Cast, ana: Browser, get_page, sso: bool, verified: bool) -> None:
    dora = prepare(cast, sso=sso, verified=verified, status="invited", with_password=False)
    page = get_page(ana, page_of(dora))
    words = said(page, "Signs in by")
    assert words.startswith("Not yet. ")
    assert words.removeprefix("Not yet. ") in page.words.replace(words, ""), "and beside the invitation"
    assert (HERE in words, "link to set a password" in words) == (sso and not verified, not (sso and verified))
    assert comes_in_through_sso(app, cast) == ("ingle sign-on" in words), words


def test_of_a_deactivated_one(app: Flask, cast: Cast, ana: Browser, get_page) -> None:
    page = get_page(ana, page_of(prepare(cast, status="deactivated")))
    assert said(page, "Signs in by") == "Cannot sign in: the account is deactivated"
    assert "None. A deactivated account gets none." in page.words
    assert (comes_in_through_sso(app, cast), comes_in_by_password(app)) == (False, False)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "None yet. The first sign-in through single sign-on makes it, by the e-mail address."),
        ({"verified": False}, "None. They can connect it in their profile once they have signed in with a password."),
        ({"status": "invited"}, "None yet. Accepting the invitation through single sign-on makes it."),
        ({"sso": False}, "None. Single sign-on is not activated."),
        ({"sso": False, "status": "invited"}, "None. Single sign-on is not activated."),
    ],
)
def test_why_there_is_no_link(cast: Cast, ana: Browser, get_page, values: dict[str, object], words: str) -> None:
    assert words in get_page(ana, page_of(prepare(cast, **values))).words


def test_a_link_to_another_identity_provider_is_marked_and_counts_for_nothing(
    app: Flask, cast: Cast, ana: Browser, get_page
) -> None:
    dora = prepare(cast, verified=False, linked=True, with_password=False)
    assert "not in use any more" not in get_page(ana, page_of(dora)).words
    db.session.query(Identity).update({"idp_entity_id": "https://before.example"})
    db.session.commit()
    page = get_page(ana, page_of(dora))
    assert "https://before.example not in use any more" in page.words
    assert said(page, "Signs in by").startswith("Nothing at the moment: they have no password")
    assert not comes_in_through_sso(app, cast)
