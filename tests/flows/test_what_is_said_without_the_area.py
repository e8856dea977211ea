"""Where the area is gone: that it was on and what brings it back, when it ended, and the way to undo what it did."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from database import db
from models import Entitlement, User
from tests.factories import EVE, Cast, make_organization, make_user
from tests.flows.test_constant_number_of_queries import counted
from tests.flows.test_states_of_the_area import SECURITY, ana, deactivate, do, has_area, lock
from tests.flows.test_states_of_the_area import words as words_of
from tests.pages import check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture: an admin of Acme, where the switch is on
pytestmark = pytest.mark.both_databases
UNDO = "Undo a time window"
WAS_ON = "Creating accounts at sign-in was on. It is on again as soon as"
NEVER_HAD = "If you expected an option"
LAST_DAY = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
LATER = datetime(2096, 12, 31, 23, 59, 59, tzinfo=UTC)


def words(ana: Browser) -> str:
    """A day is an element of its own, which the page's words are parted at."""
    return words_of(ana).replace(" .", ".")


def end_on(last_day: datetime | None) -> None:
    db.session.rollback()
    db.session.scalars(select(Entitlement)).one().ends_at = last_day
    db.session.commit()


def test_deactivated_it_says_that_it_was_on(ana: Browser) -> None:
    assert WAS_ON not in words(ana)
    do(deactivate)
    assert f"{WAS_ON} SSO is activated." in words(ana)
    do(lock)
    assert f"{WAS_ON} SSO is activated and support makes it available again." in words(ana)
    assert not has_area(ana)


def test_locked_it_says_that_it_was_on(ana: Browser) -> None:
    do(lock)
    assert f"{WAS_ON} support makes it available again." in words(ana)
    assert NEVER_HAD in words(ana)
    assert not has_area(ana)


@pytest.mark.parametrize("change", [lock, deactivate])
def test_off_it_says_nothing_of_the_kind(cast: Cast, ana: Browser, change: object) -> None:
    cast.acme.jit_on = False
    db.session.commit()
    do(change)
    assert "was on" not in words(ana)


def test_after_its_last_day_it_says_which_it_was(ana: Browser) -> None:
    end_on(LAST_DAY)
    said = words(ana)
    assert (
        "The option to create accounts at sign-in ended on 31 January 2026. To have it again, contact support" in said
    )
    assert "with the reference of your organization, acme." in said
    assert NEVER_HAD not in said
    assert f"{WAS_ON} support makes it available again." in said
    assert not has_area(ana)
    do(deactivate)
    assert "ended on 31 January 2026" in words(ana)


def test_who_never_had_it_reads_of_no_end(app: object, browser: Browser) -> None:
    initech = make_organization("initech", sso="activated")
    browser.sign_in_as(make_user(initech, "ida@initech.example", role="admin"))
    said = check_page(browser.get("/o/initech/settings/security").text).words
    assert NEVER_HAD in said
    assert not any(word in said for word in ("ended on", "was on", UNDO))


def test_whom_to_ask_is_said_as_soon_as_sso_is_activated_beside_what_is_missing(app: object, browser: Browser) -> None:
    initech = make_organization("initech", sso="activated")
    initech.domains[0].verified_at = None
    db.session.commit()
    browser.sign_in_as(make_user(initech, "ida@initech.example", role="admin"))
    page = check_page(browser.get("/o/initech/settings/security").text)
    assert NEVER_HAD in page.words
    assert page.links()["Verify a domain"] == "#domains"


def test_the_area_says_until_when_it_is_there(ana: Browser) -> None:
    assert "Available until" not in words(ana)
    end_on(LATER)
    assert "Available until 31 December 2096." in words(ana)
    do(deactivate)
    assert "ended on" not in words(ana), "it has not"


@pytest.mark.parametrize("change", [lock, deactivate, lambda _acme: end_on(LAST_DAY)], ids=["lock", "off", "end"])
def test_what_it_did_can_be_undone(cast: Cast, browser: Browser, ana: Browser, change: object) -> None:
    do(change)
    assert UNDO not in check_page(ana.get(SECURITY).text).links(), "there is nothing"
    eve = make_user(
        cast.acme, EVE.email, origin="jit", created_by_configuration_id=cast.acme.connection.live_configuration_id
    )
    target = check_page(ana.get(SECURITY).text).links()[UNDO]
    chosen = {"begins": "2020-01-01T00:00", "ends": "2096-01-01T00:00"}
    assert EVE.email in check_page(ana.get(f"{target}/accounts", query_string=chosen).text).words
    ana.post(target, {"shown": str(eve.id), **chosen})
    db.session.rollback()
    assert db.session.scalars(select(User.status).where(User.email == EVE.email)).one() == "deactivated"
    assert UNDO not in check_page(ana.get(SECURITY).text).links()


def test_it_costs_the_same_however_many_there_are(cast: Cast, ana: Browser) -> None:
    do(lock)
    with counted() as few:
        words(ana)
    for number in range(5):
        configuration = cast.acme.connection.live_configuration_id
        make_user(cast.acme, f"p{number}@acme.example", origin="jit", created_by_configuration_id=configuration)
    with counted() as many:
        words(ana)
    assert len(many) == len(few) <= 12
