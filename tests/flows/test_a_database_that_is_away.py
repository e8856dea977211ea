"""A database that is locked or away: a clear page or notice with 503, and nothing half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import database
from database import db
from models import Organization, SignInAttempt, User
from tests.factories import EVE, Cast
from tests.pages import check_page
from tests.signing_in import Browser


@pytest.fixture(autouse=True)
def impatient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections made from here on wait 20 ms for a lock, not five seconds."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)


def path_of() -> Path:
    return Path(db.engine.url.database or "")


@contextmanager
def locked() -> Iterator[None]:
    """Another process writes, and does not finish."""
    db.session.remove()
    path = path_of()
    db.engine.dispose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def away() -> Iterator[None]:
    db.session.remove()
    path = path_of()
    db.engine.dispose()
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    path.mkdir()  # a folder in its place cannot be opened
    try:
        yield
    finally:
        path.rmdir()
        hidden.rename(path)


def test_a_locked_database_at_the_acs_writes_nothing_and_the_answer_still_works(cast: Cast, browser: Browser) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    acme = cast.acme
    answer = browser.answer_for(acme, EVE)
    with locked():
        response = browser.post_answer(answer)
        assert response.status_code == 503
        assert "Try again in a moment" in check_page(response.text).words
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0
    assert db.session.scalars(select(User).where(User.email == EVE.email)).all() == []
    assert browser.post_answer(answer).status_code == 303


def test_a_locked_database_at_the_switch_is_a_notice_that_leaves_the_page(cast: Cast, browser: Browser) -> None:
    browser.sign_in_as(cast.ana)
    token = browser.csrf_token("/")
    with locked():
        response = browser.client.post(
            "/o/acme/settings/security/jit",
            data={"enabled": "on", "csrf_token": token},
            headers={"HX-Request": "true"},
        )
    assert response.status_code == 503
    assert response.headers["HX-Reswap"] == "none"
    assert "Nothing was changed" in response.text
    assert db.session.scalars(select(Organization.jit_on).where(Organization.slug == "acme")).one() is False


@pytest.mark.parametrize("path", ["/", "/o/acme/settings/security", "/o/acme", "/sign-out"])
def test_a_database_that_is_away_is_a_page_for_everybody(cast: Cast, browser: Browser, path: str) -> None:
    browser.sign_in_as(cast.ana)
    token = browser.csrf_token("/")
    with away():
        if path == "/sign-out":
            response = browser.client.post(path, data={"csrf_token": token})
        else:
            response = browser.client.get(path)
    assert response.status_code == 503
    check_page(response.text)


def test_a_database_that_is_away_does_not_stop_the_sign_in_page(app: Flask, browser: Browser) -> None:
    with away():
        assert browser.client.get("/sign-in").status_code == 200
