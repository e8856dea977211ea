"""S1, S4, S5, S15: an employee without an account signs in over SSO, and has one at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from demo.cast import Person
from models import AuditEvent, Membership, SignInAttempt, SignInSession, User, Workspace
from tests.factories import EVE, Cast, make_organization, make_user
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


@pytest.fixture
def jit_on(cast: Cast) -> Cast:
    cast.acme.jit_on = True
    db.session.commit()
    return cast


def find(email: str) -> list[User]:
    db.session.rollback()
    return list(db.session.scalars(select(User).where(User.email == email)))


def test_eve_is_signed_in_and_lands_in_general(jit_on: Cast, browser: Browser) -> None:
    page = browser.sso(jit_on.acme, EVE)
    assert page.status_code == 200
    assert "General" in page.text
    assert "Eve Lindqvist" in page.text
    assert browser.signed_in


def test_her_account_is_a_viewer_of_general_and_of_nothing_else(jit_on: Cast, browser: Browser) -> None:
    db.session.add(Workspace(organization_id=jit_on.acme.id, name="Research"))
    db.session.commit()
    browser.sso(jit_on.acme, EVE)
    [eve] = find(EVE.email)
    assert (eve.role, eve.status, eve.origin) == ("viewer", "active", "jit")
    assert (eve.given_name, eve.family_name, eve.password_hash) == ("Eve", "Lindqvist", None)
    memberships = db.session.scalars(select(Membership).where(Membership.user_id == eve.id)).all()
    workspaces = [db.session.get_one(Workspace, membership.workspace_id) for membership in memberships]
    assert [(workspace.name, workspace.organization_id) for workspace in workspaces] == [("General", jit_on.acme.id)]


def test_a_name_keeps_the_joiners_that_its_script_needs(jit_on: Cast, browser: Browser) -> None:
    page = browser.sso(jit_on.acme, Person(EVE.email, "علی\u200cرضا\u202e", "\u200dনাম"))
    [eve] = find(EVE.email)
    assert (eve.given_name, eve.family_name) == ("علی\u200cرضا", "নাম")
    assert "علی\u200cرضا নাম" in page.text


def test_on_the_seat_based_plan_she_is_a_collaborator(app: object, browser: Browser) -> None:
    hooli = make_organization("hooli", "seat_based", seats=5, sso="activated", unlocked=True, jit_on=True)
    browser.sso(hooli, Person("omar@hooli.example", "Omar", "Haddad"))
    assert [user.role for user in find("omar@hooli.example")] == ["collaborator"]


def test_the_account_keeps_where_it_came_from(jit_on: Cast, browser: Browser) -> None:
    browser.sso(jit_on.acme, EVE)
    [eve] = find(EVE.email)
    attempt = db.session.scalars(select(SignInAttempt)).one()
    assert eve.created_by_reference == attempt.reference
    assert eve.created_by_configuration is not None
    assert eve.created_by_configuration.version == 1
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sso:account:created")).one()
    assert (event.subject, event.actor, event.reference) == (EVE.email, EVE.email, attempt.reference)
    assert event.details == {"role": "viewer", "workspace": "General", "configuration": 1}


def test_the_receipt_lists_every_check_in_order(jit_on: Cast, browser: Browser) -> None:
    from saml.receipt import CHECKS

    browser.sso(jit_on.acme, EVE)
    attempt = db.session.scalars(select(SignInAttempt)).one()
    assert [entry["name"] for entry in attempt.checks] == list(CHECKS)
    assert all(entry["passed"] for entry in attempt.checks)
    assert (attempt.reason, attempt.rule, attempt.signed_in) == ("created_just_in_time", 14, True)


def test_the_second_sign_in_creates_nothing(jit_on: Cast, browser: Browser, another_browser: Browser) -> None:
    browser.sso(jit_on.acme, EVE)
    another_browser.sso(jit_on.acme, EVE)
    assert len(find(EVE.email)) == 1
    assert another_browser.signed_in
    reasons = [attempt.reason for attempt in db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id))]
    assert reasons == ["created_just_in_time", "known_identity"]


def test_letter_case_of_the_address_does_not_matter(jit_on: Cast, browser: Browser, another_browser: Browser) -> None:
    browser.sso(jit_on.acme, Person("Eve@ACME.example", "Eve", "Lindqvist"))
    another_browser.sso(jit_on.acme, EVE)
    assert len(find(EVE.email)) == 1
    assert browser.signed_in
    assert another_browser.signed_in


@pytest.mark.parametrize(
    "address",
    [
        "eve@acme.example.net",
        "eve@evilacme.example",
        "eve@sub.acme.example",
        "eve@acme.exampl",
        "eve@xn--acm-dma.example",
        "eve@globex.example",
    ],
)
def test_an_address_outside_the_domains_gets_nothing(jit_on: Cast, browser: Browser, address: str) -> None:
    page = browser.sso(jit_on.acme, Person(address, "Eve", "Elsewhere"))
    assert page.status_code == 403
    assert "not in a domain that your organization has verified" in page.text
    assert find(address) == []
    assert not browser.signed_in
    assert db.session.scalars(select(SignInSession)).all() == []


def test_the_last_seat_goes_to_one(app: object, browser: Browser, another_browser: Browser) -> None:
    hooli = make_organization("hooli", "seat_based", seats=2, sso="activated", unlocked=True, jit_on=True)
    assert browser.sso(hooli, Person("omar@hooli.example", "Omar", "Haddad")).status_code == 200
    refused = another_browser.sso(hooli, Person("pia@hooli.example", "Pia", "Weber"))
    assert refused.status_code == 403
    assert "no seat left" in refused.text
    assert browser.sso(hooli, Person("omar@hooli.example", "Omar", "Haddad")).status_code == 200


def test_an_existing_person_is_linked_and_keeps_the_role(jit_on: Cast, browser: Browser) -> None:
    browser.sso(jit_on.acme, Person("ana@acme.example", "Ana", "Sousa"))
    [ana] = find("ana@acme.example")
    assert (ana.role, ana.origin) == ("admin", "setup")
    assert browser.signed_in


def test_an_invitation_is_accepted_with_the_invited_role(jit_on: Cast, browser: Browser) -> None:
    make_user(jit_on.acme, EVE.email, role="collaborator", status="invited", origin="invitation", with_password=False)
    browser.sso(jit_on.acme, EVE)
    [eve] = find(EVE.email)
    assert (eve.role, eve.status, eve.origin, eve.given_name) == ("collaborator", "active", "invitation", "Eve")


def test_a_deactivated_account_stays_so(jit_on: Cast, browser: Browser) -> None:
    make_user(jit_on.acme, EVE.email, status="deactivated", with_password=False)
    page = browser.sso(jit_on.acme, EVE)
    assert page.status_code == 403
    assert [user.status for user in find(EVE.email)] == ["deactivated"]


def test_the_same_address_in_two_organizations_is_two_accounts(jit_on: Cast, browser: Browser) -> None:
    make_user(jit_on.globex, EVE.email, role="admin")
    browser.sso(jit_on.acme, EVE)
    assert sorted((user.organization_id, user.role) for user in find(EVE.email)) == [
        (jit_on.acme.id, "viewer"),
        (jit_on.globex.id, "admin"),
    ]


def test_she_returns_to_the_page_she_wanted(jit_on: Cast, browser: Browser) -> None:
    answer = browser.answer_for(jit_on.acme, EVE, next_path="/o/acme/settings/profile")
    posted = browser.post_answer(answer)
    finished = browser.get(posted.headers["Location"])
    assert finished.headers["Location"] == "/o/acme/settings/profile"
