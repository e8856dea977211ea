"""A hand-over link: made by an admin, for a day, for the set-up and nothing else; the audit log says whose it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from blueprints.access import OF_HANDOVER, PERMISSIONS
from database import db
from models import AuditEvent, HandoverLink, User
from organizations import handover
from organizations.sessions import hash_token
from tests.factories import Cast
from tests.flows.setup.handed_over import make, open_link
from tests.flows.setup.ways import (
    SetUp,
    error_of,
    events,
    idp_of,
    last_test,
    newest_version,
    next_idp,
    part,
    value_of,
)
from tests.pages import check_page
from tests.rules.test_routes import contents, path_of, rules
from tests.signing_in import Browser

NEXT = next_idp()
ACTOR = "hand-over link of ana@acme.example for Kim of the IT"


def may_set_up(kim: SetUp) -> bool:
    answer = kim.browser.get(kim.path)
    assert answer.status_code in (200, 303)
    return bool(answer.status_code == 200)


def test_it_is_shown_once_and_stored_as_a_hash(ana: SetUp) -> None:
    address = make(ana, "  Kim   of the IT ")
    token = address.rpartition("/")[2]
    [link] = db.session.query(HandoverLink)
    assert (link.colleague, link.token_hash) == ("Kim of the IT", hash_token(token))
    assert link.expires_at - link.created_at < timedelta(hours=24, seconds=5)
    assert token not in str(contents())
    page = ana.page()
    assert token not in page.text
    assert "Kim of the IT Not opened yet. Made by ana@acme.example" in part(page, "handover")
    [event] = events("admin:handover:created")
    assert (event.actor, event.subject) == ("ana@acme.example", "Kim of the IT")


@pytest.mark.parametrize("colleague", ["", "   ", "x" * 81, "Kim\u202eTI"])
def test_it_says_for_whom(ana: SetUp, colleague: str) -> None:
    page = ana.refused("/handover", colleague=colleague)
    assert error_of(page, "colleague")
    assert value_of(page, "colleague") == colleague
    assert db.session.query(HandoverLink).count() == 0


def test_a_sixth_one_is_refused_until_one_is_revoked(ana: SetUp) -> None:
    for number in range(5):
        make(ana, f"Colleague {number}")
    assert "There are 5 open links already." in error_of(ana.refused("/handover", colleague="Kim"), "colleague")
    newest = db.session.scalars(select(func.max(HandoverLink.id))).one()
    assert ana.send("/handover/revoke", link=str(newest)).status_code == 303
    make(ana)


def test_looking_at_it_changes_nothing_and_opening_it_is_noted(app: Flask, ana: SetUp) -> None:
    address = make(ana)
    before = contents()
    filter_of_mails = Browser(app)
    for _ in range(3):
        page = check_page(filter_of_mails.get(address).text)
        assert "ana@acme.example" in page.words
        assert "Kim of the IT" in page.words
    assert contents() == before
    assert filter_of_mails.get("/o/acme/settings/security/sso").status_code == 303, "nothing was opened"
    open_link(app, ana, address)
    assert "Opened on" in part(ana.page(), "handover")
    [event] = events("handover:link:opened")
    assert (event.actor, event.subject) == (ACTOR, "Kim of the IT")
    open_link(app, ana, address)
    assert len(events("handover:link:opened")) == 2, "it is no one-time link, and each time is told"


def test_the_whole_set_up_but_activation(app: Flask, kim: SetUp) -> None:
    page = kim.page()
    assert "by the hand-over link of ana@acme.example" in page.words
    assert page.by_id("handover") is None
    assert "Deactivate…" not in page.links()
    kim.save(NEXT)
    assert kim.send("/certificates/add", certificate=idp_of().signer.certificate).status_code == 303
    test = kim.test(NEXT, attributes={"staffMail": ["eve@acme.example"]})
    fields = dict.fromkeys(("given_name", "family_name", "display_name", "groups"), "")
    assert kim.send(f"/test/{test.public_id}/mapping", email="staffMail", **fields).status_code == 303
    assert kim.test(NEXT, attributes={"staffMail": ["eve@acme.example"]}).passed
    page = kim.page()
    assert "An admin of Acme activates it: tell ana@acme.example." in page.words
    assert not [text for text in page.links() if text.startswith("Activate")]
    assert "activat" not in " ".join(kim.page(f"/test/{last_test().public_id}").links()).casefold()
    version = newest_version(kim.organization).version
    assert kim.send("/discard", version=str(version)).status_code == 303
    db.session.rollback()
    done = db.session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("handover:"))).all()
    assert {event.actor for event in done} == {ACTOR}
    assert [event.action for event in done if "sso" in event.action] == [
        *["handover:sso:configured"] * 2,
        "handover:sso:tested",
        "handover:sso:configured",
        "handover:sso:tested",
        "handover:sso:discarded",
    ]


def test_what_is_not_the_set_up_is_closed(app: Flask, kim: SetUp) -> None:
    """Over all routes: default deny."""
    assert {"sso.set_up"} == OF_HANDOVER < set(PERMISSIONS)
    closed = 0
    for method in ("GET", "POST"):
        for rule, access in rules(app, method, public=False):
            path = path_of(app, rule)
            before = contents()
            if method == "GET":
                answer = kim.browser.get(path)
            else:
                fields = {"enabled": "on", "name": "Acme", "version": "1", "colleague": "me", "link": "1"}
                token = kim.browser.csrf_token(kim.path)
                answer = kim.browser.client.post(path, data={**fields, "csrf_token": token})
            if access in OF_HANDOVER:
                assert not (answer.location or "").startswith("/sign-in"), path
                continue
            assert (answer.status_code, (answer.location or "").partition("?")[0]) == (303, "/sign-in"), path
            assert contents() == before, path
            closed += 1
    assert closed >= 15
    for path in ("activate", "deactivate", "handover", "handover/revoke"):
        assert kim.send(f"/{path}", name="Acme", version="1", colleague="me", link="1").location == "/sign-in"


def test_another_organization_is_not_there(app: Flask, kim: SetUp, ana: SetUp) -> None:
    before = contents()
    for rule, _access in rules(app, "GET", public=False):
        if "slug" in rule.arguments:
            answer = kim.browser.get(path_of(app, rule, "globex"))
            assert (answer.location or "").startswith("/sign-in"), rule
    address = make(ana).replace("/o/acme/", "/o/globex/")
    assert Browser(app).get(address).status_code == 404
    assert Browser(app).post(address, {}, page="/sign-in").status_code == 404
    assert len(contents()["handover_link"]) == len(before["handover_link"]) + 1


ENDS = {
    "a day passed": None,
    "revoked": None,
    "demoted": {"role": "collaborator"},
    "deactivated": {"status": "deactivated"},
}


@pytest.mark.parametrize("how", ENDS)
def test_it_ends(app: Flask, ana: SetUp, kim: SetUp, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    address = make(ana, "Another")
    assert may_set_up(kim)
    if how == "a day passed":
        [created] = {link.created_at for link in db.session.query(HandoverLink).filter_by(colleague="Kim of the IT")}
        monkeypatch.setattr(handover, "now", lambda: created + timedelta(hours=23, minutes=59))
        assert may_set_up(kim)
        monkeypatch.setattr(handover, "now", lambda: created + timedelta(hours=24, minutes=1))
    elif how == "revoked":
        for link in db.session.query(HandoverLink).all():
            assert ana.send("/handover/revoke", link=str(link.id)).status_code == 303
        assert "does not work any more" in ana.refused("/handover/revoke", 409, link="1").text
        assert len(events("admin:handover:revoked")) == 2
    else:
        for name, value in (ENDS[how] or {}).items():
            setattr(db.session.query(User).filter_by(email="ana@acme.example").one(), name, value)
        db.session.commit()
    before = contents()
    assert not may_set_up(kim)
    token = kim.browser.csrf_token("/sign-in")
    answer = kim.browser.client.post(f"{kim.path}/save", data={**NEXT.typed, "csrf_token": token})
    assert answer.location == "/sign-in"
    page = Browser(app).get(address)
    assert page.status_code == 404
    assert "This link was revoked, or its 24 hours have passed." in page.text
    assert contents() == before


def test_leaving_ends_it_for_this_browser(app: Flask, ana: SetUp) -> None:
    address = make(ana)
    kim = open_link(app, ana, address)
    token = kim.browser.csrf_token(kim.path)
    answer = kim.browser.client.post("/o/acme/settings/handover-end", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/o/acme")
    assert not may_set_up(kim)
    assert may_set_up(open_link(app, ana, address)), "the link works until it ends"


def test_only_admins_make_and_revoke_one_and_only_of_their_own(app: Flask, ana: SetUp, cleo: SetUp, cast: Cast) -> None:
    make(ana)
    ben = Browser(app).sign_in_as(cast.ben)
    number, before = str(db.session.query(HandoverLink).one().id), contents()
    for browser, path, status in (
        (ben, "/o/acme/settings/security/sso/handover", 403),
        (ben, "/o/acme/settings/security/sso/handover/revoke", 403),
        (cleo.browser, "/o/acme/settings/security/sso/handover", 404),
        (cleo.browser, "/o/acme/settings/security/sso/handover/revoke", 404),
        (cleo.browser, "/o/globex/settings/security/sso/handover/revoke", 409),
    ):
        assert browser.post(path, {"colleague": "me", "link": number}).status_code == status
    assert contents() == before


def test_somebody_with_an_account_here_acts_as_themselves(app: Flask, ana: SetUp, cast: Cast) -> None:
    address = make(ana)
    ben = Browser(app).sign_in_as(cast.ben)
    assert ben.post(address, {}, page=address).status_code == 303
    assert ben.get(ana.path).status_code == 403, "a viewer stays one"
    cleo = SetUp(Browser(app).sign_in_as(cast.cleo), cast.acme)
    cleo.browser.post(address, {}, page=address)
    cleo.save(NEXT)
    assert [event.actor for event in events("handover:sso:configured")] == [ACTOR]
    assert cleo.browser.get("/o/globex/settings/security").status_code == 200, "and stays who she is at home"


def test_a_form_without_its_token_is_out_of_date_and_nobody_is_sent_to_sign_in(kim: SetUp) -> None:
    before = contents()
    answer = kim.browser.client.post(f"{kim.path}/details", data={"entity_id": "https://idp.example"})
    assert (answer.status_code, "This form is out of date" in answer.text) == (400, True)
    assert contents() == before
