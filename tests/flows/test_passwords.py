"""Passwords: for those without SSO, and as the emergency way in for admins with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db, now
from models import AuditEvent, OneTimeLink, SignInAttempt, User
from organizations import passwords
from tests.factories import PASSWORD, Cast, make_password_link, make_user
from tests.pages import Page, check_page
from tests.signing_in import Browser

FORM = "/sign-in/password"


def sign_in(browser: Browser, email: str, password: str = PASSWORD, **more: str):
    return browser.post(FORM, {"email": email, "password": password, **more}, page=FORM)


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("password:"))))


def test_cleo_whose_organization_has_no_sso_signs_in(cast: Cast, browser: Browser) -> None:
    answer = sign_in(browser, "Cleo@Globex.example", next="/o/globex/settings/security")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/o/globex/settings/security")
    assert browser.signed_in
    assert actions() == ["password:sign_in:succeeded"]


def test_ana_as_an_admin_has_an_emergency_way_that_is_announced(cast: Cast, browser: Browser) -> None:
    assert sign_in(browser, "ana@acme.example").status_code == 303
    assert actions() == ["password:sign_in:emergency"]


def test_ben_signs_in_through_sso_only(cast: Cast, browser: Browser) -> None:
    answer = sign_in(browser, "ben@acme.example")
    assert answer.status_code == 403
    assert "single sign-on" in check_page(answer.text).words
    assert not browser.signed_in


def test_a_wrong_password_an_unknown_address_and_a_deactivated_account_look_the_same(
    cast: Cast, browser: Browser
) -> None:
    make_user(cast.globex, "gone@globex.example", status="deactivated")
    answers = [
        sign_in(browser, "cleo@globex.example", "not the password"),
        sign_in(browser, "nobody@globex.example"),
        sign_in(browser, "gone@globex.example"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len({check_page(answer.text).words for answer in answers}) == 1
    assert not browser.signed_in


def test_guessing_is_stopped_for_the_account_and_says_when_to_try_again(cast: Cast, browser: Browser) -> None:
    for _ in range(passwords.FAILURES_PER_EMAIL):
        assert sign_in(browser, "cleo@globex.example", "guess").status_code == 422
    answer = sign_in(browser, "cleo@globex.example")
    assert answer.status_code == 429
    assert "15 minutes" in answer.text
    assert not browser.signed_in
    # Another account is not locked out with it.
    assert sign_in(browser, "ana@acme.example").status_code == 303


def test_the_limit_is_over_after_its_window(cast: Cast, browser: Browser) -> None:
    for _ in range(passwords.FAILURES_PER_EMAIL):
        sign_in(browser, "cleo@globex.example", "guess")
    db.session.execute(db.update(SignInAttempt).values(at=now() - passwords.WINDOW))
    db.session.commit()
    assert sign_in(browser, "cleo@globex.example").status_code == 303


def test_one_address_in_two_organizations_chooses(cast: Cast, browser: Browser) -> None:
    both = make_user(cast.acme, "cleo@globex.example", role="viewer")
    answer = sign_in(browser, "cleo@globex.example")
    assert answer.headers["Location"] == "/sign-in/organization"
    page = check_page(browser.get("/sign-in/organization").text)
    assert "Acme" in page.words
    assert "Globex" in page.words
    foreign = browser.post("/sign-in/organization", {"account": str(cast.ana.id)}, page="/sign-in/organization")
    assert foreign.status_code == 422
    chosen = browser.post("/sign-in/organization", {"account": str(both.id)}, page="/sign-in/organization")
    assert chosen.status_code == 303
    assert "Acme" in browser.get("/").text


def test_the_choice_is_nobodys_without_a_password(cast: Cast, browser: Browser) -> None:
    answer = browser.post("/sign-in/organization", {"account": str(cast.ana.id)}, page="/sign-in")
    assert answer.headers["Location"] == "/sign-in"
    assert not browser.signed_in


@pytest.fixture
def link(cast: Cast) -> str:
    return make_password_link(cast.cleo)


def test_a_one_time_link_sets_the_password_once(
    cast: Cast, browser: Browser, get_page: Callable[..., Page], link: str
) -> None:
    get_page(browser, link)
    new = {"password": "three words and a horse", "again": "three words and a horse"}
    assert browser.post(link, new, page=link).status_code == 303
    assert "used before" in get_page(browser, link, status=404).words
    assert sign_in(browser, "cleo@globex.example", new["password"]).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", "short", "12 to 200 characters"),
        ("three words and a horse", "three words and a cow", "differ"),
        ("cleo@globex.example", "cleo@globex.example", "other than your e-mail"),
    ],
)
def test_a_password_that_is_none_is_refused_with_the_reason(
    cast: Cast, browser: Browser, link: str, password: str, again: str, sentence: str
) -> None:
    answer = browser.post(link, {"password": password, "again": again}, page=link)
    assert answer.status_code == 422
    assert sentence in check_page(answer.text).words
    assert password not in answer.text or password == "cleo@globex.example"
    assert db.session.scalars(select(OneTimeLink.used_at)).all() == [None]


def test_an_ended_link_says_what_to_do(cast: Cast, browser: Browser, get_page: Callable[..., Page], link: str) -> None:
    db.session.execute(db.update(OneTimeLink).values(expires_at=now()))
    db.session.commit()
    assert "Ask for a new one" in get_page(browser, link, status=404).words


def test_jit_creates_nobody_by_the_password_form(cast: Cast, browser: Browser) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    assert sign_in(browser, "eve@acme.example").status_code == 422
    assert db.session.scalars(select(User).where(User.email == "eve@acme.example")).all() == []
