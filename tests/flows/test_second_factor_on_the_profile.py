"""Settings → Profile: an admin adds a second factor, makes recovery codes, and removes it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db
from models import AuditEvent, RecoveryCode, SignInAttempt, User
from organizations import passwords, second_factor
from tests.authenticator import KEYS, Clock, Telephone, enrol
from tests.factories import PASSWORD, Cast
from tests.pages import Page, check_page
from tests.signing_in import Browser

GetPage = Callable[..., Page]
PROFILE = "/o/acme/settings/profile"
FACTOR = f"{PROFILE}/second-factor"
BEGIN, CODES, REMOVE = f"{FACTOR}/begin", f"{FACTOR}/recovery-codes", f"{FACTOR}/remove"
CODE = re.compile(r"\b(?:[2-9A-Z]{5}-){3}[2-9A-Z]{5}\b")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana, "sso")


def actions() -> list[str]:
    db.session.rollback()
    found = select(AuditEvent.action).where(AuditEvent.action.startswith("user:")).order_by(AuditEvent.id)
    return list(db.session.scalars(found))


def secret_on(page: Page) -> str:
    element = page.by_id("secret")
    assert element is not None
    return "".join(element.itertext()).strip()


def test_from_off_to_on_with_recovery_codes_shown_once(
    cast: Cast, ana: Browser, get_page: GetPage, clock: Clock
) -> None:
    assert "Off. With an authenticator app" in get_page(ana, PROFILE).words
    assert ana.post(BEGIN, {}).headers["Location"] == FACTOR
    page = get_page(ana, FACTOR)
    telephone = Telephone(secret_on(page), clock)
    assert '<svg class="qr"' in page.text
    # Not yet: nothing is asked of anybody before the first code.
    assert not second_factor.is_enrolled(db.session.get_one(User, cast.ana.id))
    answer = ana.post(FACTOR, {"code": f" {telephone.code()[:3]} {telephone.code()[3:]} "})
    shown = check_page(answer.text)
    codes = CODE.findall(shown.text)
    assert len(codes) == len(set(codes)) == 10
    assert actions() == ["user:totp:enrolled", "user:recovery_codes:made"]
    for path in (PROFILE, FACTOR):
        later = get_page(ana, path)
        assert not CODE.findall(later.text)
        assert telephone._app.secret not in later.text
    assert "10 recovery codes are left" in get_page(ana, PROFILE).words
    # Sent again, by reloading: nothing is changed.
    assert ana.post(FACTOR, {"code": telephone.code(1)}).headers["Location"] == PROFILE
    assert actions() == ["user:totp:enrolled", "user:recovery_codes:made"]


def test_what_is_stored_is_neither_the_secret_nor_a_code(cast: Cast, clock: Clock) -> None:
    telephone, codes = enrol(cast.ana, clock)
    assert telephone._app.secret.encode() not in (cast.ana.totp_secret or b"")
    stored = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(stored) == 10
    assert all(re.fullmatch(r"[0-9a-f]{64}", code_hash) for code_hash in stored)
    assert not set(stored) & {*codes, *(code.replace("-", "") for code in codes)}


@pytest.mark.parametrize(("code", "sentence"), [("", "Write the six digits"), ("000000", "The code is not right")])
def test_a_wrong_first_code_turns_nothing_on_and_keeps_the_secret(
    cast: Cast, ana: Browser, get_page: GetPage, clock: Clock, code: str, sentence: str
) -> None:
    ana.post(BEGIN, {})
    secret = secret_on(get_page(ana, FACTOR))
    answer = ana.post(FACTOR, {"code": code})
    assert answer.status_code == 422
    page = check_page(answer.text)
    assert sentence in page.words
    assert secret_on(page) == secret
    assert actions() == []


def test_the_code_that_turned_it_on_does_not_sign_in(
    cast: Cast, ana: Browser, another_browser: Browser, get_page: GetPage, clock: Clock
) -> None:
    ana.post(BEGIN, {})
    telephone = Telephone(secret_on(get_page(ana, FACTOR)), clock)
    ana.post(FACTOR, {"code": telephone.code()})
    form = {"email": "ana@acme.example", "password": PASSWORD}
    another_browser.post("/sign-in/emergency", form, page="/sign-in/emergency")
    step = "/sign-in/second-factor"
    assert another_browser.post(step, {"code": telephone.code()}, page=step).status_code == 422


@pytest.mark.parametrize("proof", ["password", "code", "recovery code"])
def test_new_recovery_codes_take_the_place_of_the_old_ones(cast: Cast, ana: Browser, clock: Clock, proof: str) -> None:
    telephone, old = enrol(cast.ana, clock)
    written = {"password": PASSWORD, "code": telephone.code(), "recovery code": old[0]}[proof]
    page = check_page(ana.post(CODES, {"proof": written}).text)
    new = CODE.findall(page.text)
    assert len(new) == 10
    assert not set(new) & set(old)
    user = db.session.get_one(User, cast.ana.id)
    assert second_factor.use(user, old[1], KEYS) is None
    assert second_factor.use(user, new[0], KEYS) == "recovery_code"


@pytest.mark.parametrize("proof", ["password", "code"])
def test_removing_it_asks_who_it_is(cast: Cast, ana: Browser, get_page: GetPage, clock: Clock, proof: str) -> None:
    telephone, _codes = enrol(cast.ana, clock)
    get_page(ana, FACTOR)
    written = {"password": PASSWORD, "code": telephone.code()}[proof]
    assert ana.post(REMOVE, {"proof": written}).headers["Location"] == PROFILE
    assert "Your password alone opens the emergency sign-in" in get_page(ana, PROFILE).words
    assert actions()[-1] == "user:totp:removed"
    user = db.session.get_one(User, cast.ana.id)
    assert (user.totp_secret, user.totp_confirmed_at, user.totp_last_step) == (None, None, None)
    assert db.session.scalars(select(RecoveryCode)).all() == []


@pytest.mark.parametrize("path", [CODES, REMOVE])
def test_a_wrong_proof_changes_nothing_and_is_counted(cast: Cast, ana: Browser, clock: Clock, path: str) -> None:
    telephone, codes = enrol(cast.ana, clock)
    before = actions()
    assert ana.post(path, {"proof": ""}).status_code == 422
    for _ in range(passwords.FAILURES_PER_EMAIL):
        answer = ana.post(path, {"proof": "not the password"})
        assert answer.status_code == 422
    assert "neither your password nor a code" in check_page(answer.text).words
    for right in (PASSWORD, telephone.code(), codes[0]):
        assert ana.post(path, {"proof": right}).status_code == 429
    assert actions() == before
    assert db.session.scalars(select(SignInAttempt.reason)).all() == ["wrong_second_factor"] * 8
    assert second_factor.use(db.session.get_one(User, cast.ana.id), codes[0], KEYS) == "recovery_code"


def test_beginning_again_does_not_touch_the_one_there_is(cast: Cast, ana: Browser, clock: Clock) -> None:
    telephone, _codes = enrol(cast.ana, clock)
    assert ana.post(BEGIN, {}).status_code == 303
    assert second_factor.use(db.session.get_one(User, cast.ana.id), telephone.code(), KEYS) == "totp"


def test_without_a_password_the_page_says_so_and_how_to_get_one(cast: Cast, ana: Browser, get_page: GetPage) -> None:
    assert "You have none" not in get_page(ana, PROFILE).words
    cast.ana.password_hash = None
    db.session.commit()
    words = get_page(ana, PROFILE).words
    assert "You have none, so the emergency sign-in does not let you in." in words
    assert "support@latchkey.example" in words


def test_whoever_is_no_admin_has_none_of_it(cast: Cast, browser: Browser, get_page: GetPage) -> None:
    browser.sign_in_as(cast.ben)
    assert "Emergency sign-in" not in get_page(browser, PROFILE).words
    for path in (BEGIN, FACTOR, CODES, REMOVE):
        assert browser.post(path, {}).status_code == 403
