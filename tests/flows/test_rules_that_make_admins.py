"""Role rules that make admins: confirmed when they are made, and when they come to count for more people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from database import db
from models import Organization
from tests.factories import Cast
from tests.flows.test_changing_role_rules import HERE, add, ana, events, rules
from tests.pages import Page
from tests.signing_in import Browser

__all__ = ["ana"]  # the fixture


@pytest.mark.parametrize("htmx", [True, False])
def test_a_rule_that_makes_admins_is_confirmed_on_a_page_of_its_own(
    ana: Browser, get_page: Callable[..., Page], htmx: bool
) -> None:
    answer = ana.post(HERE, {"group": "it", "outcome": "admin"}, page=HERE, htmx=htmx)
    target = answer.headers["HX-Redirect" if htmx else "Location"]
    assert rules() == []
    page = get_page(ana, target)
    assert page.h1 == "Let this group make admins?"
    assert "The group it of the identity provider of Acme." in page.words
    assert rules() == []
    assert ana.post(f"{HERE}/admin", {"group": "it", "outcome": "admin"}, page=target).status_code == 303
    assert rules() == [("it", "admin")]
    assert [details["rules"] for _, details in events()] == [["“it” → Admin"]]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(("name", "other"), [("switch", "each-time"), ("each-time", "switch")])
def test_what_would_make_admins_of_people_who_have_an_account_is_confirmed(
    cast: Cast, ana: Browser, get_page: Callable[..., Page], htmx: bool, name: str, other: str
) -> None:
    """Whichever of the two switches is the second: only both together do that."""
    ana.post(f"{HERE}/admin", {"group": "it", "outcome": "admin"})
    assert ana.post(f"{HERE}/{other}", {"enabled": "on"}).status_code == 303
    number = len(events())
    answer = ana.post(f"{HERE}/{name}", {"enabled": "on"}, page=HERE, htmx=htmx)
    target = answer.headers["HX-Redirect" if htmx else "Location"]
    page = get_page(ana, target)
    assert page.h1 == "Make admins of people who have an account?"
    assert "By the rule for it" in page.words
    assert len(events()) == number
    acme = db.session.get_one(Organization, cast.acme.id)
    assert not (acme.role_rules_on and acme.role_rules_each_time)
    assert ana.post(f"{HERE}/{name}", {"enabled": "on", "confirmed": "y"}, page=target).status_code == 303
    db.session.refresh(acme)
    assert acme.role_rules_on
    assert acme.role_rules_each_time
    assert len(events()) == number + 1


def test_that_is_not_asked_where_no_rule_makes_admins_nor_for_turning_off(cast: Cast, ana: Browser) -> None:
    add(ana, "research")
    for name in ("switch", "each-time"):
        assert ana.post(f"{HERE}/{name}", {"enabled": "on"}).location.endswith("role-rules#role_rules")
    for switch in ("switch", "each-time", "nothing"):
        assert ana.get(f"{HERE}/admins?switch={switch}").status_code == 303
    ana.post(f"{HERE}/admin", {"group": "it", "outcome": "admin"})
    for name in ("switch", "each-time"):
        assert ana.post(f"{HERE}/{name}", {"enabled": "off"}).location.endswith("role-rules#role_rules")
    acme = db.session.get_one(Organization, cast.acme.id)
    assert (acme.role_rules_on, acme.role_rules_each_time) == (False, False)


@pytest.mark.parametrize("each_time", [True, False])
def test_the_confirmation_of_a_rule_says_whom_else_it_may_make_an_admin(
    cast: Cast, ana: Browser, get_page: Callable[..., Page], each_time: bool
) -> None:
    db.session.get_one(Organization, cast.acme.id).role_rules_each_time = each_time
    db.session.commit()
    page = get_page(ana, f"{HERE}/admin?group=it")
    assert "so does everybody in it whose account JIT Provisioning created, at their next sign-in" in page.words
    assert f"It is {'on' if each_time else 'off'} now." in page.words
    back = page.links()["Back without the rule"]
    assert get_page(ana, back).by_id("group").get("value") == "it"


def test_the_confirmation_makes_no_other_rule_and_no_second_one(ana: Browser) -> None:
    for outcome in ("viewer", "owner", ""):
        assert ana.post(f"{HERE}/admin", {"group": "it", "outcome": outcome}).status_code == 422
    assert ana.post(f"{HERE}/admin", {"group": "it", "outcome": "admin"}).status_code == 303
    assert ana.post(f"{HERE}/admin", {"group": "it", "outcome": "admin"}).status_code == 422
    assert ana.get(f"{HERE}/admin?group=it").status_code == 303
    assert rules() == [("it", "admin")]
