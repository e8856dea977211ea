"""Well signed, by the right key, and still not a sign-in here and now: one change a row, with its refusal.

Each row is tried however the message is signed and encrypted.
"""

from __future__ import annotations

import pytest
from lxml import etree

from database import db
from models import SignInAttempt
from tests.saml.changes import (
    ASSERTION,
    AUTHN,
    CONDITIONS,
    CONFIRMATION,
    DATA,
    EMAIL,
    NAME_ID,
    RESPONSE,
    RESTRICTION,
    STATEMENT,
    STATUS,
    SUBJECT,
    add,
    all_of,
    before,
    drop,
    put,
    remove,
    text,
    twice,
)
from tests.saml.conftest import Gate
from tests.saml.forge import SAMLP, Change, stamp, xpath
from tests.saml.variants import (
    ACCEPTED,
    INNER_SHAPE,
    SIGNED_RESPONSE,
    UNSIGNED_RESPONSE,
    VARIANTS,
    answers,
    everywhere,
)

OTHER_IDP, OTHER_SP = "https://other-idp.example", "https://other-sp.example"
FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
STATUSES = "urn:oasis:names:tc:SAML:2.0:status:"
AUDIENCE = "{urn:oasis:names:tc:SAML:2.0:assertion}Audience"
PAIRWISE = "urn:oasis:names:tc:SAML:attribute:pairwise-id"
# No NameID that lasts, and none that looks like an address.
NUMBERED = all_of(text(NAME_ID, "0042"), put(NAME_ID, "Format", PERSISTENT))


def second_audience(restriction: etree._Element) -> None:
    restriction.find(AUDIENCE).text = OTHER_SP


def another_address(statement: etree._Element) -> None:
    xpath(statement, "a:Attribute[@Name='email']/a:AttributeValue").text = "ana@acme.example"


def values_of(name: str, *values: str) -> Change:
    attribute = f"{STATEMENT}/a:Attribute[@Name='{name}']"
    return all_of(add(STATEMENT, "Attribute", Name=name), *(add(attribute, "AttributeValue", v) for v in values))


