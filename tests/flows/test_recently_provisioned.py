"""Recently provisioned: by which rule or by whom each account was created, how it stands, and the way to the person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from database import db
from demo.cast import Person
from models import MissedSignIn, Organization, User
from organizations import role_rules
from provisioning.decision import RULES, Reason
from tests.factories import EVE, Cast, make_user
from tests.flows.test_constant_number_of_queries import counted
from tests.flows.test_undoing_a_time_window import window
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
SECURITY = "/o/acme/settings/security"
MALLORY = Person("mallory@acme.example.net", "Mallory", "Byrne")
[RULE] = [rule for rule, _, reason, _ in RULES if reason is Reason.CREATED_JUST_IN_TIME]


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    return another_browser.sign_in_as(cast.ana)


def switch_on() -> None:
    db.session.execute(update(Organization).where(Organization.slug == "acme").values(jit_on=True))
    db.session.commit()


def create(ana: Browser, person: Person) -> User:
    """The account of somebody who was turned away, created from the list."""
    db.session.rollback()
    row = db.session.scalars(select(MissedSignIn).where(MissedSignIn.email == person.email)).one()
    assert ana.post(f"{SECURITY}/turned-away/{row.id}/create?page=all", {}).status_code == 303
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == person.email)).one()


def said(ana: Browser) -> str:
    db.session.rollback()
    return " ".join("".join(check_page(ana.get(SECURITY).text).by_id("recently-provisioned").itertext()).split())


def test_of_a_first_sign_in_it_says_the_rule_and_leads_to_the_person(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    switch_on()
    browser.sso(cast.acme, EVE)
    assert f"Rule {RULE} · role of the plan · configuration 1 · sign-in " in said(ana)
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    assert check_page(ana.get(SECURITY).text).links()["Eve Lindqvist"] == f"/o/acme/settings/people/{eve.id}"
    assert "Active" not in said(ana)


def test_of_a_role_rule_it_says_both_rules(cast: Cast, browser: Browser, ana: Browser) -> None:
    role_rules.add(cast.acme, "research", "collaborator", cast.ana)
    role_rules.set_on(cast.acme, True, cast.ana)
    switch_on()
    browser.sso(cast.acme, EVE)
    assert f"Rule {RULE} · role rule “research” → Collaborator · configuration 1" in said(ana)


def test_of_who_was_turned_away_it_says_who_created_the_account(cast: Cast, browser: Browser, ana: Browser) -> None:
    assert browser.sso(cast.acme, EVE).status_code == 403
    eve = create(ana, EVE)
    assert eve.invited_by_id == cast.ana.id
    what = f"Created by Ana Sousa · role of the plan · configuration 1 · refused sign-in {eve.created_by_reference}"
    assert what in said(ana)
    assert f"Rule {RULE}" not in said(ana)
    undo = check_page(ana.get(f"{SECURITY}/undo/accounts", query_string=window()).text).words
    assert f"UTC by Ana Sousa · refused sign-in {eve.created_by_reference}" in undo
    export = ana.get("/o/acme/settings/people.csv").text
    assert [line for line in export.splitlines() if EVE.email in line and cast.ana.email in line]


@pytest.mark.parametrize("by", ["role rule “it” → Admin", "ana@acme.example"])
def test_the_role_that_it_began_with_and_the_one_of_now_each_say_where_they_came_from(
    cast: Cast, browser: Browser, ana: Browser, by: str
) -> None:
    switch_on()
    browser.sso(cast.acme, EVE)
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    person = f"/o/acme/settings/people/{eve.id}"
    if by.startswith("role rule"):
        role_rules.add(cast.acme, "it", "admin", cast.ana, admin_confirmed=True)
        cast.acme.role_rules_on = cast.acme.role_rules_each_time = True
        db.session.commit()
        browser.sso(cast.acme, replace(EVE, groups=("it",)))
    else:
        ana.post(f"{person}/role", {"role": "admin", "confirmed": "y"}, page=person)
    db.session.refresh(eve)
    assert (eve.created_role, eve.role, eve.role_given_by) == ("viewer", "admin", by)
    assert eve.role_since is not None
    assert "Viewer · " in said(ana)
    assert "role of the plan" in said(ana)
    assert f", by {by}" in said(ana)[said(ana).index("Admin since") :]
    words = check_page(ana.get(person).text).words
    assert "First role Viewer, by the plan at that time" in words
    assert f", by {by}" in words[words.index("Role Admin, since") :]


@pytest.mark.parametrize("status", ["invited", "deactivated"])
def test_an_account_that_does_not_work_is_marked(cast: Cast, browser: Browser, ana: Browser, status: str) -> None:
    browser.sso(cast.acme, MALLORY)
    mallory = create(ana, MALLORY)
    assert "Mallory Byrne Invited" in said(ana)
    mallory.status = status
    db.session.commit()
    assert f"Mallory Byrne {status.capitalize()}" in said(ana)


def test_whoever_created_them_it_is_as_many_queries(app: Flask, cast: Cast, browser: Browser, ana: Browser) -> None:
    people = [Person(f"p{number}@acme.example", f"P{number}", "Novak") for number in range(5)]
    for person in people:
        Browser(app).sso(cast.acme, person)
    create(ana, people[0])
    with counted() as few:
        said(ana)
    for number, person in enumerate(people[1:]):
        create(ana, person).invited_by_id = make_user(cast.acme, f"admin{number}@acme.example", role="admin").id
        db.session.commit()
    with counted() as many:
        assert said(ana).count("Created by") == 5
    assert len(many) <= len(few)
