"""What helps somebody on the list of the missed is decided by what stands in their way by now."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db, now
from demo.cast import Person
from models import Domain, MissedSignIn, Organization, OutboxMessage, RoleRule, SSOConnection, User
from tests.factories import EVE, Cast, make_user
from tests.flows.test_asking_an_admin import ask, token_in
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
SECURITY = "/o/acme/settings/security"
ALL = f"{SECURITY}/turned-away"


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    return another_browser.sign_in_as(cast.ana)


def change(**values: object) -> None:
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(**values))
    db.session.commit()


def refuse(cast: Cast, group: str) -> None:
    db.session.add(RoleRule(organization_id=cast.acme.id, group_name=group, outcome="refuse", position=1))
    change(jit_on=True, role_rules_on=True)


def numbers() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(MissedSignIn.id)))


def test_whom_a_rule_refused_asks_and_is_created_when_the_rule_is_gone(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    refuse(cast, "research")
    assert ask(browser, token_in(browser.sso(cast.acme, EVE))).status_code == 200
    page = check_page(ana.get(ALL).text)
    assert "Eve Lindqvist" in page.words, "they were told that their name is seen"
    assert "A role rule refuses people in one of this person's groups." in page.words
    assert "By now" not in page.words
    assert "Role rules" in page.links()
    assert ana.get(f"{ALL}/create-all").status_code == 303
    assert "nobody whose account could be created" in ana.get(ALL).text
    [number] = numbers()
    assert ana.post(f"{ALL}/{number}/create?page=all", {}).status_code == 409
    change(role_rules_on=False)
    page = check_page(ana.get(ALL).text)
    assert "A role rule refused people in one of this person's groups. By now they would get an account" in page.words
    everybody = check_page(ana.get(f"{ALL}/create-all").text)
    assert "Create 1 account" in everybody.words
    assert "Viewer" in everybody.words, "the role that they would get"
    assert ana.post(f"{ALL}/create-all", {"shown": str(number)}, page=f"{ALL}/create-all").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(User.role).where(User.email == EVE.email)).one() == "viewer"


def test_the_mail_names_who_asks(cast: Cast, browser: Browser) -> None:
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    db.session.rollback()
    subjects = set(db.session.scalars(select(OutboxMessage.subject)))
    assert subjects == {"Eve Lindqvist (eve@acme.example) asks for help with signing in to Acme"}


def test_a_link_that_was_required_is_made_by_itself_when_the_domain_is_verified(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    out = make_user(cast.acme, "out@else.example")
    assert ask(browser, token_in(browser.sso(cast.acme, Person(out.email, "Out", "Sider")))).status_code == 200
    assert "the domain is not verified" in check_page(ana.get(ALL).text).words
    db.session.add(Domain(organization_id=cast.acme.id, name="else.example", verified_at=now()))
    db.session.commit()
    page = check_page(ana.get(ALL).text)
    assert "By now they would be signed in to the account they have: let them sign in again." in page.words
    assert "Open account" in page.links()


def test_while_sso_is_not_activated_no_account_is_created(cast: Cast, browser: Browser, ana: Browser) -> None:
    """Nobody could sign in to it: it has no password."""
    browser.sso(cast.acme, EVE)
    db.session.execute(db.update(SSOConnection).values(activated_at=None))
    db.session.commit()
    page = check_page(ana.get(ALL).text)
    assert "By now something else stands in the way. SSO is not activated" in page.words
    assert "Create account" not in page.words
    [number] = numbers()
    assert ana.post(f"{ALL}/{number}/create?page=all", {}).status_code == 409
    assert "SSO is not activated" in ana.get(ALL).text
    db.session.rollback()
    assert db.session.scalar(select(User.id).where(User.email == EVE.email)) is None


def test_all_parts_of_the_tab_say_the_same_after_one_of_them_was_used(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    browser.sso(cast.acme, EVE)
    on = ana.post(f"{SECURITY}/jit", {"enabled": "on"}, htmx=True, page=SECURITY).text
    assert 'id="missed" tabindex="-1" aria-labelledby="missed-heading" hx-swap-oob="true"' in on
    assert "By now they would get an account" in on
    assert 'id="trial" hx-swap-oob="true"' in on
    [number] = numbers()
    created = ana.post(f"{ALL}/{number}/create", {}, htmx=True, page=SECURITY).text
    assert '<span id="missed_count" hx-swap-oob="true"></span>' in created
    assert 'id="jit" tabindex="-1" aria-labelledby="jit-heading" hx-swap-oob="true"' in created
    recently = created.partition('id="recently-provisioned"')[2]
    assert "Eve Lindqvist" in recently
    person = check_page(ana.get(recently.partition('<a href="')[2].partition('"')[0]).text)
    assert "Account from Missed sign-in" in person.words
    assert f"Created by {cast.ana.email}" in person.words
