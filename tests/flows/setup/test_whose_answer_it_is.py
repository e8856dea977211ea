"""The answer to a test is judged by what is tested, any other by what is live; and only where it was started."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from models import PendingRequest, SignInAttempt, SignInSession, SignInTest, User
from organizations import handover, sign_in_tests
from tests.factories import Cast, make_user
from tests.flows.setup.ways import (
    SetUp,
    asked,
    connection_of,
    events,
    idp_of,
    last_test,
    live_version,
    newest_version,
    next_idp,
    part,
    post,
    sign_in,
)
from tests.rules.test_routes import contents
from tests.signing_in import Browser

NEXT = next_idp()


@pytest.fixture
def ana(ana: SetUp, cast: Cast) -> SetUp:
    """JIT is on: whatever gets through gets an account."""
    cast.acme.jit_on = True
    db.session.commit()
    return ana


def nobody_came_in() -> bool:
    db.session.rollback()
    created = db.session.scalars(select(User).where(User.origin == "jit")).all()
    sessions = db.session.scalars(select(SignInSession).where(SignInSession.method == "sso")).all()
    return not created and not sessions


def test_a_test_never_signs_anybody_in_although_all_is_activated(ana: SetUp) -> None:
    test = ana.test()
    assert test.decision["reason"] == "created_just_in_time"
    assert nobody_came_in()


def test_another_browser_cannot_finish_it(app: Flask, ana: SetUp) -> None:
    message = ana.begin_test()
    stranger = Browser(app)
    answer = post(stranger, message, idp_of())
    test = ana.result(answer)
    assert (test.passed, test.checks[-1]["name"]) == (False, "request")
    assert newest_version(ana.organization).tested_at is None
    assert stranger.get(answer.location).location.startswith("/sign-in"), "and it sees nothing of it"
    assert ana.result(ana.answer(message)).passed, "the right one still can"


def test_nor_by_its_relay_state(app: Flask, ana: SetUp) -> None:
    message = ana.begin_test()
    relay_state = db.session.scalars(select(PendingRequest.relay_state)).one()
    fields = {"SAMLResponse": "?", "RelayState": relay_state}
    assert Browser(app).client.post(message.acs, data=fields).status_code == 403
    assert last_test().finished_at is None


def test_a_replay_changes_nothing(ana: SetUp) -> None:
    message = ana.begin_test()
    ana.answer(message)
    before = contents()
    for again in (message, replace(message, assertion_id="_fresh"), replace(message, audience="https://o.example")):
        answer = ana.answer(again)
        assert (answer.status_code, answer.location) == (303, f"{ana.path}/test/{last_test().public_id}")
        assert contents() == before


def test_the_draft_judges_a_test_and_the_live_version_a_sign_in(app: Flask, ana: SetUp, cast: Cast) -> None:
    draft = ana.save(NEXT)
    assert (draft.version, live_version()) == (2, 1)
    assert not ana.test(idp_of()).passed, "the old identity provider does not answer for the draft"
    assert ana.test(NEXT).passed
    assert sign_in(Browser(app), cast.acme, NEXT).status_code == 403
    assert nobody_came_in()
    assert sign_in(Browser(app), cast.acme).status_code == 303
    assert (newest_version(cast.acme).tested_at is None, live_version()) == (False, 1)
    assert connection_of().live_configuration.tested_at is None, "the draft passed, not what is live"


def test_a_sign_in_that_the_tested_draft_would_accept_is_refused(app: Flask, ana: SetUp, cast: Cast) -> None:
    """Also when the same browser waits for a test, and names its RelayState."""
    ana.save(NEXT)
    started = ana.browser.get("/saml/acme-connection/start")
    message = asked(cast.acme, started, NEXT)
    assert post(ana.browser, message, NEXT).status_code == 403
    assert db.session.scalars(select(SignInAttempt.reason)).one() == "signature"
    assert nobody_came_in()


def test_one_without_a_request_is_never_the_drafts(ana: SetUp) -> None:
    connection_of().idp_initiated = True
    db.session.commit()
    ana.save(NEXT)
    message = ana.begin_test(NEXT)
    for request_id in (None, "_nobody-asked"):
        assert ana.answer(replace(message, request_id=request_id), NEXT).status_code == 403
    assert nobody_came_in()
    assert last_test().finished_at is None


def test_a_draft_that_was_discarded_meanwhile_shows_its_test_and_cannot_be_activated(ana: SetUp) -> None:
    ana.save(NEXT)
    message = ana.begin_test(NEXT)
    assert ana.send("/discard", version="2").status_code == 303
    test = ana.result(ana.answer(message, NEXT))
    assert test.passed
    assert newest_version(ana.organization).tested_at is None
    page = ana.page(f"/test/{test.public_id}")
    assert "Go on to activation" not in page.links()
    assert page.by_id("mapping") is None
    assert ana.activate(2).status_code == 409


def test_a_version_that_took_its_place_meanwhile_is_not_tested_by_it(ana: SetUp) -> None:
    ana.save(NEXT)
    message = ana.begin_test(NEXT)
    version = ana.save(next_idp("third"))
    assert ana.result(ana.answer(message, NEXT)).passed
    assert newest_version(ana.organization).tested_at is None
    assert ana.activate(version.version).status_code == 409


def test_a_test_of_another_organization_is_not_there(ana: SetUp, cleo: SetUp, cast: Cast) -> None:
    test = ana.test()
    ben = SetUp(Browser(ana.browser.app).sign_in_as(cast.ben), cast.acme)
    assert ben.browser.get(f"{ana.path}/test/{test.public_id}").status_code == 403
    for slug in ("acme", "globex"):
        address = f"/o/{slug}/settings/security/sso/test/{test.public_id}"
        assert cleo.browser.get(address).status_code == 404
        assert cleo.browser.post(f"{address}/mapping", {"email": "mail"}).status_code == 404


def test_it_is_shown_for_a_day_and_what_passed_stays_passed(ana: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    test = ana.test()
    where = f"/test/{test.public_id}"
    ana.page(where)
    moment = test.started_at
    monkeypatch.setattr(sign_in_tests, "now", lambda: moment + timedelta(hours=23, minutes=59))
    ana.page(where)
    monkeypatch.setattr(sign_in_tests, "now", lambda: moment + timedelta(hours=24, seconds=1))
    assert "There is no such test, or it is older than a day." in ana.page(where, 404).words
    assert "Passed on" in part(ana.page(), "test")


def test_one_that_waits_has_no_page_yet(ana: SetUp) -> None:
    ana.begin_test()
    ana.page(f"/test/{last_test().public_id}", 404)
    ana.page("/test/no-such-test", 404)


def test_nothing_to_test_leads_back(cleo: SetUp) -> None:
    for _ in range(2):
        answer = cleo.browser.get(f"{cleo.path}/test-sign-in")
        assert (answer.status_code, answer.location) == (303, cleo.path)
        assert "Give the details of your identity provider first." in cleo.browser.get(cleo.path).text
        cleo.send("/begin")
    assert db.session.query(SignInTest).count() == 0


def test_a_colleague_with_a_hand_over_link_tests_under_the_name_of_the_link(cast: Cast, app: Flask) -> None:
    link, token = handover.make(cast.acme, "Kim of the IT", cast.ana)
    actor = handover.actor_of(link)
    db.session.commit()
    kim = SetUp(Browser(app), cast.acme)
    path = f"/o/acme/settings/handover/{token}"
    kim.browser.post(path, {}, page=path)
    make_user(cast.acme, "eve@acme.example")
    test = kim.test()
    assert (test.passed, test.started_by) == (True, actor)
    page = kim.page(f"/test/{test.public_id}")
    assert "Go on to activation" not in page.links(), "which is for admins"
    [event] = events("handover:sso:tested")
    assert (event.actor, event.details) == (
        "hand-over link of ana@acme.example for Kim of the IT",
        {"version": 1, "passed": True},
    )
    assert nobody_came_in()
    assert not kim.browser.signed_in
