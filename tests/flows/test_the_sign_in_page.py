"""E-mail first; the answer depends on the domain alone. Deep links, open redirects, signing out."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from database import db
from demo.cast import Person
from models import PendingRequest, SignInSession
from tests.conftest import BASE_URL
from tests.factories import EVE, Cast
from tests.pages import Page, check_page
from tests.signing_in import Browser

GetPage = Callable[..., Page]
SECURITY = "/o/acme/settings/security"


def test_an_address_of_an_sso_domain_goes_on_to_the_identity_provider(cast: Cast, browser: Browser) -> None:
    answer = browser.post("/sign-in", {"email": "Somebody@ACME.example"}, page="/sign-in")
    assert answer.status_code == 200
    page = check_page(answer.text)
    start = f"/saml/{cast.acme.connection.public_id}/start?next=/"
    assert start in page.links().values()
    assert f'content="0; url={start}"' in answer.text
    assert browser.get(start).headers["Location"].startswith("http://127.0.0.1:8001/acme/sso?SAMLRequest=")


@pytest.mark.parametrize("domain", ["acme.example", "globex.example", "nowhere.example"])
def test_the_answer_does_not_tell_whether_an_account_exists(cast: Cast, browser: Browser, domain: str) -> None:
    pages = [
        browser.post("/sign-in", {"email": f"{name}@{domain}"}, page="/sign-in").text.replace(name, "NAME")
        for name in ("ana", "cleo", "nobody-at-all")
    ]
    without_tokens = [check_page(page).words for page in pages]
    assert len(set(without_tokens)) == 1


@pytest.mark.parametrize("typed", ["ana", "ana@", "@acme.example", "ana@acme", "", "a b@acme.example", "x" * 300])
def test_an_address_that_is_none_comes_back_with_a_sentence(cast: Cast, browser: Browser, typed: str) -> None:
    answer = browser.post("/sign-in", {"email": typed}, page="/sign-in")
    assert answer.status_code == 422
    page = check_page(answer.text)
    field = page.by_id("email")
    assert field is not None
    assert field.get("aria-invalid") == "true"
    assert field.get("value", "") == typed
    assert "Write " in page.words
    assert "cannot be longer" not in page.words, "one reason is enough"


def test_the_deep_link_leads_to_the_identity_provider(cast: Cast, browser: Browser, get_page: GetPage) -> None:
    page = get_page(browser, "/o/acme")
    assert f"/saml/{cast.acme.connection.public_id}/start" in page.links().values()
    assert "/sign-in/password?organization=globex" in get_page(browser, "/o/globex").links().values()


def test_the_deep_link_of_nobody_says_what_to_do(app: object, browser: Browser, get_page: GetPage) -> None:
    page = get_page(browser, "/o/unknown", status=404)
    assert "Check the link, or sign in with your e-mail address." in page.words


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(cast: Cast, browser: Browser, target: str) -> None:
    posted = browser.post_answer(browser.answer_for(cast.acme, EVE, next_path=target))
    assert posted.status_code == 403  # JIT is off; what matters is what was stored
    assert db.session.scalars(select(PendingRequest.return_path)).all() == ["/"]
    ana = browser.sign_in_as(cast.ana)
    assert ana.client.get("/sign-in", query_string={"next": target}).headers["Location"] == "/"


def test_signing_out_ends_the_session_everywhere_its_cookie_went(cast: Cast, browser: Browser) -> None:
    browser.sign_in_as(cast.ana)
    with browser.client.session_transaction() as cookie:
        stolen = cookie["_user_id"]
    answer = browser.post("/sign-out", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signed-out")
    assert not browser.signed_in
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = stolen
    assert not browser.signed_in


def test_every_sign_in_has_a_new_session_id(cast: Cast, browser: Browser) -> None:
    ids = []
    for _ in range(2):
        browser.sso(cast.acme, factories_ana())
        with browser.client.session_transaction() as cookie:
            ids.append(cookie["_user_id"])
    assert len(set(ids)) == 2
    stored = db.session.scalars(select(SignInSession.token_hash)).all()
    assert not set(ids) & set(stored)


def test_a_deactivated_person_is_out_at_the_next_request(cast: Cast, browser: Browser) -> None:
    browser.sign_in_as(cast.ben)
    assert browser.signed_in
    cast.ben.status = "deactivated"
    db.session.commit()
    assert not browser.signed_in


def factories_ana() -> object:
    from demo.cast import Person

    return Person("ana@acme.example", "Ana", "Sousa")


def test_an_answer_that_is_sent_once_more_does_not_say_that_nobody_is_signed_in(cast: Cast, browser: Browser) -> None:
    ben = Person(cast.ben.email, "Ben", "Okafor")
    answer = browser.answer_for(cast.acme, ben)
    browser.get(browser.post_answer(answer).headers["Location"])
    refused = browser.post_answer(answer)
    assert refused.status_code == 403
    page = check_page(refused.text)
    assert page.h1 == "This sign-in is not accepted"
    assert "You are still signed in as ben@acme.example." in page.words
    assert "Sign in again" not in page.words
    assert browser.signed_in


@pytest.mark.parametrize("htmx", [False, True])
def test_whoever_sends_a_form_after_their_session_has_ended_comes_back_to_its_page(
    cast: Cast, browser: Browser, htmx: bool
) -> None:
    pages = {
        f"{BASE_URL}{SECURITY}": SECURITY,
        f"{BASE_URL}/o/acme/settings/people?q=a%26b": "/o/acme/settings/people?q=a%26b",
        f"{BASE_URL}{SECURITY}/jit/try": None,  # takes a form only
        f"{BASE_URL}/nothing": None,
        f"https://elsewhere.example{SECURITY}": None,
        "": None,
    }
    for page, back in pages.items():
        headers = {"Referer": page} | ({"HX-Request": "true"} if htmx else {})
        answer = browser.client.post(f"{SECURITY}/jit", data={"enabled": "on"}, headers=headers)
        target = answer.headers["HX-Redirect" if htmx else "Location"]
        assert parse_qs(urlsplit(target).query) == ({"next": [back]} if back else {}), page
        assert urlsplit(target).path == "/sign-in"
        assert "Your session has ended. Nothing was changed." in check_page(browser.get(target).text).words
    assert "Your session has ended" not in browser.get(SECURITY, follow_redirects=True).text
