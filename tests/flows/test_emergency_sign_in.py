"""The way in for admins when single sign-on does not work: password, second factor, and everybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from database import db
from models import AuditEvent, OutboxMessage, SignInAttempt
from organizations import passwords, second_factor
from tests.authenticator import Clock, Telephone, enrol
from tests.factories import PASSWORD, Cast, make_user
from tests.pages import Page, check_page
from tests.signing_in import Browser

GetPage = Callable[..., Page]
EMERGENCY, ORDINARY, STEP = "/sign-in/emergency", "/sign-in/password", "/sign-in/second-factor"
ANA = "ana@acme.example"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def enrolled(cast: Cast, clock: Clock) -> tuple[Telephone, list[str]]:
    """Ana's telephone and her recovery codes."""
    return enrol(cast.ana, clock)


def write_password(browser: Browser, email: str = ANA, password: str = PASSWORD, page: str = EMERGENCY):
    return browser.post(page, {"email": email, "password": password}, page=page)


def write_code(browser: Browser, code: str):
    return browser.post(STEP, {"code": code}, page=STEP)


def events(action: str) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def reasons() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(SignInAttempt.reason).order_by(SignInAttempt.id)))


def test_it_is_linked_at_the_foot_of_the_sign_in_pages(cast: Cast, browser: Browser, get_page: GetPage) -> None:
    assert get_page(browser, "/sign-in").links()["Emergency sign-in for admins"] == EMERGENCY
    assert get_page(browser, "/o/acme").links()["Emergency sign-in for admins"] == f"{EMERGENCY}?organization=acme"
    assert "Emergency sign-in for admins" not in get_page(browser, "/o/globex").links()
    assert "when single sign-on does not work" in get_page(browser, EMERGENCY).words


def test_without_a_second_factor_the_password_is_enough_and_the_log_says_so(cast: Cast, browser: Browser) -> None:
    assert write_password(browser).headers["Location"] == "/"
    assert browser.signed_in
    [event] = events("password:sign_in:emergency")
    assert (event.actor, event.details) == (ANA, {"second_factor": "none"})
    assert event.reference


def test_the_other_admins_are_told_and_nobody_else(cast: Cast, browser: Browser) -> None:
    make_user(cast.acme, "gone@acme.example", role="admin", status="deactivated")
    write_password(browser)
    db.session.rollback()
    [message] = db.session.scalars(select(OutboxMessage)).all()
    [event] = events("password:sign_in:emergency")
    assert message.recipient == "root@acme.example"
    assert message.subject == "Emergency sign-in to Acme by ana@acme.example"
    for fact in (ANA, "127.0.0.1", "UTC", "password alone", event.reference, "If it was not", "support@"):
        assert fact in message.body, fact
    assert f"/o/acme/settings/audit-log?q={event.reference}" in message.body


def test_a_sign_in_that_was_rolled_back_mails_nobody(cast: Cast, browser: Browser) -> None:
    write_password(browser, "cleo@globex.example")
    write_password(browser, ANA, "wrong")
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize("page", [EMERGENCY, ORDINARY, f"{ORDINARY}?organization=acme"])
def test_with_one_the_password_leads_to_the_code_on_whichever_page(
    enrolled: tuple[Telephone, list[str]], browser: Browser, get_page: GetPage, page: str
) -> None:
    telephone, _codes = enrolled
    assert write_password(browser, page=page).headers["Location"] == STEP
    assert not browser.signed_in
    assert get_page(browser, STEP).h1 == "Write your code"
    assert write_code(browser, telephone.code()).headers["Location"] == "/"
    assert browser.signed_in
    assert events("password:sign_in:emergency")[0].details == {"second_factor": "totp"}


def test_the_choice_of_an_organization_is_no_way_around_it(
    cast: Cast, enrolled: tuple[Telephone, list[str]], browser: Browser
) -> None:
    make_user(cast.globex, ANA)
    assert write_password(browser).headers["Location"] == "/sign-in/organization"
    page = "/sign-in/organization"
    chosen = browser.post(page, {"account": str(cast.ana.id)}, page=page)
    assert chosen.headers["Location"] == STEP
    assert not browser.signed_in


def test_an_organization_without_sso_asks_for_it_too_once_it_is_there(
    cast: Cast, browser: Browser, clock: Clock
) -> None:
    telephone, _codes = enrol(cast.cleo, clock)
    assert write_password(browser, "cleo@globex.example", page=ORDINARY).headers["Location"] == STEP
    assert write_code(browser, telephone.code()).status_code == 303
    assert browser.signed_in
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_nothing_tells_of_a_second_factor_before_the_password_was_right(
    enrolled: tuple[Telephone, list[str]], cast: Cast, browser: Browser
) -> None:
    people = (ANA, "root@acme.example", "ben@acme.example", "nobody@acme.example")
    answers = [write_password(browser, email, "not the password") for email in people]
    assert {answer.status_code for answer in answers} == {422}
    pages = {check_page(answer.text.replace(email, "X")).words for answer, email in zip(answers, people, strict=True)}
    assert len(pages) == 1


