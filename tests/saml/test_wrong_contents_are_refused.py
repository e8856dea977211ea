"""Well signed, by the right key, and still not a sign-in here and now. One change a row, with its refusal."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from database import db
from models import SignInAttempt
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import SAML, SAMLP, stamp, xpath

A = "a:Assertion"
FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:"
NAME_ID = f"{A}/a:Subject/a:NameID"
CONFIRMATION = f"{A}/a:Subject/a:SubjectConfirmation"
EMAIL = f"{A}/a:AttributeStatement/a:Attribute[@Name='email']/a:AttributeValue"
HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
DATA = f"{A}/a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData"
CONDITIONS = f"{A}/a:Conditions"
AUTHN = f"{A}/a:AuthnStatement"
Change = Callable[[etree._Element], Any]


def put(path: str, name: str, value: str) -> Change:
    return lambda root: xpath(root, path).set(name, value)


def drop(path: str, name: str) -> Change:
    return lambda root: xpath(root, path).attrib.pop(name)


def text(path: str, value: str) -> Change:
    def change(root: etree._Element) -> None:
        xpath(root, path).text = value

    return change


def remove(path: str) -> Change:
    def change(root: etree._Element) -> None:
        node = xpath(root, path)
        node.getparent().remove(node)

    return change


def twice(path: str, **attributes: str) -> Change:
    def change(root: etree._Element) -> None:
        node = xpath(root, path)
        copied = copy.deepcopy(node)
        for name, value in attributes.items():
            copied.set(name, value)
        node.addnext(copied)

    return change


def add(path: str, tag: str, value: str = "", **attributes: str) -> Change:
    def change(root: etree._Element) -> None:
        etree.SubElement(xpath(root, path), tag, **attributes).text = value

    return change


ROWS: list[tuple[str, str, Change]] = [
    ("issuer of the assertion", "issuer", text(f"{A}/a:Issuer", "https://other-idp.example")),
    ("issuer of the Response", "issuer", text("a:Issuer", "https://other-idp.example")),
    ("issuer that only begins alike", "issuer", text(f"{A}/a:Issuer", "http://127.0.0.1:8001/acme/metadata2")),
    ("issuer of another format", "issuer", put(f"{A}/a:Issuer", "Format", f"{FORMAT}unspecified")),
    ("no issuer in the assertion", "shape", remove(f"{A}/a:Issuer")),
    ("another destination", "issuer", put(".", "Destination", "https://other-sp.example/acs")),
    ("an empty destination", "issuer", put(".", "Destination", "")),
    ("another recipient", "subject", put(DATA, "Recipient", "https://other-sp.example/acs")),
    ("no recipient", "subject", drop(DATA, "Recipient")),
    ("no confirmation", "subject", remove(f"{A}/a:Subject/a:SubjectConfirmation")),
    ("a confirmation that is not bearer", "subject", put(CONFIRMATION, "Method", HOLDER)),
    ("a confirmation without data", "subject", remove(DATA)),
    ("a confirmation without an end", "subject", drop(DATA, "NotOnOrAfter")),
    ("a confirmation that has ended", "subject", put(DATA, "NotOnOrAfter", stamp(-200))),
    ("a confirmation that has not begun", "subject", put(DATA, "NotBefore", stamp(2_000))),
    ("an end that is no time", "subject", put(DATA, "NotOnOrAfter", "tomorrow")),
    ("another request in the confirmation", "request", put(DATA, "InResponseTo", "_other")),
    ("no request in the confirmation", "request", drop(DATA, "InResponseTo")),
    ("another request in the Response", "request", put(".", "InResponseTo", "_other")),
    ("no request in the Response", "request", drop(".", "InResponseTo")),
    ("a blank NameID", "subject", text(NAME_ID, "  ")),
    ("two NameIDs", "subject", twice(f"{A}/a:Subject/a:NameID")),
    ("a NameID with elements in it", "subject", add(f"{A}/a:Subject/a:NameID", f"{{{SAML}}}Audience")),
    ("a NameID of 501 letters", "subject", text(NAME_ID, "x" * 501)),
    ("a NameID of an unknown format", "subject_key", put(NAME_ID, "Format", f"{FORMAT}X509SubjectName")),
    ("an encrypted NameID", "shape", add(f"{A}/a:Subject", f"{{{SAML}}}EncryptedID")),
    ("no subject", "shape", remove(f"{A}/a:Subject")),
    ("no conditions", "shape", remove(CONDITIONS)),
    ("conditions without an end", "conditions", drop(CONDITIONS, "NotOnOrAfter")),
    ("conditions that have ended", "conditions", put(CONDITIONS, "NotOnOrAfter", stamp(-200))),
    ("conditions that have not begun", "conditions", put(CONDITIONS, "NotBefore", stamp(2_000))),
    ("no audience", "conditions", remove(f"{CONDITIONS}/a:AudienceRestriction")),
    ("another audience", "conditions", text(f"{CONDITIONS}/a:AudienceRestriction/a:Audience", "https://other-sp.example")),
    ("an empty audience restriction", "conditions", remove(f"{CONDITIONS}/a:AudienceRestriction/a:Audience")),
    ("a second restriction to somebody else", "conditions", lambda root: (
        twice(f"{CONDITIONS}/a:AudienceRestriction")(root),
        setattr(root.findall(f".//{{{SAML}}}Audience")[1], "text", "https://other-sp.example"),
    )),
    ("an unknown condition", "conditions", add(CONDITIONS, f"{{{SAML}}}Condition")),
    ("no authentication statement", "conditions", remove(AUTHN)),
    ("two authentication statements", "conditions", twice(AUTHN)),
    ("two attribute statements", "conditions", twice(f"{A}/a:AttributeStatement")),
    ("a session that is over", "conditions", put(AUTHN, "SessionNotOnOrAfter", stamp(-200))),
    ("an authorization statement", "shape", add(A, f"{{{SAML}}}AuthzDecisionStatement")),
    ("advice", "shape", add(A, f"{{{SAML}}}Advice")),
    ("extensions", "shape", lambda root: xpath(root, "p:Status").addprevious(etree.Element(f"{{{SAMLP}}}Extensions"))),
    ("a second assertion", "shape", twice(A, ID="_second")),
    ("no assertion", "shape", remove(A)),
    ("a second status", "shape", twice("p:Status")),
    ("version 1.1", "shape", put(A, "Version", "1.1")),
    ("no version", "shape", drop(".", "Version")),
    ("an ID that is none", "shape", put(A, "ID", "1 2")),
    ("the same ID twice", "shape", put(A, "ID", "_response-0001")),
    ("the same ID in an attribute value", "shape", put(EMAIL, "Id", "_response-0001")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "refusal"), [pytest.param(row[2], row[1], id=row[0]) for row in ROWS])
def test_refused(gate: Gate, change: Change, refusal: str) -> None:
    root = gate.message.xml()
    change(root)
    if refusal != "shape":  # which is refused before a signature is looked at
        forge.signed(root, "both", forge.signer_of("acme"))
    assert gate.refused_by(gate.post(root)) == refusal


def test_a_signed_response_without_a_destination(gate: Gate) -> None:
    root = gate.honest("response", change=drop(".", "Destination"))
    assert gate.refused_by(gate.post(root)) == "issuer"


@pytest.mark.parametrize("signed", ["none", "response"])
def test_an_error_of_the_identity_provider_is_refused_politely(gate: Gate, signed: str) -> None:
    def fail(root: etree._Element) -> None:
        code = xpath(root, "p:Status/p:StatusCode")
        code.set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
        inner = etree.SubElement(code, f"{{{SAMLP}}}StatusCode")
        inner.set("Value", "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed")
        etree.SubElement(xpath(root, "p:Status"), f"{{{SAMLP}}}StatusMessage").text = "The <b>password</b> has expired"
        remove(A)(root)

    response = gate.post(gate.honest(signed, change=fail))
    assert gate.refused_by(response) == "shape"
    assert "password" not in response.text
    detail = db.session.scalars(db.select(SignInAttempt.detail)).one()
    assert detail == "the identity provider answered: Responder / AuthnFailed (The <b>password</b> has expired)"


EMAILS = [
    ("eve@acme.example@evil.example", "email"),
    ("eve@evil.example\x00@acme.example".replace("\x00", "%00"), "email"),
    ('"eve@evil.example"@acme.example', "email"),
    ("eve@acme.example,ana@acme.example", "email"),
    ("eve @acme.example", "email"),
    ("<eve@acme.example>", "email"),
    ("eve@acme.example\neve@evil.example", "email"),
    ("eve@аcme.example", "email"),  # the first letter of the domain is Cyrillic
    ("eve@acme.exampłe", "email"),
    ("eve@ACME.EXAMPLE\u212a", "email"),  # the Kelvin sign, which lower-cases to k
    ("ſve@acme.example", "email"),
    ("eve@[127.0.0.1]", "email"),
    ("@acme.example", "email"),
    ("eve", "email"),
    ("e" * 250 + "@acme.example", "email"),
    ("eve+tag@acme.example.evil.example", "domain_not_verified"),
    ("eve@acme.example.evil.example", "domain_not_verified"),
    ("eve@evilacme.example", "domain_not_verified"),
    ("eve@sub.acme.example", "domain_not_verified"),
    ("eve@xn--cme-8cd.example", "domain_not_verified"),
    ("cleo@globex.example", "domain_not_verified"),
]


@pytest.mark.parametrize(("value", "refusal"), EMAILS)
def test_tricks_with_the_address(gate: Gate, value: str, refusal: str) -> None:
    root = gate.message.xml()
    xpath(root, EMAIL).text = value
    forge.signed(root, "assertion", forge.signer_of("acme"))
    assert gate.refused_by(gate.post(root)) == refusal


@pytest.mark.parametrize("values", [["eve@acme.example", "ana@acme.example"], ["eve@acme.example", "eve@evil.example"]])
def test_several_different_addresses(gate: Gate, values: list[str]) -> None:
    gate.message.attributes["email"] = values
    assert gate.refused_by(gate.post(gate.honest())) == "email"


def test_the_same_address_twice_is_one(gate: Gate) -> None:
    gate.message.attributes["email"] = ["eve@acme.example", "Eve@ACME.example"]
    gate.accepted(gate.post(gate.honest()))


def test_no_address_at_all(gate: Gate) -> None:
    gate.message.name_id, gate.message.name_id_format, gate.message.attributes = "0042", None, {}
    assert gate.refused_by(gate.post(gate.honest())) == "email_missing"


def test_a_plus_is_part_of_the_address(gate: Gate) -> None:
    gate.message.attributes["email"] = ["eve+test@acme.example"]
    assert gate.accepted(gate.post(gate.honest())).email == "eve+test@acme.example"
