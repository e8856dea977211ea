"""An account that an admin creates from the list is no admin's. A role rule may make it one later: then it says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from database import db
from demo.cast import Person
from models import MissedSignIn, User
from organizations import missed
from provisioning import by_admin
from provisioning.decision import Decision, Outcome, Reason
from tests.factories import EVE, Cast
from tests.flows.test_missed_cures import ALL, SECURITY, ana
from tests.flows.test_role_rules import have_rules
from tests.pages import check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
OUTSIDE = replace(EVE, email="eve@elsewhere.example")
LATER = "Viewer now; Admin at {}, by the role rule “research” → Admin."
NEXT, AFTER = LATER.format("their next sign-in"), LATER.format("the sign-in after their next one")


def role(person: Person = EVE) -> str:
    db.session.rollback()
    return db.session.scalars(select(User.role).where(User.email == person.email)).one()


def test_a_decision_for_an_admin_gives_the_role_of_the_plan(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sso(cast.acme, EVE)
    decision = Decision(14, Outcome.CREATE, Reason.CREATED_JUST_IN_TIME, "admin")
    monkeypatch.setattr(by_admin, "decide", lambda *_facts: decision)
    [row] = missed.take(cast.acme, list(db.session.scalars(select(MissedSignIn.id))), cast.ana)
    by_admin.create_account(cast.acme, row, cast.ana)
    db.session.commit()
    assert role() == "viewer"


@pytest.mark.parametrize(("person", "said", "roles"), [(EVE, NEXT, ["admin"]), (OUTSIDE, AFTER, ["viewer", "admin"])])
def test_whom_the_rules_make_an_admin_later_is_said_before(
    cast: Cast, browser: Browser, ana: Browser, person: Person, said: str, roles: list[str]
) -> None:
    browser.sso(cast.acme, person)
    have_rules(cast, ("research", "admin"), each_time=True)
    for where in (SECURITY, ALL, f"{ALL}/create-all"):
        assert said in check_page(ana.get(where).text).words, where
    [number] = db.session.scalars(select(MissedSignIn.id))
    ana.post(f"{ALL}/{number}/create", {}, page=ALL)
    assert role(person) == "viewer"
    for then in roles:
        assert browser.sso(cast.acme, person).status_code == 200
        assert role(person) == then


@pytest.mark.parametrize(
    "rule", [("research", "admin", False), ("others", "admin", True), ("research", "viewer", True)]
)
def test_of_nobody_else_is_it_said(cast: Cast, browser: Browser, ana: Browser, rule: tuple[str, str, bool]) -> None:
    group, outcome, each_time = rule
    browser.sso(cast.acme, EVE)
    have_rules(cast, (group, outcome), each_time=each_time)
    assert " now; " not in check_page(ana.get(ALL).text).words
    [number] = db.session.scalars(select(MissedSignIn.id))
    ana.post(f"{ALL}/{number}/create", {}, page=ALL)
    browser.sso(cast.acme, EVE)
    assert role() == "viewer"
