"""Domain lost, SSO deactivated, feature locked or ended, plan changed: what the tab says, what the next sign-in does,
and that the stored wish counts again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from database import db, now
from models import Domain, Entitlement, Organization, User
from organizations import entitlements
from tests.factories import EVE, Cast
from tests.pages import check_page
from tests.signing_in import Browser

SECURITY = "/o/acme/settings/security"
Change = Callable[[Organization], None]


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    cast.acme.jit_on = True
    db.session.commit()
    return another_browser.sign_in_as(cast.ana)


def words(ana: Browser) -> str:
    db.session.rollback()
    return check_page(ana.get(SECURITY).text).words


def has_area(ana: Browser) -> bool:
    text = ana.get(SECURITY).text
    return "JIT Provisioning" in text or "/security/jit" in text


def do(change: Change) -> None:
    db.session.rollback()
    change(db.session.scalars(select(Organization).where(Organization.slug == "acme")).one())
    db.session.commit()


def deactivate(acme: Organization) -> None:
    acme.connection.activated_at = None


def activate(acme: Organization) -> None:
    acme.connection.activated_at = now()


def lock(acme: Organization) -> None:
    entitlements.lock(acme, "test")


def unlock(acme: Organization) -> None:
    entitlements.unlock(acme, "test")


def end(_acme: Organization) -> None:
    db.session.scalars(select(Entitlement)).one().ends_at = now()


def prolong(_acme: Organization) -> None:
    db.session.scalars(select(Entitlement)).one().ends_at = now() + timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "back", "said"),
    [
        (deactivate, activate, "SSO is enabled, but not activated."),
        (lock, unlock, "contact support"),
        (end, prolong, "contact support"),
    ],
    ids=["SSO deactivated", "locked", "end date passed"],
)
def test_the_area_is_gone_and_comes_back_on(
    cast: Cast, browser: Browser, ana: Browser, change: Change, back: Change, said: str
) -> None:
    answer = browser.answer_for(cast.acme, EVE)
    do(change)
    assert said in words(ana)
    assert not has_area(ana)
    assert browser.post_answer(answer).status_code == 403
    assert not browser.signed_in
    assert not db.session.scalars(select(User).where(User.email == EVE.email)).all()
    do(back)
    assert "New people at acme.example will get a Viewer account in General." in words(ana)
    assert check_page(ana.get(SECURITY).text).by_id("jit-switch").get("aria-checked") == "true"
    assert browser.sso(cast.acme, EVE).status_code == 200


def test_a_record_that_is_gone_wants_attention_and_nobody_is_locked_out(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    db.session.execute(db.update(Domain).where(Domain.name == "acme.example").values(missing_since=now()))
    db.session.commit()
    assert "Attention" in words(ana)
    assert "The TXT record of acme.example is gone." in words(ana)
    assert browser.sso(cast.acme, EVE).status_code == 200


def test_a_domain_that_is_lost_holds_it_up_until_it_is_verified_again(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    lost = db.update(Domain).where(Domain.name == "acme.example")
    db.session.execute(lost.values(verified_at=None))
    db.session.commit()
    assert "Attention" in words(ana)
    assert "No domain is verified, so nobody new gets an account yet." in words(ana)
    assert browser.sso(cast.acme, EVE).status_code == 403
    assert EVE.email in words(ana), "a missed sign-in"
    db.session.execute(lost.values(verified_at=now()))
    db.session.commit()
    assert browser.sso(cast.acme, EVE).status_code == 200


def test_a_change_of_plan_counts_for_the_next_one_only(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, EVE)
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(plan="seat_based"))
    db.session.commit()
    assert "New people at acme.example will get a Collaborator account in General." in words(ana)
    browser.sso(cast.acme, type(EVE)("finn@acme.example", "Finn", "O’Brien"))
    db.session.rollback()
    roles = dict(db.session.execute(select(User.email, User.role).where(User.origin == "jit")).all())
    assert roles == {EVE.email: "viewer", "finn@acme.example": "collaborator"}


def test_the_sentence_counts_the_seats_that_the_decision_counts(cast: Cast, ana: Browser) -> None:
    for seats, said in ((5, "2 seats are left."), (4, "1 seat is left."), (3, "No seat is left, so new people at")):
        db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(seats=seats))
        db.session.commit()
        assert said in words(ana)


def test_turned_away_people_are_reached_from_the_tab_without_the_area(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    do(lock)
    browser.sso(cast.acme, EVE)
    page = check_page(ana.get(SECURITY).text)
    assert not has_area(ana)
    assert page.links()["See who was turned away"] == f"{SECURITY}/turned-away"
    turned_away = check_page(ana.get(f"{SECURITY}/turned-away").text)
    assert turned_away.h1 == "People who were turned away"
    assert EVE.email in turned_away.words
    assert "JIT" not in turned_away.words
