"""Role, deactivation, reactivation, sessions, SSO link: one audit event each, and who may not be touched."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from models import Identity, SignInSession
from organizations import accounts, audit, passwords, sessions
from tests.factories import EVE, Cast, make_user
from tests.flows.people.conftest import events, number_of_events, number_of_links, page_of, person
from tests.pages import check_page
from tests.signing_in import Browser


def change(browser: Browser, path: str, htmx: bool = False, **fields: str):
    return browser.post(path, fields, htmx=htmx)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_role_is_changed_and_counts_at_the_next_request(cast: Cast, ana: Browser, htmx: bool) -> None:
    before = number_of_events()
    answer = change(ana, f"{page_of(cast.ben)}/role", htmx, role="collaborator")
    assert answer.status_code == (200 if htmx else 303)
    if htmx:
        assert answer.text.startswith('<div id="person">')
        assert "Ben Okafor is a Collaborator now." in answer.text
    assert person("ben@acme.example").role == "collaborator"
    assert events("admin:role:changed") == [
        ("ana@acme.example", "ben@acme.example", {"before": "viewer", "after": "collaborator"})
    ]
    assert number_of_events() == before + 1
    assert change(ana, f"{page_of(cast.ben)}/role", role="collaborator").status_code == 303
    assert number_of_events() == before + 1, "saying it twice is harmless"


def test_admin_is_given_only_after_a_page_that_says_what_it_means(cast: Cast, ana: Browser, get_page) -> None:
    answer = change(ana, f"{page_of(cast.ben)}/role", role="admin")
    assert answer.location == f"{page_of(cast.ben)}/role?role=admin"
    assert change(ana, f"{page_of(cast.ben)}/role", True, role="admin").headers["HX-Redirect"] == answer.location
    assert person("ben@acme.example").role == "viewer"
    asked = get_page(ana, answer.location)
    assert asked.h1 == "Make Ben Okafor an Admin?"
    assert change(ana, f"{page_of(cast.ben)}/role", role="admin", confirmed="y").status_code == 303
    assert person("ben@acme.example").role == "admin"
    assert "Before: Viewer After: Admin" in get_page(ana, "/o/acme/settings/audit-log").words


def test_an_unknown_role_is_refused(cast: Cast, ana: Browser) -> None:
    for role in ("", "owner", "Admin"):
        assert change(ana, f"{page_of(cast.ben)}/role", role=role, confirmed="y").status_code == 422
    assert person("ben@acme.example").role == "viewer"


def test_an_admin_may_step_down_but_not_the_last_one(cast: Cast, ana: Browser, get_page) -> None:
    answer = change(ana, f"{page_of(cast.ana)}/role", role="viewer")
    assert get_page(ana, answer.location).h1 == "Make yourself a Viewer?"
    root = person("root@acme.example")
    assert change(ana, f"{page_of(root)}/role", role="viewer").status_code == 303
    for confirmed in ("", "y"):
        answer = change(ana, f"{page_of(cast.ana)}/role", role="viewer", confirmed=confirmed)
        assert answer.status_code == 409
        assert "You are the only active admin" in check_page(answer.text).words
    person("ben@acme.example").role = "admin"
    db.session.commit()
    answer = change(ana, f"{page_of(cast.ana)}/role", role="viewer", confirmed="y")
    assert answer.location == "/o/acme/settings/profile"
    assert ana.get(page_of(cast.ben)).status_code == 403


def test_the_last_admin_is_neither_demoted_nor_deactivated(app: Flask, cast: Cast, ana: Browser) -> None:
    """A deactivated or invited admin is none, and one of another organization neither."""
    root = person("root@acme.example")
    root.status = "deactivated"
    make_user(cast.acme, "new@acme.example", role="admin", status="invited")
    before = number_of_events()
    for path, fields in ((f"{page_of(cast.ana)}/role", {"role": "viewer"}), (f"{page_of(cast.ana)}/deactivate", {})):
        for htmx in (False, True):
            answer = change(ana, path, htmx, **fields, confirmed="y")
            assert answer.status_code == 409
            assert answer.headers.get("HX-Reswap") == ("none" if htmx else None)
    assert number_of_events() == before
    assert person("ana@acme.example").status == "active"


def test_not_even_the_system_takes_the_last_admin(cast: Cast) -> None:
    person("root@acme.example").role = "viewer"
    db.session.commit()
    with pytest.raises(accounts.ChangeRefused, match="is the only active admin and has to stay active"):
        accounts.deactivate(cast.ana, audit.SYSTEM)
    assert accounts.deactivate(cast.ben, audit.SYSTEM)


def test_nobody_deactivates_themselves(cast: Cast, ana: Browser) -> None:
    answer = change(ana, f"{page_of(cast.ana)}/deactivate")
    assert (answer.status_code, "You cannot deactivate your own account" in answer.text) == (409, True)
    assert ana.get(f"{page_of(cast.ana)}/deactivate").status_code == 303


def test_deactivated_is_signed_out_at_the_next_request_and_stays_out(
    app: Flask, cast: Cast, ana: Browser, get_page
) -> None:
    ben = Browser(app).sign_in_as(cast.ben)
    assert ben.signed_in
    passwords.make_link(cast.ben)
    db.session.commit()
    before = number_of_events()
    assert get_page(ana, f"{page_of(cast.ben)}/deactivate").h1 == "Deactivate Ben Okafor?"
    answer = change(ana, f"{page_of(cast.ben)}/deactivate", because=" Left in \n May ")
    assert answer.status_code == 303
    assert not ben.signed_in
    assert events("admin:account:deactivated") == [("ana@acme.example", "ben@acme.example", {"because": "Left in May"})]
    assert number_of_events() == before + 1
    assert number_of_links(cast.ben) == 0, "a link to set a password does not outlive the account"
    change(ana, f"{page_of(cast.ben)}/deactivate")
    assert number_of_events() == before + 1


def test_a_session_that_slipped_in_does_not_come_back_to_life(app: Flask, cast: Cast, ana: Browser) -> None:
    change(ana, f"{page_of(cast.ben)}/deactivate")
    ben = Browser(app).sign_in_as(cast.ben)  # a sign-in that was on its way at that moment
    assert not ben.signed_in
    assert change(ana, f"{page_of(cast.ben)}/reactivate").status_code == 303
    assert not ben.signed_in
    assert person("ben@acme.example").status == "active"
    assert Browser(app).sign_in_as(cast.ben).signed_in


@pytest.mark.parametrize("htmx", [False, True])
def test_a_page_of_before_is_not_left_to_who_is_no_admin_any_more(cast: Cast, ana: Browser, htmx: bool) -> None:
    ana.get(page_of(cast.ben))
    cast.ana.role = "viewer"
    db.session.commit()
    answer = change(ana, f"{page_of(cast.ben)}/role", htmx, role="admin", confirmed="y")
    assert answer.status_code == 403
    if htmx:
        assert (answer.text, answer.headers["HX-Redirect"]) == ("", "/o/acme/settings/profile")
        answer = ana.get("/o/acme/settings/profile")
    assert "This is not open to you" in check_page(answer.text).words
    assert person("ben@acme.example").role == "viewer"


@pytest.mark.parametrize("htmx", [False, True])
def test_reactivating_needs_a_free_seat(cast: Cast, ana: Browser, htmx: bool, get_page) -> None:
    change(ana, f"{page_of(cast.ben)}/deactivate")
    cast.acme.seats = 2  # ana and root
    db.session.commit()
    answer = change(ana, f"{page_of(cast.ben)}/reactivate", htmx)
    assert (answer.status_code, "No seat is left" in answer.text) == (409, True)
    assert person("ben@acme.example").status == "deactivated"
    assert "No seat is left" in get_page(ana, page_of(cast.ben)).words
    cast.acme.seats = 3
    db.session.commit()
    assert change(ana, f"{page_of(cast.ben)}/reactivate", htmx).status_code == (200 if htmx else 303)
    assert events("admin:account:reactivated") == [("ana@acme.example", "ben@acme.example", {})]


def test_signing_somebody_out_everywhere(app: Flask, cast: Cast, ana: Browser) -> None:
    browsers = [Browser(app).sign_in_as(cast.ben) for _ in range(3)]
    sessions.start_handover(cast.ben, "/", None)  # one that waits for its browser
    db.session.commit()
    assert change(ana, f"{page_of(cast.ben)}/sign-out").status_code == 303
    assert not any(browser.signed_in for browser in browsers)
    assert events("admin:sessions:ended") == [("ana@acme.example", "ben@acme.example", {"sessions": 4})]
    change(ana, f"{page_of(cast.ben)}/sign-out")
    assert len(events("admin:sessions:ended")) == 1
    assert ana.signed_in
    assert change(ana, f"{page_of(cast.ana)}/sign-out").status_code == 303
    assert not ana.signed_in


def test_a_reset_link_is_made_anew_by_the_next_sign_in(
    app: Flask, cast: Cast, ana: Browser, browser: Browser, get_page
) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    eve = person(EVE.email)
    [subject] = db.session.scalars(select(Identity.subject).where(Identity.user_id == eve.id))
    asked = get_page(ana, f"{page_of(eve)}/reset-sso-link")
    assert subject in asked.words
    assert change(ana, f"{page_of(eve)}/reset-sso-link").status_code == 303
    assert db.session.scalars(select(Identity).where(Identity.user_id == eve.id)).all() == []
    assert not browser.signed_in, "whoever came by that identity is out"
    assert ana.get(f"{page_of(eve)}/reset-sso-link").status_code == 303
    assert events("admin:sso_link:reset") == [("ana@acme.example", EVE.email, {})]
    browser.sso(cast.acme, EVE)
    assert browser.signed_in
    assert db.session.scalars(select(Identity.subject).where(Identity.user_id == eve.id)).all() == [subject]
    change(ana, f"{page_of(cast.ben)}/reset-sso-link")
    assert len(events("admin:sso_link:reset")) == 1, "nothing to reset, nothing to tell"


def test_a_reset_ends_sso_sessions_only(app: Flask, cast: Cast, ana: Browser) -> None:
    connection = cast.acme.connection
    values = {"connection_id": connection.id, "idp_entity_id": "https://idp.example", "subject": "s"}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=cast.ben.id, **values))
    db.session.commit()
    by_sso, by_password = (Browser(app).sign_in_as(cast.ben, method) for method in ("sso", "password"))
    change(ana, f"{page_of(cast.ben)}/reset-sso-link")
    assert (by_sso.signed_in, by_password.signed_in) == (False, True)
    running = select(SignInSession).where(SignInSession.user_id == cast.ben.id, SignInSession.ended_at.is_(None))
    assert [session.method for session in db.session.scalars(running)] == ["password"]
