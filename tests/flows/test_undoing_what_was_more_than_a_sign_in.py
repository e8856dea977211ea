"""Undo a time window, where more happened than signing in: acting as an admin, and accounts nobody has come to yet."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from database import db, now
from demo.cast import Person
from models import AuditEvent, Domain, MissedSignIn, Organization, User
from organizations import audit, domains, role_rules
from tests.factories import EVE, Cast
from tests.flows.test_constant_number_of_queries import counted
from tests.flows.test_undoing_a_time_window import ACCOUNTS, PEOPLE, UNDO, ana, confirm, deactivated, show, user, window
from tests.pages import Page, check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
pytestmark = pytest.mark.both_databases
MALLORY = Person("mallory@acme.example.net", "Mallory", "Byrne")


def act_as_admin(person: Person) -> None:
    """Made admin by a rule, they changed three things; then they are Viewer again."""
    user(person).role = "admin"
    db.session.commit()
    acting, acme = user(person), db.session.scalars(select(Organization).where(Organization.slug == "acme")).one()
    domains.add(acme, "fay.example", actor=acting)
    role_rules.set_on(acme, True, acting)
    role_rules.set_on(acme, False, acting)
    acting.role = "viewer"
    db.session.commit()


def wait_as_invited(cast: Cast, ana: Browser) -> None:
    """Turned away from a domain that is not verified, and let in by ana."""
    Browser(ana.app).sso(cast.acme, MALLORY)
    row = db.session.scalars(select(MissedSignIn).where(MissedSignIn.email == MALLORY.email)).one()
    ana.post(f"/o/acme/settings/security/turned-away/{row.id}/create?page=all", {})
    assert user(MALLORY).status == "invited"


def row_of(page: Page, person: Person) -> str:
    rows = [" ".join("".join(row.itertext()).split()) for row in page.by_id("found").iter("li")]
    [found] = [row for row in rows if person.email in row]
    return found


def test_who_acted_as_an_admin_is_left_out(app: Flask, cast: Cast, ana: Browser) -> None:
    for person in PEOPLE[:2]:
        Browser(app).sso(cast.acme, person)
    act_as_admin(PEOPLE[0])
    page = show(ana)
    assert "Left out: has acted as an admin (3 changes)." in row_of(page, PEOPLE[0])
    confirm(ana, page)
    assert [subject for subject, _ in deactivated()] == [PEOPLE[1].email]


def test_who_acts_as_an_admin_while_it_is_confirmed_is_left_out(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    page = show(ana)
    act_as_admin(EVE)
    confirm(ana, page)
    assert (deactivated(), user().status) == ([], "active")
    assert "eve@acme.example has acted as an admin (3 changes), and keeps" in check_page(ana.get(UNDO).text).words


def test_what_they_did_is_named_by_the_audit_log(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    browser.sso(cast.acme, EVE)
    assert "Since then" not in show(ana).words, "nothing but signing in"
    eve = user()
    for _ in range(2):
        audit.record(cast.acme, "user:recovery_codes:made", actor=eve, subject=EVE.email)
    audit.record(cast.acme, "user:totp:enrolled", actor=eve, subject=EVE.email)
    db.session.commit()
    page = show(ana)
    said = row_of(page, EVE)
    assert "Since then: Recovery codes made (2 times) · Second factor for the emergency sign-in added" in said
    assert "2 sign-ins" in said
    assert page.links()["Eve Lindqvist"] == f"/o/acme/settings/people/{user().id}"


def test_what_was_done_elsewhere_or_before_is_not_theirs(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    eve = user()
    for hours in (3, 1.5):
        audit.record(cast.acme, "admin:jit:turned_on", actor=eve, subject="jit_provisioning")
        last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        last.at = now() - timedelta(hours=hours)
    audit.record(cast.globex, "admin:jit:turned_on", actor=eve, subject="jit_provisioning")
    db.session.commit()
    assert "Since then" not in show(ana).words
    assert "Left out" not in show(ana).words
    assert ana.get(ACCOUNTS, query_string={"begins": "0001-01-01T00:00", "ends": "9999-12-31T23:59"}).status_code == 200


def test_who_never_signed_in_is_withdrawn(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    wait_as_invited(cast, ana)
    page = show(ana)
    assert "Invited" in row_of(page, MALLORY)
    assert "1 account is deactivated" in page.words
    assert "1 account that nobody has signed in to yet is withdrawn: it is removed." in page.words
    assert "Deactivate 1 and withdraw 1 accounts" in page.words
    confirm(ana, page)
    assert [subject for subject, _ in deactivated()] == [EVE.email]
    assert not db.session.scalars(select(User).where(User.email == MALLORY.email)).all()
    withdrawn = select(AuditEvent).where(AuditEvent.action == "admin:invitation:withdrawn")
    assert [(event.subject, event.actor) for event in db.session.scalars(withdrawn)] == [
        (MALLORY.email, cast.ana.email)
    ]
    words = show(ana).words
    assert "1 account deactivated. Whoever was signed in is signed out." in words
    assert "1 account withdrawn that nobody had signed in to." in words
    db.session.add(Domain(organization_id=cast.acme.id, name="acme.example.net", verified_at=now()))
    db.session.commit()
    assert Browser(browser.app).sso(cast.acme, MALLORY).status_code == 200, "the address is free again"


def test_who_signed_in_meanwhile_is_deactivated_and_not_removed(cast: Cast, ana: Browser) -> None:
    wait_as_invited(cast, ana)
    page = show(ana)
    assert "Withdraw 1 account" in page.words
    Browser(ana.app).sso(cast.acme, MALLORY)
    assert user(MALLORY).status == "active"
    confirm(ana, page)
    assert user(MALLORY).status == "deactivated"


def test_the_window_stays_chosen_and_speaks_of_utc(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    chosen = window(begins=now() - timedelta(minutes=30), ends=now() + timedelta(minutes=30))
    page = check_page(ana.get(ACCOUNTS, query_string=chosen).text)
    times = list(page.by_id("found").iter("time"))
    assert len(times) == 2
    assert all("data-local" in time.attrib and "UTC" in (time.text or "") for time in times), "not the reader's time"
    answer = ana.post(UNDO, {"shown": str(user().id), **chosen})
    after = check_page(ana.get(answer.location).text)
    assert dict(parse_qsl(urlsplit(answer.location).query)) == chosen
    assert "No account that still works was created in this time." in after.words


def test_what_they_did_is_as_many_queries_however_many_they_are(
    app: Flask, cast: Cast, browser: Browser, ana: Browser
) -> None:
    browser.sso(cast.acme, EVE)
    with counted() as few:
        show(ana)
    for person in PEOPLE:
        Browser(app).sso(cast.acme, person)
    act_as_admin(PEOPLE[0])
    with counted() as many:
        show(ana)
    assert len(many) == len(few)
