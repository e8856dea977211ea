"""A test sign-in shows each check, what was received and understood, what would happen; and it writes no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from database import db
from models import Domain, Identity, Organization, User
from organizations import domains
from saml.receipt import CHECKS
from tests.factories import EVE, Cast, identity_provider, make_user
from tests.flows.setup.ways import (
    SetUp,
    connection_of,
    events,
    idp_of,
    last_test,
    newest_version,
    part,
    person,
    sign_in,
)
from tests.rules.test_routes import contents
from tests.signing_in import Browser

# What a test may touch: itself and its request, its answer that counts once, that the version passed, that the
# certificate proved itself, and its one event.
OF_A_TEST = {"sign_in_test", "pending_request", "consumed_assertion", "certificate_use", "audit_event"}
EVE_SAYS: dict[str, Any] = {
    "name_id": "eve-0001",
    "attributes": {
        "email": ["eve@acme.example"],
        "firstName": ["Eve"],
        "lastName": ["Lindqvist"],
        "groups": ["a", "b"],
    },
}


def test_the_page_shows_all_of_it(ana: SetUp) -> None:
    test = ana.test(**EVE_SAYS)
    page = ana.page(f"/test/{test.public_id}")
    assert page.h1 == "Test of version 1"
    assert "Passed Every check passed, so this version can be activated." in page.words
    rows = [" ".join("".join(row.itertext()).split()) for row in page.by_id("checks").iter("li")]
    assert len(rows) == len(CHECKS) == len(test.checks)
    for row, (name, words), entry in zip(rows, CHECKS.items(), test.checks, strict=True):
        assert row.startswith(f"Passed {words}")
        assert (entry["name"], entry["passed"]) == (name, True)
    understood = part(page, "understood")
    shown = {
        "Known as": "eve-0001",
        "E-mail address": "eve@acme.example",
        "Given name": "Eve",
        "Family name": "Lindqvist",
        "Display name": "not received",
        "Groups": "a, b",
    }
    for words, value in shown.items():
        assert f"{words} {value}" in understood
    received = part(page, "received")
    for name, values in EVE_SAYS["attributes"].items():
        assert f"{name} {' '.join(values)}" in received
    assert "Creating accounts at sign-in is off." in page.words
    assert test.reference in page.words
    assert [(e.actor, e.subject, e.details, e.reference) for e in events("admin:sso:tested")] == [
        ("ana@acme.example", idp_of().entity_id, {"version": 1, "passed": True}, test.reference)
    ]


def test_a_real_identity_provider_answers(ana: SetUp) -> None:
    idp = identity_provider("acme")
    browser = ana.browser
    if not idp.trusts(connection_of().public_id):
        idp.trust(browser.client.get("/saml/acme-connection/metadata").data)
    started = browser.get(f"{ana.path}/test-sign-in")
    answer = browser.post_answer(idp.answer(idp.read_request(started.headers["Location"]), EVE))
    assert ana.result(answer).passed
    assert newest_version(ana.organization).tested_at is not None
    assert part(ana.page(), "test").startswith("4. Test sign-in Passed")


def _new(acme: Organization) -> None:
    acme.jit_on = True


def _deactivated(acme: Organization) -> None:
    make_user(acme, EVE.email, status="deactivated")


def _invited(acme: Organization) -> None:
    make_user(acme, EVE.email, status="invited", role="collaborator")


def _active(acme: Organization) -> None:
    make_user(acme, EVE.email)


def _known(acme: Organization) -> None:
    _linked(acme, "eve@acme.example")


def _another_name(acme: Organization) -> None:
    _linked(acme, "somebody-else")


def _known_and_deactivated(acme: Organization) -> None:
    _linked(acme, "eve@acme.example").status = "deactivated"


def _linked(acme: Organization, subject: str) -> User:
    eve = make_user(acme, EVE.email)
    connection = acme.connection
    assert connection is not None
    where = {"organization_id": acme.id, "connection_id": connection.id, "idp_entity_id": idp_of().entity_id}
    db.session.add(Identity(subject=subject, user_id=eve.id, **where))
    return eve


def _no_domain(acme: Organization) -> None:
    for domain in db.session.query(Domain).filter_by(organization_id=acme.id):
        domain.verified_at = None


def _no_domain_but_account(acme: Organization) -> None:
    _no_domain(acme)
    _active(acme)


def _no_seat(acme: Organization) -> None:
    acme.jit_on, acme.seats = True, 1


def _locked(acme: Organization) -> None:
    acme.jit_on = True
    db.session.execute(db.text("DELETE FROM entitlement"))


Prepare = Callable[[Organization], Any]
# the decision's reason → (what is there before, what the identity provider says)
DECISIONS: dict[str, tuple[str, Prepare, dict[str, Any]]] = {
    "new": ("created_just_in_time", _new, {}),
    "JIT off": ("jit_off", lambda acme: None, {}),
    "JIT locked": ("jit_locked", _locked, {}),
    "no seat": ("no_seat_left", _no_seat, {}),
    "unverified domain": ("domain_not_verified", _new, person("eve@elsewhere.example")),
    "domain lost": ("domain_not_verified", _no_domain, {}),
    "account outside the domains": ("link_required", _no_domain_but_account, {}),
    "account": ("existing_account_linked", _active, {}),
    "known": ("known_identity", _known, {}),
    "known, address changed": ("known_identity", _known, {"attributes": {"email": ["e@elsewhere.example"]}}),
    "another NameID": ("identity_changed", _another_name, {}),
    "deactivated": ("account_deactivated", _deactivated, {}),
    "known and deactivated": ("account_deactivated", _known_and_deactivated, {}),
    "invited": ("invitation_accepted", _invited, {}),
    "no address": ("email_missing", _new, {"name_id": "eve", "attributes": {"firstName": ["Eve"]}}),
    "somebody of another organization": ("domain_not_verified", _new, person("cleo@globex.example")),
}


@pytest.mark.parametrize(("reason", "prepare", "said"), DECISIONS.values(), ids=DECISIONS)
def test_nothing_is_written_but_the_test_and_then_it_is_what_really_happens(
    app: Flask, ana: SetUp, cast: Cast, reason: str, prepare: Prepare, said: dict[str, Any]
) -> None:
    prepare(cast.acme)
    db.session.commit()
    before, cookies = contents(), _cookies(ana.browser)
    answer = ana.answer(replace(ana.begin_test(), **said))
    test = ana.result(answer)
    after = contents()
    configurations = [[row[:-3] for row in tables.pop("sso_configuration")] for tables in (before, after)]
    assert configurations[0] == configurations[1], "all but what happened to it"
    assert {name for name in after if after[name] != before[name]} == OF_A_TEST
    assert [len(after[name]) - len(before[name]) for name in sorted(OF_A_TEST)] == [1, 1, 1, 1, 1]
    assert "handover" not in str(answer.headers.getlist("Set-Cookie"))
    assert {**_cookies(ana.browser), "latchkey-binding": ""} == {**cookies, "latchkey-binding": ""}
    assert (test.decision["reason"], test.passed) == (reason, reason != "email_missing")
    chip = "Signed in" if test.decision["signs_in"] else "Refused"
    assert part(ana.page(f"/test/{test.public_id}"), "decision").startswith(f"What would happen {chip}")
    promised = dict(test.decision)
    real = sign_in(Browser(app), cast.acme, **said)
    assert (real.status_code == 303) == promised["signs_in"]
    attempt = contents()["sign_in_attempt"][-1]
    assert (attempt.reason, attempt.rule, attempt.signed_in) == (reason, promised["rule"], promised["signs_in"])
    if promised["signs_in"]:
        user = db.session.get_one(User, attempt.user_id)
        assert user.role == promised["role"]


def test_before_activation_it_says_what_would_be_with_sso_activated(cleo: SetUp, cast: Cast) -> None:
    cleo.save(idp_of("acme"))
    cast.globex.jit_on = True
    db.session.commit()
    test = cleo.test(idp_of("acme"), **person("dora@globex.example"))
    assert (test.decision["rule"], test.decision["reason"]) == (11, "jit_locked")
    assert "as if SSO were activated" in cleo.page(f"/test/{test.public_id}").words
    assert test.passed
    assert connection_of("globex").state == "tested"


def test_without_an_address_it_is_no_pass_and_says_what_to_choose(ana: SetUp) -> None:
    test = ana.test(name_id="eve", attributes={"staffMail": ["eve@acme.example"]})
    assert (test.passed, newest_version(ana.organization).tested_at) == (False, None)
    page = ana.page(f"/test/{test.public_id}")
    assert "No e-mail address was understood" in page.words
    assert page.by_id("mapping") is not None


def test_that_no_attribute_at_all_was_sent_is_said(ana: SetUp) -> None:
    test = ana.test(attributes={})
    page = ana.page(f"/test/{test.public_id}")
    assert test.passed, "the NameID is an address"
    assert "No attribute was sent." in page.words


def test_the_domains_that_count_are_those_of_now(ana: SetUp, cast: Cast) -> None:
    assert ana.test(**person("x@more.example")).decision["reason"] == "domain_not_verified"
    db.session.add(Domain(organization_id=cast.acme.id, name="more.example", verified_at=last_test().finished_at))
    db.session.commit()
    assert "more.example" in domains.verified_names(cast.acme)
    assert ana.test(**person("x@more.example")).decision["reason"] == "jit_off"


def _cookies(browser: Browser) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in browser.client._cookies.values()}
