"""A link to set a password, made by an admin where SSO does not cover: never for an admin, told and audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from database import db, now
from demo.cast import Person
from models import AuditEvent, Domain, User
from organizations import password_links, passwords
from tests.factories import PASSWORD, Cast, make_password_link, make_user
from tests.flows.people.conftest import events, number_of_events, number_of_links, page_of, person
from tests.flows.people.test_inviting import followed, invite, link_in
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
GUEST = Person("partner@elsewhere.example", "Gus", "Guest")
CREATED, SET = "admin:password_link:created", "password:password:set"
NEW = "three words and a horse"


@pytest.fixture
def guest(cast: Cast, ana: Browser) -> User:
    """Invited, accepted through SSO, with no password, and their SSO link reset."""
    invite(ana, GUEST.email)
    assert Browser(ana.app).sso(cast.acme, GUEST).status_code == 200
    assert ana.post(f"{page_of(person(GUEST.email))}/reset-sso-link", {}).status_code == 303
    assert Browser(ana.app).sso(cast.acme, GUEST).status_code == 403
    return person(GUEST.email)


def make(browser: Browser, user: User, by: str = "link"):
    return followed(browser, browser.post(f"{page_of(user)}/password-link", {"by": by}))


def use(app: Flask, path: str, password: str = NEW):
    browser = Browser(app)
    return browser.post(path, {"password": password, "again": password}, page="/sign-in")


def test_the_way_back_in_of_a_guest_whose_sso_link_was_reset(
    app: Flask, cast: Cast, ana: Browser, guest: User, get_page
) -> None:
    words = get_page(ana, page_of(guest)).words
    assert "They have none. With one they sign in, and can connect SSO in their profile." in words
    before = number_of_events()
    shown = make(ana, guest)
    path = link_in(check_page(shown.text).text)
    assert "whoever has it can set the password and sign in as them" in shown.text
    assert events(CREATED) == [("ana@acme.example", GUEST.email, {"by": "link"})]
    assert number_of_events() == before + 1
    browser = Browser(app)
    answer = browser.post(path, {"password": NEW, "again": NEW}, page=path)
    assert events(SET) == [(GUEST.email, GUEST.email, {"link_made_by": "ana@acme.example"})]
    assert number_of_events() == before + 2
    form = check_page(browser.get(answer.location).text)
    assert "Your password is set. Sign in with it, then connect SSO in your profile." in form.words
    [sent] = form.forms()
    fields = {item.get("name"): item.get("value") for item in sent.iter("input")}
    signed_in = browser.post("/sign-in/password", fields | {"email": GUEST.email, "password": NEW}, page="/sign-in")
    profile = get_page(browser, signed_in.location)
    assert profile.links()["Connect SSO"] == "/o/acme/settings/profile/connect/start"
    assert "Link made by: ana@acme.example" in get_page(ana, "/o/acme/settings/audit-log").words
    assert use(app, path).status_code == 404, "once"


def test_by_mail_it_is_in_the_mail_alone_and_the_mail_says_who_made_it(
    app: Flask, ana: Browser, guest: User, mail
) -> None:
    assert make(ana, guest, "mail").location == page_of(guest)
    [message] = mail()
    assert (message.recipient, message.subject) == (GUEST.email, "A link to set your password at Acme")
    assert "Ana Sousa (ana@acme.example), an admin of Acme, made a link" in message.body
    assert "write to support (support@" in message.body
    path = link_in(message.body)
    assert path not in ana.get(page_of(guest)).text
    assert events(CREATED)[-1][2] == {"by": "e-mail"}
    assert use(app, path).status_code == 303


def test_handed_on_the_person_is_told_by_mail_all_the_same(ana: Browser, guest: User, mail) -> None:
    assert "They are told by e-mail that you made it" in ana.get(page_of(guest)).text
    shown = make(ana, guest)
    [message] = mail()
    assert message.recipient == GUEST.email
    assert "Ana Sousa (ana@acme.example), an admin of Acme, made a link" in message.body
    assert "They hand it to you in another way" in message.body
    assert "set-password" not in message.body
    assert link_in(shown.text)
    assert "They are told by e-mail" in shown.text


def test_without_a_mail_server_there_is_only_the_link_and_nobody_is_said_to_be_told(ana: Browser, guest: User) -> None:
    page = check_page(ana.get(page_of(guest)).text)
    assert "Send by e-mail" not in page.words
    assert "told by e-mail" not in page.words
    assert link_in(make(ana, guest, "mail").text)
    assert events(CREATED)[-1][2] == {"by": "link"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role": "admin"}, "Only support makes a link to set the password of an admin."),
        ({"status": "deactivated"}, "is not active"),
        ({"status": "invited"}, "is not active"),
        ({"email": "partner@acme.example"}, "Single sign-on covers partner@acme.example"),
    ],
    ids=["an admin", "deactivated", "invited", "covered"],
)
def test_for_whom_there_is_none(cast: Cast, ana: Browser, get_page, change: dict[str, str], sentence: str) -> None:
    user = make_user(cast.acme, **{"email": GUEST.email} | change)
    assert "password-link" not in get_page(ana, page_of(user)).text
    before = number_of_events()
    answer = make(ana, user)
    assert (answer.status_code, sentence in check_page(answer.text).words) == (409, True)
    assert (number_of_links(user), number_of_events()) == (0, before)


def test_an_admin_outside_the_domains_is_led_to_support(cast: Cast, ana: Browser, get_page) -> None:
    boss = make_user(cast.acme, GUEST.email, role="admin")
    assert "For an admin only support makes one: support@" in get_page(ana, page_of(boss)).words
    assert "only support makes one" not in get_page(ana, page_of(cast.ana)).words, "SSO is her way in"


def test_only_admins_of_this_organization_make_one(app: Flask, cast: Cast, guest: User) -> None:
    for user, status in ((cast.ben, 403), (cast.cleo, 404)):
        assert make(Browser(app).sign_in_as(user), guest).status_code == status
    assert (events(CREATED), number_of_links(guest)) == ([], 0)


def test_one_that_was_made_before_stops_working(app: Flask, ana: Browser, guest: User) -> None:
    first, second = (link_in(make(ana, guest).text) for _ in range(2))
    assert (use(app, first).status_code, use(app, second).status_code) == (404, 303)


def test_an_hour_has_so_many_for_one_person(ana: Browser, guest: User) -> None:
    for _ in range(password_links.MOST):
        assert make(ana, guest).status_code == 200
    answer = make(ana, guest)
    assert (answer.status_code, "within the last hour" in answer.text) == (409, True)
    assert len(events(CREATED)) == password_links.MOST
    db.session.execute(update(AuditEvent).values(at=now() - timedelta(hours=1)))
    db.session.commit()
    assert make(ana, guest).status_code == 200


@pytest.mark.parametrize(
    "change", ["admin", "admin by a role rule", "deactivated", "covered", "maker demoted", "maker deactivated"]
)
def test_what_holds_when_it_is_used_counts(app: Flask, cast: Cast, ana: Browser, guest: User, change: str) -> None:
    """A link of an admin never sets the password of somebody who is an admin by now, however they became one."""
    path = link_in(make(ana, guest).text)
    if change == "admin":
        ana.post(f"{page_of(guest)}/role", {"role": "admin", "confirmed": "y"})
    elif change == "admin by a role rule":
        guest.role = "admin"
    elif change == "deactivated":
        guest.status = "deactivated"
    elif change == "maker demoted":
        cast.ana.role = "viewer"
    elif change == "maker deactivated":
        cast.ana.status = "deactivated"
    else:
        db.session.add(Domain(organization_id=cast.acme.id, name="elsewhere.example", verified_at=now()))
    db.session.commit()
    answer = use(app, path)
    if change == "covered":
        assert answer.location == "/o/acme"
    else:
        assert answer.status_code == 404
    assert (person(GUEST.email).password_hash, events(SET)) == (None, [])


def test_the_link_of_an_operator_sets_the_password_of_an_admin_and_names_them(
    app: Flask, cast: Cast, ana: Browser, get_page
) -> None:
    path = make_password_link(cast.ana)
    assert use(app, path).status_code == 303
    assert events(SET) == [("ana@acme.example", "ana@acme.example", {"link_made_by": "operator"})]
    assert "Link made by: Operator (Latchkey)" in get_page(ana, "/o/acme/settings/audit-log").words


def test_a_link_that_nobody_is_known_to_have_made_sets_nothing(app: Flask, cast: Cast, guest: User) -> None:
    token = passwords.make_link(guest)
    db.session.commit()
    assert use(app, f"/set-password/{token}").status_code == 404


def test_the_link_of_an_invitation_sets_no_password_once_it_was_accepted(app: Flask, cast: Cast, ana: Browser) -> None:
    path = link_in(invite(ana, GUEST.email).text)
    person(GUEST.email).status = "active"
    db.session.commit()
    assert use(app, path).status_code == 404


def test_in_an_organization_without_sso_it_is_for_whoever_forgot_theirs(app: Flask, cast: Cast, get_page) -> None:
    cleo, dora = Browser(app).sign_in_as(cast.cleo), make_user(cast.globex, "dora@globex.example")
    page = f"/o/globex/settings/people/{dora.id}"
    assert "For when they have forgotten theirs, which works until they set another." in get_page(cleo, page).words
    path = link_in(followed(cleo, cleo.post(f"{page}/password-link", {"by": "link"})).text)
    answer = use(app, path)
    assert (answer.status_code, "connect" in answer.location) == (303, False)
    by_password = Browser(app)
    fields = {"email": dora.email, "password": NEW}
    by_password.post("/sign-in/password", fields, page="/sign-in/password")
    assert by_password.signed_in


def test_an_invitation_that_is_accepted_by_a_password_leads_on_to_connecting(app: Flask, ana: Browser) -> None:
    path = link_in(invite(ana, GUEST.email).text)
    browser = Browser(app)
    answer = browser.post(path, {"password": PASSWORD, "again": PASSWORD}, page=path)
    assert answer.location == "/sign-in/password?organization=acme&next=/o/acme/settings/profile"
    assert "then connect SSO in your profile" in browser.get(answer.location).text
