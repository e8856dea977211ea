"""S7, S12, S14 and a stale tab: the switch stores what was wanted, and holds for the very next sign-in."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from database import db, now
from demo.cast import Person
from models import AuditEvent, Entitlement, Organization, User
from tests.factories import EVE, Cast
from tests.pages import check_page, parse
from tests.signing_in import Browser

SWITCH = "/o/acme/settings/security/jit"
SECURITY = "/o/acme/settings/security"
FINN = Person("finn@acme.example", "Finn", "O’Brien")


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana)


def is_on() -> bool:
    db.session.rollback()
    return db.session.scalars(select(Organization.jit_on).where(Organization.slug == "acme")).one()


def events(action: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


def test_without_javascript_the_form_leads_back_to_the_page(ana: Browser) -> None:
    answer = ana.post(SWITCH, {"enabled": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SECURITY}#jit")
    page = check_page(ana.get(SECURITY).text)
    switch = page.by_id("jit-switch")
    assert switch is not None
    assert (switch.get("aria-checked"), switch.get("value")) == ("true", "off")
    assert "JIT Provisioning is on." in page.words
    assert is_on()


def test_htmx_gets_the_fragment_and_the_notice_out_of_band(ana: Browser) -> None:
    answer = ana.post(SWITCH, {"enabled": "on"}, htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    fragment = parse(f"<!doctype html><title>The page it is swapped into</title>{answer.text}")
    assert fragment.by_id("jit") is not None
    assert "hx-swap-oob" in answer.text
    assert "JIT Provisioning is on." in answer.text


def test_on_off_on_holds_for_the_very_next_sign_in(cast: Cast, ana: Browser, another_browser: Browser) -> None:
    assert another_browser.sso(cast.acme, EVE).status_code == 403
    ana.post(SWITCH, {"enabled": "on"})
    assert another_browser.sso(cast.acme, EVE).status_code == 200
    ana.post(SWITCH, {"enabled": "off"})
    assert another_browser.sso(cast.acme, FINN).status_code == 403
    assert another_browser.sso(cast.acme, EVE).status_code == 200
    ana.post(SWITCH, {"enabled": "on"})
    assert another_browser.sso(cast.acme, FINN).status_code == 200


def test_asking_twice_is_one_change(ana: Browser) -> None:
    for _ in range(2):
        ana.post(SWITCH, {"enabled": "on"})
    assert is_on()
    assert events("admin:jit:turned_on") == 1


@pytest.mark.parametrize("wanted", ["maybe", "", "ON", "true"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_state_that_is_neither_on_nor_off_changes_nothing(ana: Browser, wanted: str, htmx: bool) -> None:
    answer = ana.post(SWITCH, {"enabled": wanted}, htmx=htmx)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert (answer.headers.get("HX-Reswap") == "none") is htmx
    assert not is_on()


def test_a_stale_tab_is_told_that_sso_was_deactivated(cast: Cast, ana: Browser) -> None:
    token = ana.csrf_token(SECURITY)
    cast.acme.connection.activated_at = None
    db.session.commit()
    answer = ana.client.post(SWITCH, data={"enabled": "on", "csrf_token": token})
    assert answer.status_code == 409
    page = check_page(answer.text)
    assert page.by_id("jit") is None
    assert not is_on()
    assert events("admin:jit:refused") == 1


def test_a_stale_tab_with_htmx_is_loaded_anew(cast: Cast, ana: Browser) -> None:
    token = ana.csrf_token(SECURITY)
    db.session.execute(db.delete(Entitlement))
    db.session.commit()
    answer = ana.client.post(SWITCH, data={"enabled": "on", "csrf_token": token}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (409, SECURITY)
    assert "contact support" in ana.get(SECURITY).text.lower()
    assert not is_on()


def test_a_wrong_token_changes_nothing(ana: Browser) -> None:
    answer = ana.client.post(SWITCH, data={"enabled": "on", "csrf_token": "forged"})
    assert answer.status_code == 400
    assert "form is out of date" in answer.text
    assert not is_on()


def test_a_demoted_admin_loses_it_at_the_next_request(cast: Cast, ana: Browser) -> None:
    token = ana.csrf_token(SECURITY)
    cast.ana.role = "viewer"
    db.session.commit()
    assert ana.get(SECURITY).status_code == 403
    assert ana.client.post(SWITCH, data={"enabled": "on", "csrf_token": token}).status_code == 403
    assert not is_on()


def test_turned_off_people_created_earlier_keep_working(cast: Cast, ana: Browser, another_browser: Browser) -> None:
    ana.post(SWITCH, {"enabled": "on"})
    another_browser.sso(cast.acme, EVE)
    ana.post(SWITCH, {"enabled": "off"})
    assert another_browser.signed_in
    assert db.session.scalars(select(User.status).where(User.email == EVE.email)).all() == ["active"]


def test_the_wish_stays_stored_while_it_has_no_effect(cast: Cast, ana: Browser, another_browser: Browser) -> None:
    ana.post(SWITCH, {"enabled": "on"})
    entitlement = db.session.scalars(select(Entitlement)).one()
    entitlement.ends_at = now()
    db.session.commit()
    refused = another_browser.sso(cast.acme, EVE)
    assert refused.status_code == 403
    assert "does not create accounts at sign-in" in refused.text
    assert check_page(ana.get(SECURITY).text).by_id("jit") is None
    assert is_on()
    db.session.scalars(select(Entitlement)).one().ends_at = None
    db.session.commit()
    assert another_browser.sso(cast.acme, EVE).status_code == 200
