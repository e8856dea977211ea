"""What a page and a sign-in ask the database does not grow with the number of organizations and people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, insert, update

from database import db, now
from models import (
    AuditEvent,
    Identity,
    Membership,
    MissedSignIn,
    Organization,
    RoleRule,
    SeenGroup,
    SignInAttempt,
    User,
    Workspace,
)
from organizations import attempts, sessions
from organizations.creation import general_workspace
from tests.factories import EVE, Cast, make_organization
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def grow(organization: Organization, people: int = 2_000) -> None:
    """Many people who came by JIT, each with a sign-in and an event; and more organizations."""
    configuration = organization.connection.live_configuration_id
    numbers = range(people)
    common = {"organization_id": organization.id}
    db.session.execute(
        insert(User),
        [
            common
            | {
                "email": f"person{number}@acme.example",
                "role": "viewer",
                "origin": "jit",
                "created_by_configuration_id": configuration,
            }
            for number in numbers
        ],
    )
    workspace = general_workspace(organization.id)
    ids = db.session.scalars(db.select(User.id).where(User.email.startswith("person")))
    db.session.execute(insert(Membership), [common | {"workspace_id": workspace.id, "user_id": id_} for id_ in ids])
    checks = [{"name": "form", "passed": True, "detail": ""}]
    db.session.execute(
        insert(SignInAttempt),
        [
            common
            | {
                "reference": attempts.new_reference(),
                "configuration_id": configuration,
                "method": "sso",
                "signed_in": True,
                "reason": "known_identity",
                "checks": checks,
                "at": now(),
            }
            for number in numbers
        ],
    )
    event_row = {"actor": "system", "action": "sso:sign_in:refused", "subject": "x", "details": {}}
    db.session.execute(insert(AuditEvent), [common | event_row for _ in numbers])
    missed = {"reason": "jit_off", "reference": "R", "groups": []}
    db.session.execute(insert(MissedSignIn), [common | missed | {"email": f"m{n}@acme.example"} for n in numbers])
    db.session.commit()
    for number in range(10):
        make_organization(f"more{number}", sso="activated", unlocked=True, jit_on=True)


def have_rules(organization: Organization, number: int) -> None:
    organization.role_rules_on = True
    for position in range(number):
        values = {"group_name": f"group {organization.id} {position}", "outcome": "viewer"}
        db.session.add(RoleRule(organization_id=organization.id, position=position, **values))
        db.session.add(SeenGroup(organization_id=organization.id, name=f"seen {position}"))
    db.session.commit()


PAGES = (
    "/",
    "/?before=z",
    "/o/acme/settings/security",
    "/o/acme/settings/security/sign-ins",
    "/o/acme/settings/security/sign-ins?q=eve@acme.example",
    "/o/acme/settings/security/turned-away",
    "/o/acme/settings/security/turned-away/create-all",
    "/o/acme/settings/people",
    "/o/acme/settings/people?after=b",
    "/o/acme/settings/people?before=z",
    "/o/acme/settings/people?before=z&status=active&origin=jit",
    "/o/acme/settings/people?status=active&role=viewer&origin=jit",
    "/o/acme/settings/people?status=deactivated",
    "/o/acme/settings/people?q=acme&role=viewer",
    "/o/acme/settings/people?q=acme&after=b",
    "/o/acme/settings/people?q=acme&before=z",
    "/o/acme/settings/people?q=nobody",
    "/o/acme/settings/people.csv",
    "/o/acme/settings/audit-log?q=sso",
    "/o/acme/settings/audit-log?after=1",
    "/o/acme/settings/audit-log?person=ben@acme.example",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page(cast: Cast, browser: Browser, path: str) -> None:
    browser.sign_in_as(cast.ana)
    browser.sso(cast.acme, EVE)
    browser.sign_in_as(cast.ana)
    with counted() as few:
        assert browser.get(path).status_code == 200
    grow(cast.acme)
    with counted() as many:
        assert browser.get(path).status_code == 200
    assert len(many) <= len(few)
    assert len(many) <= 14


@pytest.mark.parametrize("path", ["/o/acme/settings/people", "/o/acme/settings/people/plan-roles"])
def test_after_a_change_of_plan(cast: Cast, browser: Browser, path: str) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    cast.acme.plan = "seat_based"
    db.session.commit()
    browser.sign_in_as(cast.ana)
    with counted() as few:
        assert browser.get(path).status_code == 200
    grow(cast.acme)
    with counted() as many:
        assert browser.get(path).status_code == 200
    assert len(many) == len(few) <= 12


def test_the_role_rules(cast: Cast, browser: Browser) -> None:
    browser.sign_in_as(cast.ana)
    path = "/o/acme/settings/security/role-rules"
    with counted() as few:
        assert browser.get(path).status_code == 200
    have_rules(cast.acme, 50)
    with counted() as many:
        assert browser.get(path).status_code == 200
    assert len(many) <= len(few)
    assert len(many) <= 8


def test_role_rules_cost_a_sign_in_one_statement_and_none_where_they_are_off(cast: Cast, browser: Browser) -> None:
    nobody_new = type(EVE)("ben@acme.example", "Ben", "Okafor", ("one", "two", "three"))
    for _ in range(2):  # from then on their groups are known
        browser.sso(cast.acme, nobody_new)

    def statements() -> int:
        answer = browser.answer_for(cast.acme, nobody_new)
        with counted() as seen:
            assert browser.post_answer(answer).status_code == 303
        return len(seen)

    off = statements()
    have_rules(cast.acme, 50)
    cast.acme.role_rules_each_time = True
    db.session.commit()
    assert off <= 17
    assert statements() == off + 1


@pytest.mark.parametrize("first", [True, False])
def test_the_acs(cast: Cast, browser: Browser, another_browser: Browser, first: bool) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    eve = type(EVE)(EVE.email, "Eve", "Lindqvist")  # groups that were not seen before are stored: see above
    finn = type(EVE)("finn@acme.example", "Finn", "O’Brien")
    if not first:
        browser.sso(cast.acme, eve)
        another_browser.sso(cast.acme, finn)
    answer = browser.answer_for(cast.acme, eve)
    with counted() as few:
        assert browser.post_answer(answer).status_code == 303
    grow(cast.acme)
    answer = another_browser.answer_for(cast.acme, finn)
    with counted() as many:
        assert another_browser.post_answer(answer).status_code == 303
    assert len(many) == len(few)
    assert len(many) <= (23 if first else 12)


def test_the_page_of_a_person(cast: Cast, browser: Browser) -> None:
    """However many people there are, and however much happened to this one."""
    browser.sign_in_as(cast.ana)
    path = f"/o/acme/settings/people/{cast.ben.id}"
    with counted() as few:
        assert browser.get(path).status_code == 200
    grow(cast.acme)
    common = {"organization_id": cast.acme.id}
    workspaces = [Workspace(**common, name=f"Workspace {number}") for number in range(100)]
    db.session.add_all(workspaces)
    db.session.flush()
    db.session.add_all(Membership(**common, workspace_id=one.id, user_id=cast.ben.id) for one in workspaces)
    for number in range(100):
        sessions.start(cast.ben, "sso")
        values = {"connection_id": cast.acme.connection.id, "idp_entity_id": f"idp {number}", "subject": "ben"}
        db.session.add(Identity(**common, user_id=cast.ben.id, **values))
    ours = {"user_id": cast.ben.id, "email": cast.ben.email}
    db.session.execute(update(SignInAttempt).values(**ours))
    db.session.execute(update(AuditEvent).values(subject=cast.ben.email))
    db.session.commit()
    with counted() as many:
        assert browser.get(path).status_code == 200
    assert len(many) <= len(few)
    assert len(many) <= 14


def test_being_turned_away(cast: Cast, browser: Browser, another_browser: Browser) -> None:
    finn = type(EVE)("finn@acme.example", "Finn", "O’Brien")
    eve = type(EVE)(EVE.email, "Eve", "Lindqvist")
    for _ in range(2):  # from then on the certificate is known
        browser.sso(cast.acme, type(EVE)("gus@acme.example", "Gus", "Novak"))
    answer = browser.answer_for(cast.acme, eve)
    with counted() as few:
        assert browser.post_answer(answer).status_code == 403
    grow(cast.acme)
    for person in (finn, eve):
        answer = another_browser.answer_for(cast.acme, person)
        with counted() as many:
            assert another_browser.post_answer(answer).status_code == 403
        assert len(many) == len(few) <= 17
