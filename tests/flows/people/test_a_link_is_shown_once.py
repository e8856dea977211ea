"""The link of an invitation is on one page, once: loading that page again makes no other and ends nothing."""

from __future__ import annotations

import base64
import re
import zlib
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask

from blueprints.settings.people import shown_once
from database import db, now
from models import User
from tests.conftest import BASE_URL
from tests.factories import EVE, Cast, make_user
from tests.flows.people.conftest import PEOPLE, events, number_of_links, page_of, person
from tests.pages import check_page
from tests.signing_in import Browser

OUTSIDE = "partner@elsewhere.example"
_LINK = re.compile(r"/set-password/([\w-]+)")
ONCE = "A link is shown only once."


@pytest.fixture(params=["invite", "invite again"])
def link(request: pytest.FixtureRequest, ana: Browser) -> str:
    """The page where Ana is sent to; she has not been there."""
    made = ana.post(f"{PEOPLE}/invite", {"email": OUTSIDE, "role": "viewer", "by": "link"})
    if request.param == "invite again":
        made = ana.post(f"{page_of(partner())}/invite-again", {"by": "link"})
    assert (made.status_code, made.location) == (303, f"{page_of(partner())}/link")
    assert not _LINK.search(made.text)
    return made.location


def partner() -> User:
    found = person(OUTSIDE)
    assert found
    return found


def token(browser: Browser, page: str) -> str | None:
    answer = browser.get(page)
    if answer.status_code == 303:
        assert answer.location == page.removesuffix("/link")
        assert ONCE in browser.get(answer.location).text
        return None
    found = _LINK.search(check_page(answer.text).text)
    return found and found[1]


def test_loaded_again_it_shows_and_ends_nothing(app: Flask, ana: Browser, link: str) -> None:
    sent = len(events("admin:invitation:sent"))
    shown = token(ana, link)
    assert shown
    for _ in range(2):
        assert token(ana, link) is None
    assert Browser(app).get(f"/set-password/{shown}").status_code == 200
    assert number_of_links(partner()) == 1
    assert len(events("admin:invitation:sent")) == sent


def test_the_cookie_keeps_it_closed_and_only_until_it_was_shown(ana: Browser, link: str) -> None:
    before = cookie(ana)
    assert shown_once.SLOT in before
    assert "set-password" not in before
    shown = token(ana, link)
    assert shown
    assert shown not in before
    assert shown_once.SLOT not in cookie(ana)


def test_it_is_for_the_admin_who_made_it_and_for_this_person(app: Flask, cast: Cast, ana: Browser, link: str) -> None:
    with ana.client.session_transaction() as session:
        sealed = session[shown_once.SLOT]
    boss = Browser(app).sign_in_as(make_user(cast.acme, "boss@acme.example", role="admin"))
    with boss.client.session_transaction() as session:
        session[shown_once.SLOT] = sealed
    assert token(boss, link) is None
    assert token(ana, f"{page_of(cast.ben)}/link") is None
    assert token(ana, link) is None, "what was asked for wrongly is gone"


def test_it_ends_soon(ana: Browser, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    later = now() + shown_once.LIFETIME + timedelta(seconds=2)
    monkeypatch.setattr(shown_once, "now", lambda: later)
    assert token(ana, link) is None


def test_somebody_who_accepted_meanwhile_has_none(app: Flask, ana: Browser, link: str) -> None:
    partner().status = "active"
    db.session.commit()
    assert token(ana, link) is None


def test_without_one_the_page_leads_back(ana: Browser, cast: Cast) -> None:
    assert token(ana, f"{page_of(cast.ben)}/link") is None


def test_where_signing_in_through_sso_begins_is_no_secret(cast: Cast, ana: Browser, get_page) -> None:
    made = ana.post(f"{PEOPLE}/invite", {"email": EVE.email, "role": "viewer", "by": "link"})
    for _ in range(3):
        page = get_page(ana, made.location)
        assert f"{BASE_URL}/o/acme" in page.words
        assert "the address is no secret" in page.words
    person(EVE.email).status = "active"
    db.session.commit()
    assert token(ana, made.location) is None


def cookie(browser: Browser) -> str:
    """The session of this browser as whoever has the cookie reads it."""
    found = browser.client.get_cookie("latchkey")
    assert found
    assert found.http_only
    value = unquote(found.value)
    payload = value.lstrip(".").split(".")[0]
    content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (zlib.decompress(content) if value.startswith(".") else content).decode()
