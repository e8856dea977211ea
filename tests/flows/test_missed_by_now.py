"""The list of the missed says what somebody would meet by now, where that is not what turned them away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from database import db
from demo.cast import Person
from models import Domain, Entitlement, Organization, RoleRule, User
from tests.factories import EVE, Cast
from tests.flows.test_asking_an_admin import ask, token_in
from tests.pages import check_page
from tests.signing_in import Browser

ALL = "/o/acme/settings/security/turned-away"
WAS_OFF = "Creating accounts at sign-in was off. "
GETS_IN = "By now they would get an account: let them sign in again, or create it here."
OTHER = "By now something else stands in the way. "


def seats(number: int | None) -> None:
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(jit_on=True, seats=number))


def refuse_research(cast: Cast) -> None:
    seats(None)
    db.session.add(RoleRule(organization_id=cast.acme.id, group_name="research", outcome="refuse", position=1))
    cast.acme.role_rules_on = True


def lock() -> None:
    db.session.execute(db.delete(Entitlement))


def lose_the_domain() -> None:
    db.session.execute(db.update(Domain).where(Domain.name == "acme.example").values(verified_at=None))


@pytest.mark.parametrize(
    ("change", "said", "still"),
    [
        (lambda _: None, "Creating accounts at sign-in is off. Turn it on", True),
        (lambda _: seats(None), WAS_OFF + GETS_IN, False),
        (lambda _: seats(1), WAS_OFF + OTHER + "All seats are taken.", False),
        (lambda _: lock(), WAS_OFF + OTHER + "Creating accounts at sign-in is not", True),
        (lambda _: lose_the_domain(), WAS_OFF + OTHER + "The domain of this address is not one", True),
        (refuse_research, WAS_OFF + OTHER + "A role rule refuses people", False),
    ],
    ids=["nothing", "on", "no seat", "locked", "domain lost", "role rule"],
)
def test_what_they_would_meet_by_now(
    cast: Cast, browser: Browser, another_browser: Browser, change: Callable[[Cast], object], said: str, still: bool
) -> None:
    assert browser.sso(cast.acme, EVE).status_code == 403
    change(cast)
    db.session.commit()
    ana = another_browser.sign_in_as(cast.ana)
    page = check_page(ana.get(ALL).text)
    assert said in page.words
    assert ("You can still create the account here." in page.words) is still
    assert ("It is the role rule “research” → Refused." in page.words) is (change is refuse_research)
    assert ("Role rules" in page.links()) is (change is refuse_research)
    assert ("Create account" in page.words) is ("Create all" in page.links()) is (change is not refuse_research)
    if change is not refuse_research:
        in_the_list_of_all = "No seat is left" if said.endswith("All seats are taken.") else said
        assert in_the_list_of_all in check_page(ana.get(f"{ALL}/create-all").text).words


@pytest.mark.parametrize("locked", [False, True])
def test_a_rule_that_keeps_an_admin_from_it_is_named_whatever_else_stands_in_the_way(
    cast: Cast, browser: Browser, another_browser: Browser, locked: bool
) -> None:
    browser.sso(cast.acme, EVE)
    refuse_research(cast)
    lose_the_domain()
    if locked:
        lock()
    db.session.commit()
    page = check_page(another_browser.sign_in_as(cast.ana).get(ALL).text)
    assert "Nor can it be created here, because of the role rule “research” → Refused." in page.words
    assert "Create account" not in page.words
    assert ("Role rules" in page.links()) is not locked, "their page is gone with the area"


def test_an_account_that_stood_in_the_way_and_is_gone(cast: Cast, browser: Browser, another_browser: Browser) -> None:
    db.session.execute(db.update(User).where(User.id == cast.ben.id).values(status="deactivated"))
    db.session.commit()
    assert ask(browser, token_in(browser.sso(cast.acme, Person(cast.ben.email, "Ben", "Okafor")))).status_code == 200
    seats(None)
    db.session.execute(db.update(User).where(User.id == cast.ben.id).values(email="gone@acme.example"))
    db.session.commit()
    words = check_page(another_browser.sign_in_as(cast.ana).get(ALL).text).words
    assert f"The account that stood in the way is gone. {GETS_IN}" in words
