"""Inviting: takes a seat, by e-mail or link, accepted by a password or through SSO, sent again, withdrawn."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from database import db, now
from models import Domain, MissedSignIn, OneTimeLink, Organization
from organizations import invitations
from tests.conftest import BASE_URL
from tests.factories import EVE, PASSWORD, Cast, make_user
from tests.flows.people.conftest import PEOPLE, events, number_of_events, page_of, person
from tests.pages import check_page
from tests.signing_in import Browser

OUTSIDE = "partner@elsewhere.example"
_LINK = re.compile(rf"{BASE_URL}(/\S+?)(?=[\s<])")


def invite(browser: Browser, email: str = OUTSIDE, role: str = "viewer", by: str = "link"):
    return followed(browser, browser.post(f"{PEOPLE}/invite", {"email": email, "role": role, "by": by}))


def followed(browser: Browser, answer: TestResponse) -> TestResponse:
    """The page that shows the link; a letter on its way leads elsewhere."""
    return browser.get(answer.location) if (answer.location or "").endswith("/link") else answer


def link_in(text: str) -> str:
    [path] = _LINK.findall(text)
    return path


def set_password(app: Flask, path: str) -> Browser:
    browser = Browser(app)
    answer = browser.post(path, {"password": PASSWORD, "again": PASSWORD}, page=path)
    assert answer.status_code == 303, answer.text
    return browser


def test_by_a_link_that_sets_a_password_and_accepts(app: Flask, cast: Cast, ana: Browser, get_page) -> None:
    assert "Invite somebody" in get_page(ana, PEOPLE).links()
    get_page(ana, f"{PEOPLE}/invite")
    before = number_of_events()
    answer = invite(ana, " Partner@Elsewhere.example ", "collaborator")
    assert answer.status_code == 200
    path = link_in(check_page(answer.text).text)
    invited = person(OUTSIDE)
    assert (invited.status, invited.role, invited.origin) == ("invited", "collaborator", "invitation")
    assert invited.invited_by_id == cast.ana.id
    assert events("admin:invitation:sent") == [("ana@acme.example", OUTSIDE, {"role": "collaborator", "by": "link"})]
    assert number_of_events() == before + 1
    partner = set_password(app, path)
    assert person(OUTSIDE).status == "active"
    assert events("password:invitation:accepted") == [(OUTSIDE, OUTSIDE, {"role": "collaborator"})]
    assert number_of_events() == before + 2, "accepting is one event"
    partner.post("/sign-in/password", {"email": OUTSIDE, "password": PASSWORD}, page="/sign-in/password")
    assert partner.signed_in
    assert Browser(app).get(path).status_code == 404, "once"
    assert "Invited by ana@acme.example" in get_page(ana, page_of(invited)).words


def test_by_mail(cast: Cast, ana: Browser, app: Flask, mail, get_page) -> None:
    assert "By a link" in get_page(ana, f"{PEOPLE}/invite").words
    answer = invite(ana, by="mail")
    assert answer.location == page_of(person(OUTSIDE))
    [message] = mail()
    assert (message.recipient, message.subject) == (OUTSIDE, "Ana Sousa invites you to Acme")
    assert link_in(message.body) not in answer.text
    assert events("admin:invitation:sent")[0][2]["by"] == "e-mail"
    again = f"{page_of(person(OUTSIDE))}/invite-again"
    assert ana.post(again, {"by": "mail"}).status_code == 303
    first, second = (link_in(message.body) for message in mail())
    assert (Browser(app).get(first).status_code, Browser(app).get(second).status_code) == (404, 200)
    set_password(app, second)
    assert person(OUTSIDE).status == "active"


def test_without_a_mail_server_there_is_only_the_link(ana: Browser, get_page) -> None:
    assert "sends no e-mail" in get_page(ana, f"{PEOPLE}/invite").words
    assert link_in(invite(ana, by="mail").text)
    assert events("admin:invitation:sent")[0][2]["by"] == "link"


def test_where_sso_covers_the_address_it_leads_there_and_the_sign_in_accepts(
    cast: Cast, ana: Browser, browser: Browser, mail
) -> None:
    invite(ana, EVE.email, "collaborator", "mail")
    [message] = mail()
    assert link_in(message.body) == "/o/acme"
    assert db.session.query(OneTimeLink).count() == 0
    browser.sso(cast.acme, EVE)
    assert browser.signed_in
    eve = person(EVE.email)
    assert (eve.status, eve.role) == ("active", "collaborator")


def test_a_link_of_before_leads_to_sso_once_that_covers_the_address(app: Flask, cast: Cast, ana: Browser) -> None:
    path = link_in(invite(ana).text)
    db.session.add(Domain(organization_id=cast.acme.id, name="elsewhere.example", verified_at=now()))
    db.session.commit()
    assert Browser(app).get(path).location == "/o/acme"
    assert person(OUTSIDE).status == "invited"


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("BEN@acme.example", "ben@acme.example has an account here already."),
        ("gone@acme.example", "Reactivate it on their page."),
        (OUTSIDE, "is invited already. On their page you can give them the invitation again."),
        ("nonsense", "Write your whole e-mail address"),
        ("", "Write the address."),
        ("ömer@acme.example", "“ö” cannot stand before the @ here."),
        (f"{'e' * 400}@acme.example", "This address is too long."),
    ],
)
def test_an_address_that_cannot_be_invited(cast: Cast, ana: Browser, email: str, sentence: str) -> None:
    invite(ana)
    make_user(cast.acme, "gone@acme.example", status="deactivated")
    before = number_of_events()
    answer = invite(ana, email)
    assert answer.status_code == 422
    page = check_page(answer.text)
    assert sentence in page.words
    there = person(email.casefold())
    assert page.links().get("Open their page") == (page_of(there) if there else None)
    assert answer.text.count("field-error") == 1
    assert "cannot be longer" not in answer.text
    assert number_of_events() == before


def test_the_same_address_elsewhere_is_no_obstacle_and_is_not_told(cast: Cast, ana: Browser) -> None:
    assert invite(ana, "cleo@globex.example").status_code == 200
    assert "globex" not in invite(ana, "cleo@globex.example").text.replace("cleo@globex.example", "").casefold()


def test_an_invitation_takes_a_seat(cast: Cast, ana: Browser, get_page) -> None:
    db.session.get_one(Organization, cast.acme.id).seats = 4
    db.session.commit()
    assert invite(ana).status_code == 200
    assert "4 of 4 seats are taken, none is left." in get_page(ana, PEOPLE).text
    page = get_page(ana, f"{PEOPLE}/invite")
    assert "No seat is left. Deactivate somebody who has left, or ask support" in page.words
    assert page.by_id("email") is None, "nothing is asked that leads nowhere"
    answer = invite(ana, "another@elsewhere.example")
    assert (answer.status_code, "No seat is left" in answer.text) == (422, True)
    field = check_page(answer.text).by_id("email")
    assert field.get("value") == "another@elsewhere.example", "the last seat was taken meanwhile: nothing is lost"
    assert ana.post(f"{page_of(person(OUTSIDE))}/withdraw", {}).status_code == 303
    assert invite(ana, "another@elsewhere.example").status_code == 200


def test_withdrawn_it_is_gone_with_its_link(app: Flask, cast: Cast, ana: Browser, get_page) -> None:
    path = link_in(invite(ana).text)
    asked = f"{page_of(person(OUTSIDE))}/withdraw"
    assert get_page(ana, asked).h1 == f"Withdraw the invitation of {OUTSIDE}?"
    assert ana.post(asked, {}).location == PEOPLE
    assert person(OUTSIDE) is None
    assert Browser(app).get(path).status_code == 404
    assert events("admin:invitation:withdrawn") == [("ana@acme.example", OUTSIDE, {})]
    assert ana.post(asked, {}).status_code == 404
    invite(ana)
    assert person(OUTSIDE).status == "invited", "it can be sent again to the same address"


def test_sent_again_the_link_of_before_stops_working(app: Flask, cast: Cast, ana: Browser) -> None:
    first = link_in(invite(ana).text)
    again = f"{page_of(person(OUTSIDE))}/invite-again"
    second = link_in(followed(ana, ana.post(again, {"by": "link"})).text)
    assert (Browser(app).get(first).status_code, Browser(app).get(second).status_code) == (404, 200)
    assert len(events("admin:invitation:sent")) == 2
    set_password(app, second)
    for path in (again, again.replace("invite-again", "withdraw")):
        answer = ana.post(path, {"by": "link"})
        assert (answer.status_code, "has accepted the invitation" in answer.text) == (409, True)
    assert person(OUTSIDE).status == "active"


def test_an_hour_has_so_many_mails_and_no_more(cast: Cast, ana: Browser, mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_MAILS", 1)
    invite(ana, by="mail")
    assert "copy a link instead" in invite(ana, "b@elsewhere.example", by="mail").text
    assert invite(ana, "b@elsewhere.example", by="link").status_code == 200
    for message in mail():
        message.created_at -= timedelta(hours=2)
    db.session.commit()
    assert invite(ana, "c@elsewhere.example", by="mail").status_code == 303


def test_whoever_was_turned_away_is_not_missed_any_more(cast: Cast, ana: Browser) -> None:
    row = {"email": EVE.email, "reason": "jit_off", "reference": "ABCD-EFGH"}
    db.session.add_all(MissedSignIn(organization_id=id_, **row) for id_ in (cast.acme.id, cast.globex.id))
    db.session.commit()
    invite(ana, EVE.email)
    closed = {missed.organization_id: missed.closed_at is not None for missed in db.session.query(MissedSignIn)}
    assert closed == {cast.acme.id: True, cast.globex.id: False}
