"""An address that is none, that reads as two, or that only looks like one of the organization's own domains."""

from __future__ import annotations

import pytest

from tests.saml.changes import EMAIL, NAME_ID, STATEMENT, all_of, put, remove, text
from tests.saml.conftest import Gate
from tests.saml.variants import VARIANTS, answers, everywhere, sealed

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

TRICKS = [
    ("eve@acme.example@evil.example", "email"),
    ("eve@evil.example@acme.example", "email"),
    ("eve@evil.example%00@acme.example", "email"),
    ('"eve@evil.example"@acme.example', "email"),
    ('"eve"@acme.example', "email"),
    ("eve@acme.example,ana@acme.example", "email"),
    ("eve@acme.example;ana@acme.example", "email"),
    ("eve @acme.example", "email"),
    ("eve@acme.example ana@acme.example", "email"),
    ("eve@\u00a0acme.example", "email"),
    ("<eve@acme.example>", "email"),
    ("Eve <eve@acme.example>", "email"),
    ("eve(ana)@acme.example", "email"),
    ("mailto:eve@acme.example", "email"),
    ("eve@acme.example\neve@evil.example", "email"),
    ("eve@acme.example\tx", "email"),
    ("eve\u007f@acme.example", "email"),
    ("eve\u200b@acme.example", "email"),  # a space of no width
    ("eve@\u202eelpmaxe.emca", "email"),  # turns the direction of writing
    ("eve@аcme.example", "email"),
    ("eve@acme.exampłe", "email"),
    ("eve@acme。example", "email"),  # an ideographic full stop, which some resolvers take for a dot
    ("eve＠acme.example", "email"),
    ("eve@ACME.EXAMPLE\u212a", "email"),  # the Kelvin sign, which lower-cases to k
    ("ſve@acme.example", "email"),  # a long s, which upper-cases to S
    ("eve@[127.0.0.1]", "email"),
    ("eve@acme.example.", "email"),
    ("eve@acme..example", "email_missing"),  # the pattern lets two dots pass; the decision finds no address in it
    ("@acme.example", "email"),
    ("eve@", "email"),
    ("eve", "email"),
    ("e" * 65 + "@acme.example", "email"),
    ("eve@" + "a." * 120 + "acme.example", "email"),
    ("eve+tag@acme.example.evil.example", "domain_not_verified"),
    ("eve@acme.example.evil.example", "domain_not_verified"),
    ("eve@evilacme.example", "domain_not_verified"),
    ("eve@sub.acme.example", "domain_not_verified"),
    ("eve@acme.example.com", "domain_not_verified"),
    ("eve@acme-example.example", "domain_not_verified"),
    ("eve@xn--cme-8cd.example", "domain_not_verified"),
    ("cleo@globex.example", "domain_not_verified"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "refusal"), TRICKS)
def test_in_the_attribute(gate: Gate, value: str, refusal: str) -> None:
    assert answers(gate, text(EMAIL, value)) == everywhere(refusal)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("eve@acme.example@evil.example", "email_missing"),
        ('"eve@evil.example"@acme.example', "email_missing"),
        ("eve@аcme.example", "email_missing"),
        ("eve@acme.example.evil.example", "domain_not_verified"),
        ("cleo@globex.example", "domain_not_verified"),
    ],
)
def test_in_the_name_where_no_attribute_says_it(gate: Gate, value: str, refusal: str) -> None:
    name = all_of(text(NAME_ID, value), put(NAME_ID, "Format", UNSPECIFIED))
    assert answers(gate, all_of(remove(STATEMENT), name)) == everywhere(refusal)


@pytest.mark.parametrize("values", [["eve@acme.example", "ana@acme.example"], ["eve@acme.example", "eve@evil.example"]])
def test_several_different_addresses(gate: Gate, values: list[str]) -> None:
    gate.message.attributes["email"] = values
    assert answers(gate) == everywhere("email")


def test_no_address_at_all(gate: Gate) -> None:
    gate.message.name_id, gate.message.name_id_format, gate.message.attributes = "0042", None, {}
    assert answers(gate) == everywhere("email_missing")


@pytest.mark.parametrize(
    ("values", "address"),
    [
        (["eve@acme.example", "Eve@ACME.example"], "eve@acme.example"),
        (["eve+test@acme.example"], "eve+test@acme.example"),
        ([" eve@acme.example\n"], "eve@acme.example"),
        (["o'eve_x-y.z@acme.example"], "o'eve_x-y.z@acme.example"),
    ],
    ids=["twice the same", "a plus", "white space around it", "marks that are allowed"],
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_one_address(gate: Gate, variant: str, values: list[str], address: str) -> None:
    gate.message.attributes["email"] = values
    assert gate.accepted(gate.post(sealed(gate, variant, gate.message.xml()))).email == address
