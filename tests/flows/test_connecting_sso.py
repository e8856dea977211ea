"""Profile → Connect SSO: proved by a real sign-in, confirmed in the same signed-in browser, linked once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from database import db, now
from demo.cast import Person
from models import AuditEvent, Identity, PendingRequest, SignInAttempt, SignInSession, User, WaitingIdentity
from provisioning.provisioner import preview
from tests import factories
from tests.factories import Cast, make_user
from tests.pages import Page, check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
HERE = "/o/acme/settings/profile/connect"
PROFILE = "/o/acme/settings/profile"
OUTSIDE = "dora@partner.example"
DORA = Person("d.vance@acme.example", "Dora", "Vance")


@pytest.fixture
def dora(cast: Cast) -> User:
    """Of a domain that is not verified: SSO cannot link her by itself."""
    return make_user(cast.acme, OUTSIDE)


def prove(browser: Browser, cast: Cast, person: Person = DORA) -> TestResponse:
    started = browser.get(f"{HERE}/start")
    assert started.status_code == 303
    idp = factories.identity_provider("acme")
    ours = factories.our_endpoints(cast.acme)
    if not idp.trusts(ours.entity_id):
        idp.trust(browser.client.get(ours.metadata).data)
    db.session.rollback()
    return browser.post_answer(idp.answer(idp.read_request(started.headers["Location"]), person))


def linked() -> list[tuple[str, int]]:
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(select(Identity.subject, Identity.user_id))]


def made() -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == "user:sso_link:made")))


def test_from_the_profile_to_signing_in_through_sso(
    cast: Cast, dora: User, browser: Browser, another_browser: Browser, get_page: Callable[..., Page]
) -> None:
    browser.sign_in_as(dora)
    assert get_page(browser, PROFILE).links()["Connect SSO"] == f"{HERE}/start"
    sessions = len(db.session.scalars(select(SignInSession)).all())
    answer = prove(browser, cast)
    assert (answer.status_code, answer.headers["Location"]) == (303, HERE)
    assert linked() == []
    assert len(db.session.scalars(select(SignInSession)).all()) == sessions, "nobody was signed in"
    page = get_page(browser, HERE)
    assert "d.vance@acme.example" in page.words
    assert OUTSIDE in page.words
    assert "have different e-mail addresses" in page.words
    assert browser.post(HERE, {}, page=HERE).headers["Location"] == PROFILE
    assert linked() == [("d.vance@acme.example", dora.id)]
    [event] = made()
    assert (event.actor, event.subject, event.details) == (OUTSIDE, OUTSIDE, {"configuration": 1})
    receipt = db.session.scalars(select(SignInAttempt).where(SignInAttempt.reference == event.reference)).one()
    assert (receipt.reason, receipt.signed_in, receipt.user_id) == ("identity_proved", False, dora.id)
    assert [entry["name"] for entry in receipt.checks][-1] == "once"
    assert "Connected as d.vance@acme.example" in get_page(browser, PROFILE).words
    assert another_browser.sso(cast.acme, DORA).status_code == 200
    db.session.rollback()
    assert {user.email for user in db.session.scalars(select(User))} >= {OUTSIDE}
    assert not db.session.scalars(select(User).where(User.email == DORA.email)).all(), "and no second account"
    assert browser.post(HERE, {}, page=PROFILE).status_code == 303
    assert len(made()) == 1


def test_a_refused_answer_says_that_the_account_is_not_connected(
    cast: Cast, dora: User, browser: Browser, get_page: Callable[..., Page]
) -> None:
    browser.sign_in_as(dora)
    prove(browser, cast)
    db.session.execute(delete(PendingRequest))
    db.session.commit()
    started = browser.get(f"{HERE}/start")
    idp = factories.identity_provider("acme")
    answer = idp.answer(idp.read_request(started.headers["Location"]), DORA)
    refused = browser.post_answer(answer, SAMLResponse="AAAA")
    page = check_page(refused.text)
    assert (refused.status_code, page.h1) == (403, "Your account is not connected")
    assert page.links()["Back to your profile"] == PROFILE
    assert "Ask my admin" not in page.words
    receipt = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert receipt is not None
    assert (receipt.user_id, receipt.email, receipt.signed_in) == (dora.id, OUTSIDE, False)
    assert linked() == []
    assert browser.signed_in


def test_the_admin_sees_what_was_proved_and_that_it_signed_nobody_in(
    cast: Cast, dora: User, browser: Browser, get_page: Callable[..., Page]
) -> None:
    prove(browser.sign_in_as(dora), cast)
    page = get_page(Browser(browser.app).sign_in_as(cast.ana), "/o/acme/settings/security")
    assert "Proved" in page.words
    assert "were asked to confirm the link" in page.words


def test_it_is_the_cure_that_the_admin_reads(cast: Cast, dora: User) -> None:
    assert preview(cast.acme, OUTSIDE).reason == "link_required"


def test_an_identity_of_somebody_else_is_refused_with_a_sentence(cast: Cast, dora: User, browser: Browser) -> None:
    ben = Person("ben@acme.example", "Ben", "Okafor")
    Browser(browser.app).sso(cast.acme, ben)
    before = linked()
    browser.sign_in_as(dora)
    prove(browser, cast, ben)
    assert browser.get(HERE).headers["Location"] == PROFILE
    assert "connected with another account already" in browser.get(PROFILE).text
    assert browser.post(HERE, {}, page=PROFILE).status_code == 303
    assert linked() == before
    assert not made()


def test_who_is_connected_cannot_start(cast: Cast, browser: Browser) -> None:
    browser.sso(cast.acme, Person("ben@acme.example", "Ben", "Okafor"))
    assert browser.get(f"{HERE}/start").headers["Location"] == PROFILE
    assert "connected already" in browser.get(PROFILE).text
    assert not db.session.scalars(select(PendingRequest).where(PendingRequest.purpose == "connect")).all()


@pytest.mark.parametrize("why", ["late", "another browser", "another person", "deactivated", "another version"])
def test_what_waits_counts_for_its_person_in_its_browser_for_ten_minutes(
    cast: Cast, dora: User, browser: Browser, another_browser: Browser, why: str
) -> None:
    prove(browser.sign_in_as(dora), cast)
    by = browser
    if why == "late":
        db.session.execute(update(WaitingIdentity).values(expires_at=now() - timedelta(seconds=1)))
    elif why == "another browser":
        by = another_browser.sign_in_as(dora)
        by.get(factories.our_endpoints(cast.acme).start)  # which has a binding of its own
    elif why == "another person":
        browser.sign_in_as(cast.ben)
    elif why == "deactivated":
        cast.acme.connection.activated_at = None
    else:
        db.session.execute(update(WaitingIdentity).values(configuration_id=other_version(cast)))
    db.session.commit()
    assert by.get(HERE).headers["Location"] == PROFILE
    assert by.post(HERE, {}, page=PROFILE).status_code == 303
    assert linked() == []


def other_version(cast: Cast) -> int:
    from organizations.certificates import details_of
    from organizations.connections import add_version

    connection = cast.acme.connection
    return add_version(connection, details_of(connection.live_configuration), "test", {}).id


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    cast: Cast, dora: User, browser: Browser, another_browser: Browser
) -> None:
    started = browser.sign_in_as(dora).get(f"{HERE}/start")
    idp = factories.identity_provider("acme")
    idp.trust(browser.client.get(factories.our_endpoints(cast.acme).metadata).data)
    answer = idp.answer(idp.read_request(started.headers["Location"]), DORA)
    assert another_browser.post_answer(answer).status_code == 403
    assert browser.post_answer(answer).status_code == 303
    assert browser.post_answer(answer).status_code == 403
    assert len(db.session.scalars(select(WaitingIdentity)).all()) == 1
    assert linked() == []


def test_an_answer_that_comes_after_deactivation_waits_for_nobody_and_the_reason_is_true(
    cast: Cast, dora: User, browser: Browser
) -> None:
    started = browser.sign_in_as(dora).get(f"{HERE}/start")
    idp = factories.identity_provider("acme")
    idp.trust(browser.client.get(factories.our_endpoints(cast.acme).metadata).data)
    db.session.rollback()
    cast.acme.connection.activated_at = None
    db.session.commit()
    refused = browser.post_answer(idp.answer(idp.read_request(started.headers["Location"]), DORA))
    page = check_page(refused.text)
    assert (refused.status_code, page.h1) == (403, "Your account is not connected")
    assert "Single sign-on is not active for your organization at the moment." in page.words
    assert "Start it from your profile once single sign-on is active again." in page.words
    assert page.links()["Back to your profile"] == PROFILE
    assert "Sign in with a password" not in page.links()
    assert db.session.scalars(select(WaitingIdentity)).all() == []
    receipt = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert receipt is not None
    assert (receipt.reason, receipt.user_id, receipt.signed_in) == ("sso_not_activated", dora.id, False)
    assert [entry["name"] for entry in receipt.checks if not entry["passed"]] == []
    [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sso:sign_in:refused"))
    assert (event.subject, event.details["reason"]) == (OUTSIDE, "sso_not_activated")
