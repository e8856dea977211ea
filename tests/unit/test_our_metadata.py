"""The metadata that an identity provider is given about us."""

from __future__ import annotations

from lxml import etree

from saml.endpoints import endpoints
from saml.metadata import our_metadata
from tests.certificates import key_pair

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
OURS = endpoints("https://app.example", "c0ffee")


def read() -> etree._Element:
    return etree.fromstring(our_metadata(OURS, key_pair("P-256").pem))


def test_each_connection_has_its_own_addresses() -> None:
    other = endpoints("https://app.example", "another")
    assert not {OURS.entity_id, OURS.acs, OURS.start} & {other.entity_id, other.acs, other.start}
    assert read().get("entityID") == OURS.entity_id == OURS.metadata
    [acs] = read().iter(f"{MD}AssertionConsumerService")
    assert acs.get("Location") == OURS.acs == "https://app.example/saml/c0ffee/acs"
    assert acs.get("Binding") == "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def test_it_asks_for_signed_assertions_and_says_that_requests_are_signed() -> None:
    descriptor = read().find(f"{MD}SPSSODescriptor")
    assert descriptor is not None
    assert (descriptor.get("WantAssertionsSigned"), descriptor.get("AuthnRequestsSigned")) == ("true", "true")


def test_it_holds_the_signing_certificate_and_no_key_to_encrypt_with() -> None:
    [key] = read().iter(f"{MD}KeyDescriptor")
    assert key.get("use") == "signing"
    assert "".join("".join(key.itertext()).split()) == key_pair("P-256").base64


def test_its_elements_stand_in_the_order_of_the_schema() -> None:
    """SAML metadata 2.4.1 and 2.4.4: some identity providers validate what they are given."""
    descriptor = read().find(f"{MD}SPSSODescriptor")
    assert descriptor is not None
    assert [etree.QName(child).localname for child in descriptor] == [
        "KeyDescriptor",
        "SingleLogoutService",
        "SingleLogoutService",
        "NameIDFormat",
        "NameIDFormat",
        "AssertionConsumerService",
    ]
