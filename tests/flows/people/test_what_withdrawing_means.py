"""Before an invitation is withdrawn it is said what becomes of the person, and that is what becomes of them."""

from __future__ import annotations

import pytest

from database import db
from demo.cast import Person
from models import RoleRule
from organizations.counting import seats_used
from tests.factories import EVE, Cast
from tests.flows.people.conftest import page_of, person
from tests.flows.people.test_inviting import invite
from tests.signing_in import Browser

GUEST = Person("partner@elsewhere.example", "Gus", "Guest")
LINK = "The link that was sent stops working, the account is removed"
AGAIN = "JIT Provisioning is on: at their next sign-in they get a Viewer account"
KEEP_OUT = "To keep them out, let them accept and deactivate the account, or add a role rule"
OFF = "Single sign-on turns them away for as long as JIT Provisioning is off."
AWAY = "Single sign-on turns them away."
ALL = (LINK, AGAIN, OFF, AWAY)


def asked(ana: Browser, get_page, who: Person) -> str:
    return get_page(ana, f"{page_of(person(who.email))}/withdraw").words


@pytest.mark.parametrize(
    ("who", "jit_on", "sso", "said"),
    [
        (EVE, True, True, [AGAIN]),
        (EVE, False, True, [OFF]),
        (EVE, True, False, [LINK]),
        (GUEST, True, True, [LINK, AWAY]),
        (GUEST, True, False, [LINK]),
    ],
)
def test_what_is_said_is_what_comes(
    cast: Cast, ana: Browser, browser: Browser, get_page, who: Person, jit_on: bool, sso: bool, said: list[str]
) -> None:
    cast.acme.jit_on, cast.acme.connection.activated_at = jit_on, cast.acme.connection.activated_at if sso else None
    db.session.commit()
    invite(ana, who.email, "collaborator")
    words = asked(ana, get_page, who)
    assert [sentence for sentence in ALL if sentence in words] == said
    assert (KEEP_OUT in words) == (AGAIN in said)
    assert "its seat is free. You can invite the address again." in words
    assert ana.post(f"{page_of(person(who.email))}/withdraw", {}).status_code == 303
    if sso:
        browser.sso(cast.acme, who)
        assert browser.signed_in == (AGAIN in said)
        assert (person(who.email) is not None) == (AGAIN in said)


def test_its_own_seat_is_reckoned_as_free(cast: Cast, ana: Browser, browser: Browser, get_page) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    invite(ana, EVE.email)
    cast.acme.seats = seats_used(cast.acme)
    db.session.commit()
    assert AGAIN in asked(ana, get_page, EVE)
    cast.acme.seats -= 1
    db.session.commit()
    assert AWAY in asked(ana, get_page, EVE)
    ana.post(f"{page_of(person(EVE.email))}/withdraw", {})
    assert browser.sso(cast.acme, EVE).status_code == 403


def test_role_rules_may_say_something_else(cast: Cast, ana: Browser, get_page) -> None:
    cast.acme.jit_on = cast.acme.role_rules_on = True
    db.session.add(RoleRule(organization_id=cast.acme.id, position=1, group_name="it", outcome="refuse"))
    db.session.commit()
    invite(ana, EVE.email)
    assert f"{AGAIN}, or what your role rules say, as anybody" in asked(ana, get_page, EVE)


def test_to_ask_changes_nothing(cast: Cast, ana: Browser, get_page) -> None:
    invite(ana, EVE.email)
    asked(ana, get_page, EVE)
    assert person(EVE.email).status == "invited"
