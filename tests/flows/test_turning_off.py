"""Turning off: asked for first, told what it means and what it leaves as it is, and undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from database import db, now
from models import AuditEvent, MissedSignIn, Organization, User
from organizations import jit, role_rules
from organizations.audit import OPERATOR
from tests.factories import EVE, Cast, make_user
from tests.flows.test_the_parts_of_the_area import AREA, SECURITY, ana, switch
from tests.pages import check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture: an admin of Acme
UNDO = 'id="jit-undo"'
STILL = "Role rules still apply at each sign-in of the people created here."


def is_on() -> bool:
    db.session.rollback()
    return db.session.scalars(select(Organization.jit_on).where(Organization.slug == "acme")).one()


def offered(admin: Browser) -> bool:
    return UNDO in admin.get(SECURITY).text


def test_off_is_asked_for_on_a_page(ana: Browser) -> None:
    switch(True)
    form = next(form for form in check_page(ana.get(SECURITY).text).forms() if form.get("action") == f"{AREA}/off")
    assert [(b.get("name"), b.get("value")) for b in form.iter("button")] == [("enabled", "off")]
    asked = ana.post(f"{AREA}/off", {"enabled": "off"})
    assert (asked.status_code, asked.location) == (303, f"{AREA}/off")
    page = check_page(ana.get(f"{AREA}/off").text)
    assert page.h1 == "Turn JIT Provisioning off?"
    assert page.links()["Keep it on"] == SECURITY
    assert is_on()


def test_off_is_asked_for_in_a_dialog(ana: Browser) -> None:
    switch(True)
    asked = ana.post(f"{AREA}/off", {"enabled": "off"}, htmx=True)
    assert asked.status_code == 200
    assert "<dialog" in asked.text
    assert is_on()


@pytest.mark.parametrize("htmx", [False, True])
def test_a_stale_tab_is_not_asked_but_told(ana: Browser, htmx: bool) -> None:
    answer = ana.post(f"{AREA}/off", {"enabled": "off"}, htmx=htmx)
    if not htmx:
        assert answer.location == f"{AREA}/off"
        answer = ana.get(answer.location)
        assert (answer.status_code, answer.location) == (303, SECURITY)
        answer = ana.get(SECURITY)
    assert "<dialog" not in answer.text
    assert answer.text.count("JIT Provisioning was off already.") == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_turned_off_it_offers_undo_until_it_is_on_again(cast: Cast, ana: Browser, htmx: bool) -> None:
    assert not offered(ana)
    switch(True)
    answer = ana.post(AREA, {"enabled": "off"}, htmx=htmx)
    if htmx:
        assert answer.text.count("Turned off by mistake?") == 1
    else:
        ana.get("/")  # another page, on which it does not get lost
    assert offered(ana)
    ana.post(AREA, {"enabled": "off"})
    assert offered(ana), "that was no change"
    answer = ana.post(AREA, {"enabled": "on"}, htmx=htmx)
    assert UNDO not in answer.text
    assert not offered(ana)
    assert is_on()


def test_it_is_still_offered_once_something_else_was_done_in_the_area(
    cast: Cast, ana: Browser, another_browser: Browser
) -> None:
    another_browser.sso(cast.acme, EVE)
    row = db.session.scalars(select(MissedSignIn)).one()
    switch(True)
    ana.post(AREA, {"enabled": "off"}, htmx=True)
    answer = ana.post(f"{SECURITY}/turned-away/{row.id}/dismiss", {}, htmx=True)
    assert UNDO in answer.text


def test_it_is_offered_to_whom_it_concerns_and_while_it_does(
    cast: Cast, ana: Browser, another_browser: Browser
) -> None:
    switch(True)
    ana.post(AREA, {"enabled": "off"})
    assert not offered(another_browser.sign_in_as(make_user(cast.acme, "ann@acme.example", role="admin")))
    for minutes, there in ((-9, True), (-11, False)):
        values = {"at": now() + timedelta(minutes=minutes)}
        db.session.execute(update(AuditEvent).where(AuditEvent.action == jit.TURNED_OFF).values(values))
        db.session.commit()
        assert offered(ana) is there
    switch(True)
    jit.set_wish(cast.acme, False, OPERATOR)
    db.session.commit()
    assert not offered(ana)


def test_what_is_said_of_role_rules_is_what_the_next_sign_in_does(
    cast: Cast, ana: Browser, another_browser: Browser
) -> None:
    switch(True)
    another_browser.sso(cast.acme, EVE)
    role_rules.add(cast.acme, EVE.groups[0], "collaborator", cast.ana)
    for each_time, role in ((False, "viewer"), (True, "collaborator")):
        role_rules.set_on(cast.acme, True, cast.ana)
        role_rules.set_each_time(cast.acme, each_time, cast.ana)
        switch(True)
        told = [ana.post(f"{AREA}/off", {"enabled": "off"}, htmx=True).text, ana.get(f"{AREA}/off").text]
        switch(False)
        told.append(ana.get(SECURITY).text)
        assert [STILL in text for text in told] == [each_time] * 3
        another_browser.sso(cast.acme, EVE)
        assert db.session.scalars(select(User.role).where(User.email == EVE.email)).one() == role
