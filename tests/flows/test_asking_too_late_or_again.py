"""Ask my admin, from a form that is too old or of another browser, and from somebody who has asked already."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from blueprints.auth import ask_form
from database import db, now
from models import AuditEvent, MissedSignIn
from tests.factories import EVE, Cast
from tests.flows.test_asking_an_admin import FINN, ask, asked, mails, row, token_in
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


def test_what_is_no_token_of_this_browser_is_refused(
    app: Flask, cast: Cast, browser: Browser, another_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    token_in(another_browser.sso(cast.acme, FINN))
    assert ask(another_browser, token).status_code == 400
    assert ask(browser, token + "x").status_code == 400
    assert ask(browser, browser.csrf_token("/sign-in")).status_code == 400
    monkeypatch.setattr(ask_form.browser, "BINDING_SECONDS", -1)
    assert ask(browser, token).status_code == 400
    assert asked() == []


def test_who_asks_too_late_reads_how_to_ask_and_nothing_is_changed(
    app: Flask, cast: Cast, browser: Browser, another_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page with the form cannot be loaded again: it was the answer to the identity provider's POST."""
    token = token_in(browser.sso(cast.acme, EVE))
    token_in(another_browser.sso(cast.acme, FINN))
    reference = row().reference
    events = db.session.query(AuditEvent).count()
    elsewhere, forged = ask(another_browser, token, "Please"), ask(browser, "x" + token)
    without_cookie = ask(Browser(app), token)
    monkeypatch.setattr(ask_form.browser, "BINDING_SECONDS", -1)
    late = ask(browser, token, "Please")
    for answer in (late, elsewhere, forged, without_cookie):
        page = check_page(answer.text)
        assert (answer.status_code, page.h1) == (400, "Your admin was not asked")
        assert "15 minutes after the attempt, in the same browser. Sign in again, then ask." in page.words
        assert page.links()["Sign in again"] == "/saml/acme-connection/start"
        assert "Whom to ask at Acme: it@acme.example" in page.words
        assert not page.forms()
        assert (reference in answer.text) == (answer is late), "told to the browser that made the attempt, no other"
    assert (asked(), mails(), row().asked_at, row().question) == ([], [], None, None)
    assert db.session.query(AuditEvent).count() == events


def test_who_has_asked_lately_reads_so_in_place_of_the_form(
    app: Flask, cast: Cast, browser: Browser, another_browser: Browser
) -> None:
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    for anywhere in (browser, another_browser):
        refused = anywhere.sso(cast.acme, EVE)
        page = check_page(refused.text)
        assert refused.status_code == 403
        assert "You have asked already. Your admin sees it." in page.words
        assert "Ask them here" not in page.words
        assert not page.forms()
        assert row().reference in page.words
    assert "You have asked" not in Browser(app).sso(cast.acme, FINN).text, "that is told to the person themselves"
    db.session.execute(update(MissedSignIn).values(closed_at=now()))
    db.session.commit()
    token_in(browser.sso(cast.acme, EVE))
