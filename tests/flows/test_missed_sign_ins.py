"""Who is turned away although an admin could help is kept, and the admin creates the account or puts it away."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from demo.cast import Person
from models import (
    AuditEvent,
    Domain,
    Entitlement,
    Identity,
    Membership,
    MissedSignIn,
    Organization,
    OutboxMessage,
    User,
)
from tests.factories import EVE, Cast, make_user
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
ALL = "/o/acme/settings/security/turned-away"
SECURITY = "/o/acme/settings/security"
MALLORY = Person("mallory@acme.example.net", "Mallory", "Byrne")


def rows() -> list[MissedSignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(MissedSignIn).order_by(MissedSignIn.id)))


def path(what: str, row: MissedSignIn | int) -> str:
    return f"{ALL}/{row if isinstance(row, int) else row.id}/{what}?page=all"


def events(action: str) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    return another_browser.sign_in_as(cast.ana)


@pytest.fixture
def missed(cast: Cast, browser: Browser) -> MissedSignIn:
    assert browser.sso(cast.acme, EVE).status_code == 403
    [row] = rows()
    return row


def lock_feature() -> None:
    db.session.execute(db.delete(Entitlement))


def lose_domain() -> None:
    db.session.execute(db.update(Domain).where(Domain.name == "acme.example").values(verified_at=None))


def take_seats() -> None:
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(seats=1, jit_on=True))


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (lambda: None, "jit_off"),
        (lock_feature, "jit_locked"),
        (take_seats, "no_seat_left"),
        (lose_domain, "domain_not_verified"),
    ],
    ids=["off", "locked", "no seat", "domain"],
)
def test_each_of_the_four_reasons_is_kept(cast: Cast, browser: Browser, what: object, reason: str) -> None:
    what()
    db.session.commit()
    assert browser.sso(cast.acme, EVE).status_code == 403
    [row] = rows()
    assert (row.email, row.reason, row.times, row.organization_id) == (EVE.email, reason, 1, cast.acme.id)
    assert (row.given_name, row.family_name, row.groups) == ("Eve", "Lindqvist", ["research"])


def test_no_other_refusal_is_listed(cast: Cast, browser: Browser, ana: Browser) -> None:
    cast.ben.status = "deactivated"
    db.session.commit()
    assert browser.sso(cast.acme, Person(cast.ben.email, "Ben", "Okafor")).status_code == 403
    cast.acme.connection.activated_at = None
    db.session.commit()
    assert cast.ben.email not in ana.get(ALL).text


def test_twice_is_one_row_that_counts_and_knows_the_last(cast: Cast, browser: Browser, missed: MissedSignIn) -> None:
    first = missed.reference
    browser.sso(cast.acme, EVE)
    [row] = rows()
    assert (row.times, row.reference != first, row.first_at <= row.last_at) == (2, True, True)


def test_the_list_says_who_when_how_often_and_why(ana: Browser, missed: MissedSignIn) -> None:
    for where in (SECURITY, ALL):
        words = check_page(ana.get(where).text).words
        for part in ("Eve Lindqvist", EVE.email, missed.reference, "Creating accounts at sign-in is off"):
            assert part in words, (where, part)
    assert "1 turned away" in " ".join(check_page(ana.get(SECURITY).text).links())


def test_a_name_from_outside_is_text(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, Person("x@acme.example", "<b>X</b>", "Y"))
    page = ana.get(ALL).text
    assert "&lt;b&gt;X" in page
    assert "<b>X" not in page


@pytest.mark.parametrize("htmx", [False, True])
def test_create_account_is_what_the_sign_in_would_have_done(
    cast: Cast, browser: Browser, ana: Browser, missed: MissedSignIn, htmx: bool
) -> None:
    answer = ana.post(path("create", missed), {}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    db.session.rollback()
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    assert (eve.role, eve.status, eve.origin, eve.name) == ("viewer", "active", "jit", "Eve Lindqvist")
    assert eve.created_by_reference == missed.reference
    assert eve.created_by_configuration_id == cast.acme.connection.live_configuration_id
    assert len(db.session.scalars(select(Membership).where(Membership.user_id == eve.id)).all()) == 1
    [event] = events("admin:account:created")
    assert (event.actor, event.subject, event.reference) == (cast.ana.email, EVE.email, missed.reference)
    assert event.details == {"role": "viewer", "because": "jit_off"}
    assert rows()[0].closed_at is not None
    assert browser.sso(cast.acme, EVE).status_code == 200
    assert db.session.scalars(select(Identity.user_id)).all() == [eve.id]


def test_outside_the_domains_the_account_waits_for_its_person(cast: Cast, browser: Browser, ana: Browser) -> None:
    browser.sso(cast.acme, MALLORY)
    assert ana.post(path("create", rows()[0]), {}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(User.status).where(User.email == MALLORY.email)).one() == "invited"
    assert browser.sso(cast.acme, MALLORY).status_code == 200


def test_create_twice_is_one_account(ana: Browser, missed: MissedSignIn) -> None:
    for _ in range(2):
        ana.post(path("create", missed), {})
    assert len(events("admin:account:created")) == 1


def test_no_seat_and_an_account_that_is_there_are_said(cast: Cast, ana: Browser, missed: MissedSignIn) -> None:
    cast.acme.seats = 3
    db.session.commit()
    answer = ana.post(path("create", missed), {})
    said = "No account was created for eve@acme.example. "
    assert (answer.status_code, said + "No seat is left." in answer.text) == (409, True)
    cast.acme.seats = 4
    make_user(cast.acme, EVE.email)
    answer = ana.post(path("create", missed), {})
    assert (answer.status_code, said + "There is an account with their address" in answer.text) == (409, True)
    assert events("admin:account:created") == []


def test_dismissed_is_off_the_list_until_they_come_again(
    cast: Cast, browser: Browser, ana: Browser, missed: MissedSignIn
) -> None:
    assert ana.post(path("dismiss", missed), {}).status_code == 303
    ana.get("/")
    assert EVE.email not in ana.get(ALL).text.partition("<main")[2].partition('<ul class="rows"')[2]
    assert [event.subject for event in events("admin:missed:dismissed")] == [EVE.email]
    ana.post(path("dismiss", missed), {})
    assert len(events("admin:missed:dismissed")) == 1
    browser.sso(cast.acme, EVE)
    assert rows()[0].closed_at is None


def test_a_later_sign_in_closes_it(cast: Cast, browser: Browser, missed: MissedSignIn) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    assert browser.sso(cast.acme, EVE).status_code == 200
    assert rows()[0].closed_at is not None


def test_another_organization_and_a_viewer_get_nowhere(cast: Cast, app: Flask, missed: MissedSignIn) -> None:
    cleo, ben = Browser(app).sign_in_as(cast.cleo), Browser(app).sign_in_as(cast.ben)
    theirs = f"/o/globex/settings/security/turned-away/{missed.id}"
    for what in ("create", "dismiss"):
        assert cleo.post(f"{theirs}/{what}", {}).status_code == 404
        assert ben.post(path(what, missed), {}).status_code == 403
    cleo.post("/o/globex/settings/security/turned-away/create-all", {"shown": str(missed.id)})
    assert rows()[0].closed_at is None
    assert db.session.scalars(select(User).where(User.email == EVE.email)).all() == []
    assert EVE.email not in cleo.get("/o/globex/settings/security/turned-away").text


@pytest.mark.parametrize("smtp", [None, "smtp://127.0.0.1:1"])
def test_they_are_told_where_mail_is_sent(
    app: Flask, ana: Browser, missed: MissedSignIn, monkeypatch: pytest.MonkeyPatch, smtp: str | None
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", smtp)
    ana.post(path("create", missed), {})
    db.session.rollback()
    messages = db.session.scalars(select(OutboxMessage)).all()
    assert [message.recipient for message in messages] == ([EVE.email] if smtp else [])
    assert all("/o/acme" in message.body for message in messages)