ROWS: list[tuple[str, str, Change]] = [
    ("issuer of the assertion", "issuer", text(f"{ASSERTION}/a:Issuer", OTHER_IDP)),
    ("issuer of the Response", "issuer", text("a:Issuer", OTHER_IDP)),
    ("issuer that only begins alike", "issuer", text(f"{ASSERTION}/a:Issuer", "http://127.0.0.1:8001/acme/metadata2")),
    ("issuer in other letters", "issuer", text(f"{ASSERTION}/a:Issuer", "HTTP://127.0.0.1:8001/acme/metadata")),
    ("blank issuer", "issuer", text(f"{ASSERTION}/a:Issuer", " ")),
    ("issuer of another format", "issuer", put(f"{ASSERTION}/a:Issuer", "Format", f"{FORMAT}unspecified")),
    ("no issuer in the assertion", INNER_SHAPE, remove(f"{ASSERTION}/a:Issuer")),
    ("two issuers in the assertion", INNER_SHAPE, twice(f"{ASSERTION}/a:Issuer")),
    ("two issuers in the Response", "shape", twice("a:Issuer")),
    ("another destination", "issuer", put(RESPONSE, "Destination", f"{OTHER_SP}/acs")),
    ("an empty destination", "issuer", put(RESPONSE, "Destination", "")),
    ("another recipient", "subject", put(DATA, "Recipient", f"{OTHER_SP}/acs")),
    ("no recipient", "subject", drop(DATA, "Recipient")),
    ("no confirmation", "subject", remove(CONFIRMATION)),
    ("a confirmation that is not bearer", "subject", put(CONFIRMATION, "Method", HOLDER)),
    ("a confirmation without data", "subject", remove(DATA)),
    ("a confirmation with data twice", "subject", twice(DATA)),
    ("a confirmation without an end", "subject", drop(DATA, "NotOnOrAfter")),
    ("a confirmation that has ended", "subject", put(DATA, "NotOnOrAfter", stamp(-200))),
    ("a confirmation that has not begun", "subject", put(DATA, "NotBefore", stamp(2_000))),
    ("an end that is no time", "subject", put(DATA, "NotOnOrAfter", "tomorrow")),
    ("an end in the year 0", "subject", put(DATA, "NotOnOrAfter", "0000-01-01T00:00:00Z")),
    ("another request in the confirmation", "request", put(DATA, "InResponseTo", "_other")),
    ("no request in the confirmation", "request", drop(DATA, "InResponseTo")),
    ("another request in the Response", "request", put(RESPONSE, "InResponseTo", "_other")),
    ("no request in the Response", "request", drop(RESPONSE, "InResponseTo")),
    ("another request in both", "request", all_of(
        put(RESPONSE, "InResponseTo", "_other"), put(DATA, "InResponseTo", "_other"))),
    ("no request in either", "request", all_of(drop(RESPONSE, "InResponseTo"), drop(DATA, "InResponseTo"))),
    ("an empty NameID", "subject", text(NAME_ID, "")),
    ("a blank NameID", "subject", text(NAME_ID, "  ")),
    ("a NameID of a space that does not break", "subject", text(NAME_ID, "\u00a0")),
    ("two NameIDs", "subject", twice(NAME_ID)),
    ("a NameID with elements in it", "subject", add(NAME_ID, "Audience")),
    ("a NameID of 501 letters", "subject", text(NAME_ID, "x" * 501)),
    ("a NameID with a line break", "subject", text(NAME_ID, "eve@acme.example\nana@acme.example")),
    ("a NameID written backwards", "subject", text(NAME_ID, "eve\u202e@acme.example")),
    ("a NameID of an unknown format", "subject_key", put(NAME_ID, "Format", f"{FORMAT}X509SubjectName")),
    ("an encrypted NameID", INNER_SHAPE, add(SUBJECT, "EncryptedID")),
    ("a NameID in a BaseID's place", "subject", add(SUBJECT, "BaseID")),
    ("no NameID, and nothing else that names", "subject_key", all_of(remove(NAME_ID), remove(STATEMENT))),
    ("a NameID for once, and nothing that lasts", "subject_key", all_of(
        put(NAME_ID, "Format", TRANSIENT), text(NAME_ID, "_once"), remove(STATEMENT))),
    ("two lasting names", "subject_key", all_of(remove(NAME_ID), values_of(PAIRWISE, "one@idp", "two@idp"))),
    ("no subject", INNER_SHAPE, remove(SUBJECT)),
    ("two subjects", INNER_SHAPE, twice(SUBJECT)),
    ("no conditions", INNER_SHAPE, remove(CONDITIONS)),
    ("two conditions", INNER_SHAPE, twice(CONDITIONS)),
    ("conditions without an end", "conditions", drop(CONDITIONS, "NotOnOrAfter")),
    ("conditions that have ended", "conditions", put(CONDITIONS, "NotOnOrAfter", stamp(-200))),
    ("conditions that have not begun", "conditions", put(CONDITIONS, "NotBefore", stamp(2_000))),
    ("no audience", "conditions", remove(RESTRICTION)),
    ("another audience", "conditions", text(f"{RESTRICTION}/a:Audience", OTHER_SP)),
    ("an empty audience restriction", "conditions", remove(f"{RESTRICTION}/a:Audience")),
    ("a second restriction to somebody else", "conditions", twice(RESTRICTION, second_audience)),
    ("an unknown condition", "conditions", add(CONDITIONS, "Condition")),
    ("no authentication statement", "conditions", remove(AUTHN)),
    ("two authentication statements", "conditions", twice(AUTHN)),
    ("a session that is over", "conditions", put(AUTHN, "SessionNotOnOrAfter", stamp(-200))),
    ("two attribute statements", "conditions", twice(STATEMENT)),
    ("a second attribute statement with another address", "conditions", twice(STATEMENT, another_address)),
    ("the address in a second attribute, another one", "email", all_of(
        add(STATEMENT, "Attribute", Name="EMAIL"),
        add(f"{STATEMENT}/a:Attribute[@Name='EMAIL']", "AttributeValue", "ana@acme.example"))),
    ("an address without a value", "email_missing", all_of(NUMBERED, remove(EMAIL))),
    ("an address with an empty value", "email_missing", all_of(NUMBERED, text(EMAIL, ""))),
    ("an address with a blank value", "email_missing", all_of(NUMBERED, text(EMAIL, " \n"))),
    ("an encrypted attribute", INNER_SHAPE, add(STATEMENT, "EncryptedAttribute")),
    ("elements in the address that go on with it", "domain_not_verified", add(EMAIL, "Audience", ".evil.example")),
    ("an authorization statement", INNER_SHAPE, add(ASSERTION, "AuthzDecisionStatement")),
    ("advice", INNER_SHAPE, add(ASSERTION, "Advice")),
    ("something at the end of the assertion", INNER_SHAPE, add(ASSERTION, "Audience")),
    ("something at the end of the Response", "shape", add(RESPONSE, "Audience")),
    ("extensions", "shape", before(STATUS, "Extensions")),
    ("a second assertion", "shape", twice(ASSERTION, ID="_second")),
    ("an assertion in an attribute", INNER_SHAPE, add(EMAIL, "Assertion")),
    ("no assertion", "shape", remove(ASSERTION)),
    ("no status", "shape", remove(STATUS)),
    ("a second status", "shape", twice(STATUS)),
    ("a status without a code", "shape", remove(f"{STATUS}/p:StatusCode")),
    ("a status of failure", "shape", put(f"{STATUS}/p:StatusCode", "Value", f"{STATUSES}Requester")),
    ("a status of nothing", "shape", drop(f"{STATUS}/p:StatusCode", "Value")),
    ("a status that was a success inside", "shape", lambda root: (
        put(f"{STATUS}/p:StatusCode", "Value", f"{STATUSES}Responder")(root),
        etree.SubElement(xpath(root, f"{STATUS}/p:StatusCode"), f"{{{SAMLP}}}StatusCode", Value=f"{STATUSES}Success"))),
    ("an assertion of version 1.1", INNER_SHAPE, put(ASSERTION, "Version", "1.1")),
    ("an assertion of no version", INNER_SHAPE, drop(ASSERTION, "Version")),
    ("a Response of version 1.1", "shape", put(RESPONSE, "Version", "1.1")),
    ("a Response of no version", "shape", drop(RESPONSE, "Version")),
    ("an ID that is none", INNER_SHAPE, put(ASSERTION, "ID", "1st")),
    ("the same ID twice", INNER_SHAPE, put(ASSERTION, "ID", "_response-0001")),
    ("the same ID in an attribute value", INNER_SHAPE, put(EMAIL, "Id", "_response-0001")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "refusal"), [pytest.param(row[2], row[1], id=row[0]) for row in ROWS])
