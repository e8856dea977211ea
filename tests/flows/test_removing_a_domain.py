"""Before a domain goes, the page says what that means; accounts that exist go on working."""

from __future__ import annotations

import pytest

from database import db
from models import Domain
from tests.factories import EVE, Cast
from tests.flows.domains import DOMAINS, NEW, REMOVE, SECURITY, events, stored
from tests.pages import check_page
from tests.signing_in import Browser

LAST = f"{DOMAINS}/acme.example/remove"
NOBODY_NEW = "no new person gets an account until another domain is verified"


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana)


def question(browser: Browser, path: str = LAST) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return check_page(answer.text).words


def test_the_last_verified_one_while_jit_is_on(cast: Cast, ana: Browser) -> None:
    cast.acme.jit_on = True
    db.session.add(Domain(organization_id=cast.acme.id, name=NEW))
    db.session.commit()
    asked = question(ana)
    assert "Remove acme.example?" in asked
    assert "are no longer sent to single sign-on" in asked
    assert NOBODY_NEW in asked
    assert "Accounts that exist keep working" in asked
    assert "http://localhost/o/acme" in asked


def test_one_of_several_while_jit_is_on(cast: Cast, ana: Browser) -> None:
    cast.acme.jit_on = True
    db.session.add(Domain(organization_id=cast.acme.id, name=NEW, verified_at=cast.acme.created_at))
    db.session.commit()
    asked = question(ana)
    assert NOBODY_NEW not in asked
    assert "New people at acme.example no longer get an account" in asked


def test_while_jit_is_off_nothing_is_said_of_new_people(cast: Cast, ana: Browser) -> None:
    asked = question(ana)
    assert NOBODY_NEW not in asked
    assert "New people" not in asked
    assert "are no longer sent to single sign-on" in asked


def test_without_sso_nobodys_sign_in_changes(cast: Cast, browser: Browser) -> None:
    browser.sign_in_as(cast.cleo)
    assert "nobody's sign-in changes" in question(browser, "/o/globex/settings/domains/globex.example/remove")


def test_a_pending_one_changes_nothing_for_anybody(cast: Cast, ana: Browser) -> None:
    ana.post(DOMAINS, {"name": NEW})
    assert "nothing changes for anybody" in question(ana, REMOVE)
    ana.post(REMOVE, {})
    assert stored() is None
    ana.post(DOMAINS, {"name": NEW})
    assert stored() is not None


def test_what_was_said_comes_true(cast: Cast, ana: Browser, another_browser: Browser, app: object) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    assert another_browser.sso(cast.acme, EVE).status_code == 200
    answer = ana.post(LAST, {})
    assert (answer.status_code, answer.headers["Location"]) == (303, SECURITY)
    assert stored("acme.example") is None
    page = check_page(ana.get(SECURITY).text)
    assert "acme.example is removed." in page.words
    assert "No domain is verified, so nobody new gets an account yet." in page.words
    assert events("admin:domain:removed") == [("admin:domain:removed", "ana@acme.example", "acme.example")]
    assert another_browser.get("/").status_code == 200, "the session goes on"
    assert Browser(app).sso(cast.acme, EVE).status_code == 200, "and so does the account"
    person = type(EVE)("nils@acme.example", "Nils", "Berg")
    assert Browser(app).sso(cast.acme, person).status_code == 403
    email = another_browser.post("/sign-in", {"email": "ben@acme.example"}, page="/sign-in/password")
    assert "/saml/" not in email.headers.get("Location", "") + email.text


def test_the_question_itself_removes_nothing(ana: Browser) -> None:
    question(ana)
    assert stored("acme.example") is not None
    assert ana.post(f"{DOMAINS}/{NEW}/remove", {}).status_code == 404
    assert events() == []
