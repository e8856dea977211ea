"""S2, S6, S8 to S13: where the JIT area is, where it is not, and who reaches it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db
from models import Organization
from tests.factories import EVE, Cast, make_organization, make_user
from tests.pages import Page
from tests.signing_in import Browser

GetPage = Callable[..., Page]

# SSO state, unlocked → what the page says in place of the area (None: the area is there)
STATES = [
    ("not_set_up", False, "SSO is not set up yet"),
    ("not_set_up", True, "SSO is not set up yet"),
    ("enabled", False, "but not activated"),
    ("enabled", True, "but not activated"),
    ("activated", False, "contact support"),
    ("activated", True, None),
]


@pytest.mark.parametrize(("sso", "unlocked", "missing"), STATES)
def test_the_area_is_there_only_with_active_sso_and_the_feature_unlocked(
    app: object, browser: Browser, get_page: GetPage, sso: str, unlocked: bool, missing: str | None
) -> None:
    organization = make_organization("initech", sso=sso, unlocked=unlocked)
    browser.sign_in_as(make_user(organization, "ida@initech.example", role="admin"))
    page = get_page(browser, "/o/initech/settings/security")
    if missing is None:
        assert page.by_id("jit-switch").get("aria-checked") == "false"
        assert "JIT Provisioning" in page.words
    else:
        assert missing.lower() in page.words.lower()
        for trace in ("jit-switch", "security/jit", "JIT Provisioning", 'role="switch"'):
            assert trace not in page.text


@pytest.mark.parametrize(("sso", "unlocked", "missing"), STATES[:-1])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_direct_post_is_refused_and_changes_nothing(
    app: object, browser: Browser, sso: str, unlocked: bool, missing: str, htmx: bool
) -> None:
    organization = make_organization("initech", sso=sso, unlocked=unlocked)
    browser.sign_in_as(make_user(organization, "ida@initech.example", role="admin"))
    answer = browser.post("/o/initech/settings/security/jit", {"enabled": "on"}, htmx=htmx)
    assert answer.status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(Organization.jit_on).where(Organization.slug == "initech")).one() is False


@pytest.mark.parametrize(("sso", "unlocked", "_missing"), STATES[2:-1])
def test_nobody_is_provisioned_there_even_if_the_wish_is_stored(
    app: object, browser: Browser, sso: str, unlocked: bool, _missing: str
) -> None:
    acme = make_organization("acme", sso="activated", unlocked=unlocked, jit_on=True)
    answer = browser.answer_for(acme, EVE)
    if sso == "enabled":
        acme.connection.activated_at = None
        db.session.commit()
    assert browser.post_answer(answer).status_code == 403
    assert not browser.signed_in


@pytest.mark.parametrize(
    ("sso", "words"), [("not_set_up", "Not set up"), ("enabled", "Enabled"), ("activated", "Activated")]
)
def test_the_tab_shows_the_state_of_sso(app: object, browser: Browser, get_page: GetPage, sso: str, words: str) -> None:
    organization = make_organization("initech", sso=sso)
    browser.sign_in_as(make_user(organization, "ida@initech.example", role="admin"))
    assert words in get_page(browser, "/o/initech/settings/security").words


def test_a_viewer_has_no_tab_and_is_refused(cast: Cast, browser: Browser, get_page: GetPage) -> None:
    browser.sign_in_as(cast.ben)
    profile = get_page(browser, "/o/acme/settings/profile")
    assert "Security" not in profile.links()
    assert "/settings/security" not in profile.text
    get_page(browser, "/o/acme/settings/security", status=403)
    assert browser.post("/o/acme/settings/security/jit", {"enabled": "on"}).status_code == 403


def test_an_admin_of_another_organization_cannot_see_that_it_exists(
    cast: Cast, browser: Browser, get_page: GetPage
) -> None:
    browser.sign_in_as(cast.cleo)
    real = get_page(browser, "/o/acme/settings/security", status=404)
    unreal = get_page(browser, "/o/no-such-one/settings/security", status=404)
    assert real.words == unreal.words
    assert browser.post("/o/acme/settings/security/jit", {"enabled": "on"}).status_code == 404


def test_anonymous_people_are_sent_to_sign_in_and_back(cast: Cast, browser: Browser) -> None:
    for slug in ("acme", "no-such-one"):
        answer = browser.get(f"/o/{slug}/settings/security")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/sign-in?next=/o/{slug}/settings/security"
    refused = browser.post("/o/acme/settings/security/jit", {"enabled": "on"}, htmx=True, page="/sign-in")
    assert (refused.status_code, refused.headers["HX-Redirect"]) == (401, "/sign-in")


def test_settings_are_reached_from_the_initials(cast: Cast, browser: Browser, get_page: GetPage) -> None:
    browser.sign_in_as(cast.ana)
    home = get_page(browser, "/")
    menu = home.by_id("account-menu")
    assert menu is not None
    assert "AS" in "".join(menu.itertext())
    assert home.links()["Settings"] == "/o/acme/settings"
    assert "Security" in get_page(browser, "/o/acme/settings/profile").links()


def test_the_operators_own_organization_never_has_it(app: object, browser: Browser, get_page: GetPage) -> None:
    operator = make_organization("latchkey", sso="activated", unlocked=True, is_operator=True)
    browser.sign_in_as(make_user(operator, "sam@latchkey.example", role="admin"))
    assert get_page(browser, "/o/latchkey/settings/security").by_id("jit") is None
    assert browser.post("/o/latchkey/settings/security/jit", {"enabled": "on"}).status_code == 409