def test_the_second_page_is_nobodys_without_the_first(
    enrolled: tuple[Telephone, list[str]], browser: Browser, clock: Clock
) -> None:
    telephone, _codes = enrolled
    assert browser.get(STEP).headers["Location"] == EMERGENCY
    answer = browser.post(STEP, {"code": telephone.code()}, page="/sign-in")
    assert answer.headers["Location"] == EMERGENCY
    assert not browser.signed_in


@pytest.mark.parametrize("what", ["five minutes", "another password", "deactivated", "removed"])
def test_the_state_between_the_pages_ends(
    cast: Cast, enrolled: tuple[Telephone, list[str]], browser: Browser, clock: Clock, what: str
) -> None:
    telephone, _codes = enrolled
    write_password(browser)
    token = browser.csrf_token(STEP)
    if what == "five minutes":
        clock.move(seconds=301)
    elif what == "another password":
        passwords.set_password(cast.ana, "quite another password")
    elif what == "deactivated":
        cast.ana.status = "deactivated"
    else:
        second_factor.remove(cast.ana)
    db.session.commit()
    answer = browser.client.post(STEP, data={"code": telephone.code(), "csrf_token": token})
    assert answer.headers["Location"] == EMERGENCY
    assert not browser.signed_in


def test_a_code_is_good_for_one_step_before_and_after_and_once(
    enrolled: tuple[Telephone, list[str]], browser: Browser, another_browser: Browser, clock: Clock
) -> None:
    telephone, _codes = enrolled
    clock.move(minutes=2)
    for steps in (-2, 2):
        write_password(browser)
        assert write_code(browser, telephone.code(steps)).status_code == 422
    used = telephone.code(-1)
    assert write_code(browser, used).status_code == 303
    write_password(another_browser)
    assert write_code(another_browser, used).status_code == 422
    assert not another_browser.signed_in
    assert write_code(another_browser, telephone.code(1)).status_code == 303
    # After a later one, an earlier one is not taken either.
    third = Browser(another_browser.app)
    write_password(third)
    assert write_code(third, telephone.code()).status_code == 422


def test_a_recovery_code_counts_once_and_what_is_left_is_said(
    enrolled: tuple[Telephone, list[str]], browser: Browser, another_browser: Browser, get_page: GetPage
) -> None:
    _telephone, codes = enrolled
    write_password(browser)
    assert write_code(browser, codes[3].lower().replace("-", " ")).status_code == 303
    assert "You have 9 left" in get_page(browser, "/").words
    assert "9 recovery codes are left" in get_page(browser, "/o/acme/settings/profile").words
    assert events("password:sign_in:emergency")[0].details == {"second_factor": "recovery_code"}
    write_password(another_browser)
    assert write_code(another_browser, codes[3]).status_code == 422
    assert write_code(another_browser, codes[4]).status_code == 303


@pytest.mark.parametrize("code", ["000000", "12345", "ABCDE-FGHJK-MNPQR-STUVW", "１２３４５６", "’; --", "x" * 64])
def test_a_wrong_code_is_refused_and_stands_in_the_log(
    enrolled: tuple[Telephone, list[str]], browser: Browser, code: str
) -> None:
    write_password(browser)
    answer = write_code(browser, code)
    assert answer.status_code == 422
    field = check_page(answer.text).by_id("code")
    assert field is not None
    assert field.get("aria-invalid") == "true"
    assert not browser.signed_in
    assert [event.details for event in events("password:sign_in:refused")] == [{"reason": "wrong_second_factor"}]


def test_wrong_codes_are_counted_with_wrong_passwords_and_then_nothing_is_taken(
    enrolled: tuple[Telephone, list[str]], browser: Browser, another_browser: Browser
) -> None:
    telephone, codes = enrolled
    write_password(browser)
    write_password(another_browser)
    for _ in range(passwords.FAILURES_PER_EMAIL):
        assert write_code(browser, "000000").status_code == 422
    for right in (telephone.code(), codes[0]):
        answer = write_code(another_browser, right)
        assert answer.status_code == 429
        assert "Wait 15 minutes" in check_page(answer.text).words
    assert write_password(browser).status_code == 429
    assert not another_browser.signed_in
    assert reasons() == ["wrong_second_factor"] * 8 + ["throttled"] * 3


def test_everybody_else_is_told_that_it_is_not_for_them(cast: Cast, browser: Browser) -> None:
    answer = write_password(browser, "ben@acme.example")
    assert answer.status_code == 403
    assert "single sign-on" in check_page(answer.text).words
    assert not browser.signed_in


def test_the_house_has_one_place_where_a_password_signs_in() -> None:
    """Whatever page comes next: `sessions.start` is called behind the second factor only."""
    folder = Path(__file__).parents[2] / "blueprints"
    callers = [path.name for path in folder.rglob("*.py") if "sessions.start(" in path.read_text()]
    assert callers == ["second_factor.py"]
