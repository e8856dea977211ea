"""Undo a time window: exactly who was created and shown is deactivated, and signed out at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from database import db, now
from demo.cast import Person
from models import AuditEvent, User
from organizations import undo
from tests.factories import EVE, Cast, make_user
from tests.flows.test_constant_number_of_queries import counted
from tests.pages import Page, check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
UNDO = "/o/acme/settings/security/undo"
ACCOUNTS = f"{UNDO}/accounts"
PEOPLE = [Person(f"{name}@acme.example", name.title(), "Novak") for name in ("fay", "gus", "hal")]


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    cast.acme.jit_on = True
    db.session.commit()
    return another_browser.sign_in_as(cast.ana)


def window(begins: datetime | None = None, ends: datetime | None = None) -> dict[str, str]:
    begins, ends = begins or now() - timedelta(hours=1), ends or now() + timedelta(hours=1)
    return {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{ends:%Y-%m-%dT%H:%M}"}


def user(person: Person = EVE) -> User:
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == person.email)).one()


def show(ana: Browser, **wanted: datetime) -> Page:
    db.session.rollback()
    answer = ana.get(ACCOUNTS, query_string=window(**wanted))
    assert answer.status_code == 200
    return check_page(answer.text)


def confirm(ana: Browser, page: Page) -> None:
    fields = [field for form in page.forms() for field in form.iter("input") if form.get("action") == UNDO]
    data = {field.get("name"): field.get("value") for field in fields if field.get("type") == "hidden"}
    assert ana.post(UNDO, data).status_code == 303


def deactivated() -> list[tuple[str, str]]:
    query = select(AuditEvent).where(AuditEvent.action == "admin:account:deactivated").order_by(AuditEvent.id)
    return [(event.subject, event.details["because"]) for event in db.session.scalars(query)]


def test_those_created_then_are_shown_with_what_they_did_and_ended_together(
    app: Flask, cast: Cast, browser: Browser, ana: Browser
) -> None:
    browser.sso(cast.acme, EVE)
    browser.sso(cast.acme, EVE)
    Browser(app).sso(cast.acme, PEOPLE[0])
    words = show(ana)
    assert "Eve Lindqvist" in words.words
    assert "2 sign-ins" in words.words
    assert "Deactivate 2 accounts" in words.words
    assert cast.ben.email not in words.words
    assert browser.signed_in
    confirm(ana, words)
    assert not browser.signed_in
    assert (user().status, user(PEOPLE[0]).status) == ("deactivated", "deactivated")
    assert [subject for subject, _ in deactivated()] == [EVE.email, PEOPLE[0].email]
    assert all(because.startswith("undo of 20") and because.endswith(" UTC") for _, because in deactivated())
    assert browser.sso(cast.acme, EVE).status_code == 403
    assert "No account that still works" in show(ana).words


def test_the_first_page_asks_for_the_time_and_has_nothing_to_confirm(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    browser.sso(cast.acme, EVE)
    page = check_page(ana.get(UNDO).text)
    assert EVE.email not in page.text
    assert "by first sign-ins or by admins for people who were turned away" in page.words
    forms = [(form.get("method"), form.get("action")) for form in page.forms()]
    assert forms == [("post", "/sign-out"), ("get", ACCOUNTS)]
    begins, ends = (datetime.fromisoformat(page.by_id(name).get("value", "")) for name in ("begins", "ends"))
    assert ends - begins == timedelta(days=1)
    proposed = {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{ends:%Y-%m-%dT%H:%M}"}
    assert EVE.email in ana.get(ACCOUNTS, query_string=proposed).text, "what has just happened is in it"
    assert (ana.get(ACCOUNTS).status_code, ana.get(ACCOUNTS).location) == (303, UNDO)


def test_what_is_confirmed_is_of_the_time_that_was_shown(cast: Cast, browser: Browser, ana: Browser) -> None:
    """No field beside the list could say another time."""
    browser.sso(cast.acme, EVE)
    ends = now() + timedelta(hours=1)
    chosen = window(begins=datetime(2026, 1, 1, 10, 30, tzinfo=UTC), ends=ends)
    page = check_page(ana.get(ACCOUNTS, query_string=chosen).text)
    assert all(field.get("type") == "hidden" for field in page.root.iter("input"))
    named = f"from 1 Jan 2026, 10:30 UTC to {ends.day} {ends:%b %Y, %H:%M} UTC"
    assert page.words.startswith(f"Accounts of a time window Created {named}")
    end = " ".join("".join(page.by_id("end").itertext()).split())
    assert end.startswith(f"End them together Of those created {named}: 1 account is deactivated")
    again = check_page(ana.get(page.links()["Choose another time"]).text)
    assert {name: again.by_id(name).get("value") for name in chosen} == chosen


def test_only_the_window_counts(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    old = datetime(2020, 5, 1, 12, tzinfo=UTC)
    user().created_at = old
    db.session.commit()
    assert EVE.email not in show(ana).words
    assert EVE.email in show(ana, begins=old, ends=old + timedelta(minutes=1)).words
    assert EVE.email not in show(ana, begins=old - timedelta(hours=1), ends=old).words


def test_admins_and_those_who_invited_somebody_are_left_out_with_the_reason(
    app: Flask, cast: Cast, ana: Browser
) -> None:
    for person in PEOPLE:
        Browser(app).sso(cast.acme, person)
    user(PEOPLE[0]).role = "admin"
    db.session.commit()
    make_user(cast.acme, "new@acme.example", invited_by_id=user(PEOPLE[1]).id)
    page = show(ana)
    assert "Left out: is an admin now." in page.words
    assert "Left out: has invited 1 person." in page.words
    assert "2 accounts are left out, for the reason in the list. Nothing else is touched." in page.words
    confirm(ana, page)
    assert [subject for subject, _ in deactivated()] == [PEOPLE[2].email]


def test_it_is_looked_at_again_when_it_is_confirmed(app: Flask, cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    Browser(app).sso(cast.acme, PEOPLE[0])
    page = show(ana)
    Browser(app).sso(cast.acme, PEOPLE[1])  # not on the page that was shown
    user().role = "admin"
    db.session.commit()
    confirm(ana, page)
    assert [subject for subject, _ in deactivated()] == [PEOPLE[0].email]
    assert (user().status, user(PEOPLE[1]).status) == ("active", "active")
    assert "eve@acme.example is an admin now, and keeps the account." in check_page(ana.get(UNDO).text).words


def test_however_many_are_left_out_is_told_in_few_words(cast: Cast, ana: Browser) -> None:
    """A notice for each would not fit into the cookie, and what was done would not be told either."""
    from_here = {"origin": "jit", "created_by_configuration_id": cast.acme.connection.live_configuration_id}
    for number in range(60):
        make_user(cast.acme, f"p{number:02}@acme.example", **from_here)
    page = show(ana)
    db.session.execute(db.update(User).where(User.email.between("p01", "p59z")).values(role="admin"))
    db.session.commit()
    confirm(ana, page)
    notices = check_page(ana.get(UNDO).text).by_id("notices")
    assert [" ".join("".join(p.itertext()).split()) for p in notices.iter("p")] == [
        "1 account deactivated. Whoever was signed in is signed out.",
        "59 people keep their account: "
        + ", ".join(f"p{number:02}@acme.example is an admin now" for number in range(1, 6))
        + " and 54 more people.",
    ]


def test_made_up_numbers_reach_nobody_else(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    others = ",".join(str(person.id) for person in (cast.ben, cast.cleo, cast.ana))
    assert ana.post(UNDO, {"shown": others, **window()}).status_code == 303
    assert deactivated() == []
    cleo = Browser(browser.app).sign_in_as(cast.cleo)
    theirs = UNDO.replace("acme", "globex")
    cleo.post(theirs, {"shown": str(user().id), **window()})
    assert (deactivated(), user().status) == ([], "active")
    ben = Browser(browser.app).sign_in_as(cast.ben)
    assert ben.post(UNDO, {"shown": str(user().id), **window()}).status_code == 403


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"begins": "2026-01-02T00:00", "ends": "2026-01-01T00:00"}, "This is not after the beginning."),
        ({"begins": "x", "ends": ""}, "Choose a day and a time."),
        ({"begins": "2026-01-02T00:00"}, "Choose a day and a time."),
    ],
)
def test_a_time_that_is_none_is_said_beside_its_field(ana: Browser, query: dict[str, str], said: str) -> None:
    answer = ana.get(ACCOUNTS, query_string=query)
    assert answer.status_code == 422
    assert said in check_page(answer.text).words


@pytest.mark.parametrize("begins", ["", "x", "2026-13-01T00:00"])
def test_a_confirmation_without_a_time_changes_nothing(cast: Cast, browser: Browser, ana: Browser, begins: str) -> None:
    browser.sso(cast.acme, EVE)
    assert ana.post(UNDO, {"shown": str(user().id), **window(), "begins": begins}).status_code == 303
    assert deactivated() == []


def test_too_many_are_not_shown(app: Flask, cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "MOST", 2)
    for person in PEOPLE:
        Browser(app).sso(cast.acme, person)
    assert ana.get(ACCOUNTS, query_string=window()).status_code == 422


def test_the_list_is_as_many_queries_however_long(app: Flask, cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    with counted() as few:
        show(ana)
    for person in PEOPLE:
        Browser(app).sso(cast.acme, person)
    with counted() as many:
        show(ana)
    assert len(many) == len(few) <= 7