def test_refused(gate: Gate, change: Change, refusal: str) -> None:
    assert answers(gate, change) == everywhere(refusal)


@pytest.mark.parametrize("variant", VARIANTS)
def test_without_a_change_each_of_them_is_accepted(gate: Gate, variant: str) -> None:
    assert answers(gate, variants=[variant]) == {variant: ACCEPTED}


def test_a_signed_response_says_where_it_is_sent(gate: Gate) -> None:
    refused = everywhere("issuer", SIGNED_RESPONSE)
    assert answers(gate, drop(RESPONSE, "Destination"), SIGNED_RESPONSE) == refused


@pytest.mark.parametrize("variant", UNSIGNED_RESPONSE)
def test_an_unsigned_one_need_not(gate: Gate, variant: str) -> None:
    """Bindings 3.5.5.2 asks for it of signed messages; the Recipient, which is signed, says it as well."""
    assert answers(gate, drop(RESPONSE, "Destination"), [variant]) == {variant: ACCEPTED}


def test_a_signed_response_says_who_it_is_from(gate: Gate) -> None:
    """Profiles 4.1.4.2. pysaml2 would not know whose key it was signed with."""
    assert answers(gate, remove("a:Issuer"), SIGNED_RESPONSE) == everywhere("pysaml2", SIGNED_RESPONSE)


@pytest.mark.parametrize("variant", UNSIGNED_RESPONSE)
def test_of_an_unsigned_one_the_assertion_says_it(gate: Gate, variant: str) -> None:
    assert answers(gate, remove("a:Issuer"), [variant]) == {variant: ACCEPTED}


@pytest.mark.parametrize("variant", ["none", "response"])
def test_an_error_of_the_identity_provider_is_refused_politely(gate: Gate, variant: str) -> None:
    def fail(root: etree._Element) -> None:
        code = xpath(root, "p:Status/p:StatusCode")
        code.set("Value", f"{STATUSES}Responder")
        etree.SubElement(code, f"{{{SAMLP}}}StatusCode").set("Value", f"{STATUSES}AuthnFailed")
        etree.SubElement(xpath(root, "p:Status"), f"{{{SAMLP}}}StatusMessage").text = "The <b>password</b> has expired"
        remove(ASSERTION)(root)

    response = gate.post(gate.honest(variant, change=fail))
    assert gate.refused_by(response) == "shape"
    assert "password" not in response.text
    detail = db.session.scalars(db.select(SignInAttempt.detail)).one()
    assert detail == "the identity provider answered: Responder / AuthnFailed (The <b>password</b> has expired)"
