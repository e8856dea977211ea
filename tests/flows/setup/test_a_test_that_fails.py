"""A test sign-in that fails: the check that failed is shown with what to do, whichever it is, and nothing passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import select
from werkzeug.test import TestResponse

from blueprints.settings.cures import CURES
from database import db
from models import PendingRequest, SignInAttempt, SignInTest
from saml.receipt import CHECKS
from tests.flows.setup.ways import SetUp, events, idp_of, last_test, newest_version, next_idp, part, post_document
from tests.saml import forge
from tests.saml.forge import SAML, SAMLP, xpath

TWICE = {"email": ["eve@acme.example", "mallory@acme.example"]}


def relay_state() -> str:
    db.session.rollback()
    return db.session.scalars(select(PendingRequest.relay_state).order_by(PendingRequest.id.desc()).limit(1)).one()


def text(ana: SetUp, message: forge.Message) -> TestResponse:
    root = message.xml()
    root.append(etree.Comment("not here"))
    return post_document(ana.browser, message, root, RelayState=relay_state())


def form(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.browser.client.post(message.acs, data={"SAMLResponse": "<xml/>", "RelayState": relay_state()})


def nothing(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.browser.client.post(message.acs, data={"RelayState": relay_state()})


def error_status(ana: SetUp, message: forge.Message) -> TestResponse:
    return post_document(ana.browser, message, refusal(message))


def refusal(message: forge.Message) -> etree._Element:
    """What an identity provider says to somebody who is not assigned to the application."""
    root = message.xml()
    root.remove(xpath(root, "a:Assertion"))
    code = xpath(root, "p:Status/p:StatusCode")
    code.set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
    etree.SubElement(code.getparent(), f"{{{SAMLP}}}StatusMessage").text = "Eve is not assigned"
    return root


def encrypted(ana: SetUp, message: forge.Message) -> TestResponse:
    root = forge.signed(message.xml(), "assertion", idp_of().signer)
    return post_document(ana.browser, message, forge.encrypt(root, forge.signer("RSA-2048", "other").certificate))


def signature(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.answer(message, next_idp())


def unsigned(ana: SetUp, message: forge.Message) -> TestResponse:
    return post_document(ana.browser, message, message.xml())


def issuer(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.answer(replace(message, issuer="https://other.example"))


def destination(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.answer(message, change=lambda root: root.set("Destination", "https://other.example/acs"))


def subject(ana: SetUp, message: forge.Message) -> TestResponse:
    data = ".//a:SubjectConfirmationData"
    return ana.answer(message, change=lambda root: xpath(root, data).set("Recipient", "https://other.example"))


def request(ana: SetUp, message: forge.Message) -> TestResponse:
    data = ".//a:SubjectConfirmationData"
    return ana.answer(message, change=lambda root: xpath(root, data).set("InResponseTo", "_another"))


def late(ana: SetUp, message: forge.Message) -> TestResponse:
    db.session.execute(db.update(PendingRequest).values(expires_at=PendingRequest.created_at))
    db.session.commit()
    return ana.answer(message)


def conditions(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.answer(replace(message, audience="https://other.example"))


def subject_key(ana: SetUp, message: forge.Message) -> TestResponse:
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    return ana.answer(replace(message, name_id="_1", name_id_format=transient, attributes={"sn": ["Eve"]}))


def email(ana: SetUp, message: forge.Message) -> TestResponse:
    return ana.answer(replace(message, name_id="eve", attributes=TWICE, name_id_format=None))


def pysaml2(ana: SetUp, message: forge.Message) -> TestResponse:
    """Only a schema says that this is not a context."""

    def change(root: etree._Element) -> None:
        etree.SubElement(xpath(root, ".//a:AuthnContext"), f"{{{SAML}}}Audience").text = "not here"

    return ana.answer(message, change=change)


def once(ana: SetUp, message: forge.Message) -> TestResponse:
    assert ana.answer(message).status_code == 303
    db.session.execute(db.update(SignInTest).values(passed=None, finished_at=None))
    db.session.execute(db.text("UPDATE sso_configuration SET tested_at = NULL"))
    db.session.commit()
    again = ana.begin_test()
    return ana.answer(replace(again, assertion_id=message.assertion_id))


FAILURES = {
    "form": (form, "form", "not base64"),
    "no answer": (nothing, "form", "exactly one is expected"),
    "text": (text, "text", "a comment, which is not allowed"),
    "status": (error_status, "shape", "Eve is not assigned"),
    "decrypt": (encrypted, "decrypt", ""),
    "signature": (signature, "signature", ""),
    "unsigned": (unsigned, "signature", "neither the assertion nor the Response is signed"),
    "issuer": (issuer, "issuer", "the issuer is not the identity provider of this connection"),
    "destination": (destination, "issuer", "not this connection's ACS URL"),
    "subject": (subject, "subject", "the Recipient is not"),
    "request": (request, "request", "differ"),
    "late": (late, "request", "longer than ten minutes"),
    "conditions": (conditions, "conditions", "the audience is not this connection's entity ID"),
    "subject_key": (subject_key, "subject_key", ""),
    "email": (email, "email", "several different e-mail addresses"),
    "pysaml2": (pysaml2, "pysaml2", ""),
    "once": (once, "once", "already used"),
}


def test_there_is_one_for_each_check() -> None:
    assert {check for _, check, _ in FAILURES.values()} == set(CHECKS) == set(CURES)


@pytest.mark.parametrize(("fail", "check", "detail"), FAILURES.values(), ids=FAILURES)
def test_the_check_that_failed_is_shown_with_its_cure(ana: SetUp, fail: object, check: str, detail: str) -> None:
    test = ana.result(fail(ana, ana.begin_test()))  # type: ignore[operator]
    assert test.passed is False
    assert [entry["name"] for entry in test.checks if not entry["passed"]] == [check]
    assert test.checks[-1]["name"] == check, "the ones after it did not run"
    page = ana.page(f"/test/{test.public_id}")
    assert "Failed A check failed, so this version cannot be activated yet." in page.words
    row = " ".join("".join(page.by_id("checks").findall(".//li")[-1].itertext()).split())
    assert row.startswith(f"Failed {CHECKS[check]}")
    assert row.endswith(CURES[check])
    assert detail in row
    assert page.by_id("decision") is None
    assert newest_version(ana.organization).tested_at is None
    assert [event.details["passed"] for event in events("admin:sso:tested")][-1] is False
    assert db.session.query(SignInAttempt).count() == 0, "it is no sign-in of anybody's"
    assert part(ana.page(), "test").startswith("4. Test sign-in Failed")


def test_what_was_received_is_shown_where_it_was_verified_and_nowhere_else(ana: SetUp) -> None:
    test = ana.result(email(ana, ana.begin_test()))
    page = ana.page(f"/test/{test.public_id}")
    assert "mallory@acme.example" in page.words
    assert page.by_id("mapping") is not None, "another attribute can be chosen"
    test = ana.result(signature(ana, ana.begin_test()))
    page = ana.page(f"/test/{test.public_id}")
    assert (test.attributes, test.mapped, test.decision) == ([], {}, {})
    assert "eve@acme.example" not in page.words


def test_a_refusal_of_the_identity_provider_that_names_no_request_is_found_by_its_relay_state(ana: SetUp) -> None:
    message = ana.begin_test()
    root = refusal(message)
    del root.attrib["InResponseTo"]
    test = ana.result(post_document(ana.browser, message, root, RelayState=relay_state()))
    assert "Eve is not assigned" in str(test.checks[-1]["detail"])


def test_a_failed_one_can_be_tried_again_and_a_passed_one_counts_from_then_on(ana: SetUp) -> None:
    assert not ana.result(signature(ana, ana.begin_test())).passed
    message = ana.begin_test()
    assert not ana.result(conditions(ana, message)).passed
    assert ana.result(ana.answer(message)).passed, "the same request, answered as it should be"
    assert last_test().passed
    assert newest_version(ana.organization).tested_at is not None
    assert not ana.result(issuer(ana, ana.begin_test())).passed
    assert newest_version(ana.organization).tested_at is not None, "it did pass once"
