"""Two posts of one code at the same moment: one is signed in, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from database import begin_write, db
from models import SignInSession, User
from organizations import passwords, second_factor
from tests.authenticator import KEYS, Clock, enrol
from tests.factories import PASSWORD, Cast
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
STEP = "/sign-in/second-factor"
AT_ONCE = 6


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def at_the_step(app: Flask) -> tuple[Browser, str]:
    browser = Browser(app)
    form = {"email": "ana@acme.example", "password": PASSWORD}
    assert browser.post("/sign-in/emergency", form, page="/sign-in").headers["Location"] == STEP
    return browser, browser.csrf_token(STEP)


def post_at_once(browsers: list[tuple[Browser, str]], code: str) -> list[int]:
    barrier = Barrier(len(browsers))

    def post(prepared: tuple[Browser, str]) -> int:
        browser, token = prepared
        barrier.wait(10)
        return browser.client.post(STEP, data={"code": code, "csrf_token": token}).status_code

    with ThreadPoolExecutor(len(browsers)) as threads:
        return sorted(threads.map(post, browsers))


@pytest.mark.parametrize("kind", ["totp", "recovery code"])
def test_posted_at_once(app: Flask, cast: Cast, clock: Clock, kind: str) -> None:
    telephone, codes = enrol(cast.ana, clock)
    browsers = [at_the_step(app) for _ in range(AT_ONCE)]
    db.session.remove()
    statuses = post_at_once(browsers, telephone.code() if kind == "totp" else codes[0])
    assert statuses == [303] + [422] * (AT_ONCE - 1)
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_guesses_at_once_are_counted_one_after_the_other(app: Flask, cast: Cast, clock: Clock) -> None:
    enrol(cast.ana, clock)
    browsers = [at_the_step(app) for _ in range(passwords.FAILURES_PER_EMAIL + 4)]
    db.session.remove()
    statuses = post_at_once(browsers, "000000")
    assert statuses == [422] * passwords.FAILURES_PER_EMAIL + [429] * 4


@pytest.mark.parametrize("kind", ["totp", "recovery code"])
def test_the_database_decides_without_any_lock_before(app: Flask, cast: Cast, clock: Clock, kind: str) -> None:
    """One transaction has used the code and is still open when another one tries."""
    telephone, codes = enrol(cast.ana, clock)
    code, user_id = telephone.code() if kind == "totp" else codes[0], cast.ana.id
    used: list[str | None] = []

    def use_it() -> None:
        with app.app_context():
            begin_write()
            user = db.session.get_one(User, user_id)
            used.append(second_factor.use(user, code, KEYS))
            db.session.commit()

    begin_write()
    user = db.session.get_one(User, user_id)
    assert second_factor.use(user, code, KEYS) is not None
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(use_it)
        with pytest.raises(TimeoutError):
            other.result(0.3)  # it waits for us
        db.session.commit()
        other.result(10)
    assert used == [None]
