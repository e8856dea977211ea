"""Whether sign-ins may start at the identity provider: an admin's choice in the Security tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db
from models import AuditEvent, SSOConnection
from tests.factories import Cast
from tests.pages import Page
from tests.signing_in import Browser

SWITCH = "/o/acme/settings/security/idp-initiated"


def allowed() -> bool:
    db.session.rollback()
    return db.session.scalars(select(SSOConnection.idp_initiated)).one()


@pytest.mark.parametrize("htmx", [False, True])
def test_an_admin_switches_it_on_and_off(
    cast: Cast, browser: Browser, get_page: Callable[..., Page], htmx: bool
) -> None:
    browser.sign_in_as(cast.ana)
    for wanted in ("on", "off"):
        answer = browser.post(SWITCH, {"enabled": wanted}, htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
        assert allowed() is (wanted == "on")
        button = get_page(browser, "/o/acme/settings/security").by_id("idp-initiated-button")
        assert button is not None
        assert button.get("value") == ("off" if wanted == "on" else "on")
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.contains("idp_initiated"))).all()
    assert actions == ["admin:idp_initiated:allowed", "admin:idp_initiated:forbidden"]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_state_that_is_neither_changes_nothing(cast: Cast, browser: Browser, htmx: bool) -> None:
    browser.sign_in_as(cast.ana)
    assert browser.post(SWITCH, {"enabled": "perhaps"}, htmx=htmx).status_code == 422
    assert not allowed()


@pytest.mark.parametrize("htmx", [False, True])
def test_without_a_connection_there_is_nothing_to_switch(
    cast: Cast, browser: Browser, get_page: Callable[..., Page], htmx: bool
) -> None:
    browser.sign_in_as(cast.cleo)
    assert get_page(browser, "/o/globex/settings/security").by_id("idp_initiated") is None
    answer = browser.post("/o/globex/settings/security/idp-initiated", {"enabled": "on"}, htmx=htmx)
    assert answer.status_code == 409
    assert "SSO is not set up" in answer.text
