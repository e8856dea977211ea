"""Names and attributes as SimpleSAMLphp's admins set them up: somebody stays the same from sign-in to sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.conftest import Setup
from tests.peers.identity_provider import EMAIL, FAMILY_NAME, GIVEN_NAME
from tests.peers.visitor import Visitor

EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


def only(attributes: list[str]) -> dict[str, Any]:
    return {"class": "core:AttributeLimit"} | {str(number): name for number, name in enumerate(attributes)}


def from_attribute(name: str, name_format: str, attributes: list[str] | None = None) -> dict[str, Any]:
    """The NameID is the value of an attribute; `attributes`: nothing but these is sent."""
    steps = {"3": {"class": "saml:AttributeNameID", "attribute": name, "Format": name_format}}
    return {"NameIDFormat": name_format, "authproc": steps | ({"50": only(attributes)} if attributes else {})}


HASHED = {"3": {"class": "saml:PersistentNameID", "attribute": "uid"}}


@pytest.mark.parametrize(
    ("options", "name_format", "stays"),
    [
        (from_attribute("mail", EMAIL_ADDRESS), EMAIL_ADDRESS, True),
        ({"NameIDFormat": PERSISTENT, "authproc": HASHED}, PERSISTENT, True),
        (from_attribute("uid", UNSPECIFIED), UNSPECIFIED, True),
        ({"NameIDFormat": EMAIL_ADDRESS, "userid.attribute": "uid"}, EMAIL_ADDRESS, True),
        ({"NameIDFormat": TRANSIENT}, TRANSIENT, False),
    ],
    ids=["emailAddress", "persistent", "unspecified", "emailAddress that is none", "transient"],
)
def test_the_second_sign_in_finds_the_account_of_the_first(
    setup: Setup, visitor: Visitor, options: dict[str, Any], name_format: str, stays: bool
) -> None:
    setup.idp.trust(setup.typed_by_hand)
    setup.idp.behave(options)
    names = []
    for reason in ("created_just_in_time", "known_identity"):
        visitor.forget_everything()
        visitor.sign_in_here()
        visitor.is_at("General")
        (name_id,) = visitor.carried("//saml:NameID")
        assert name_id.get("Format") == name_format
        names.append(name_id.text)
        assert setup.product.last_receipt()[0] == reason
    assert (names[0] == names[1]) == stays
    assert setup.product.ask("SELECT count(*) FROM user WHERE email = ?", EMAIL) == [1]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, {"mail", "givenName", "sn"}),
        (
            {
                "authproc": {"50": {"class": "core:AttributeMap", "0": "name2oid"}},
                "attributes.NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
            },
            {"urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:2.5.4.42", "urn:oid:2.5.4.4"},
        ),
        (
            {"authproc": {"50": {"class": "core:AttributeMap", "0": "name2claim"}}},
            {
                f"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/{name}"
                for name in ("emailaddress", "givenname", "surname")
            },
        ),
    ],
    ids=["basic", "OID", "claims"],
)
def test_address_and_names_are_found_under_each_naming(
    setup: Setup, visitor: Visitor, options: dict[str, Any], names: set[str]
) -> None:
    setup.idp.behave(options)
    visitor.sign_in_here()
    visitor.is_at("General")
    assert names <= set(visitor.carried("//saml:Attribute/@Name"))
    assert setup.product.account(EMAIL) == [GIVEN_NAME, FAMILY_NAME, "viewer", "jit"]


def test_without_attributes_an_address_as_name_id_is_enough(setup: Setup, visitor: Visitor) -> None:
    setup.idp.behave(from_attribute("mail", EMAIL_ADDRESS, attributes=["eduPersonAffiliation"]))
    visitor.sign_in_here()
    visitor.is_at("General")
    assert set(visitor.carried("//saml:Attribute/@Name")) == {"eduPersonAffiliation"}
    assert setup.product.account(EMAIL) == [None, None, "viewer", "jit"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"NameIDFormat": TRANSIENT, "authproc": {"50": only(["uid"])}}, "subject_key"),
        (from_attribute("uid", UNSPECIFIED, attributes=["uid"]), "email_missing"),
    ],
    ids=["transient and no address", "no address"],
)
def test_somebody_without_an_address_gets_no_account(
    setup: Setup, visitor: Visitor, options: dict[str, Any], reason: str
) -> None:
    setup.idp.trust(setup.typed_by_hand)
    setup.idp.behave(options)
    visitor.sign_in_here()
    visitor.is_at("You are not signed in", 403)
    assert setup.product.last_receipt()[0] == reason
    assert setup.product.ask("SELECT count(*) FROM user WHERE email <> 'ana@acme.example'") == [0]


def test_its_own_refusal_is_told_to_the_admin(setup: Setup, visitor: Visitor) -> None:
    status = "urn:oasis:names:tc:SAML:2.0:status"
    refuse = f'throw new SimpleSAML\\Module\\saml\\Error("{status}:Responder", "{status}:AuthnFailed", "Closed today");'
    visitor.sign_in_here()
    visitor.is_at("General")
    setup.idp.behave({"authproc": {"50": {"class": "core:PHP", "code": refuse}}})
    visitor.open(setup.ours["start"])
    visitor.is_refused(still_signed_in=True)
    reason, notes = setup.product.last_receipt()
    assert reason == "shape"
    assert notes["shape"] == "the identity provider answered: Responder / AuthnFailed (Closed today)"
    assert "Closed today" not in visitor.words
